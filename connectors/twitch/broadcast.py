"""Whether a channel broadcasts, believed only when it lasts.

Twitch's stream.online and stream.offline flap within a minute (twitchdev/issues#230).
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from domain.chat import LiveEvent, LiveEventKind


class Broadcast:
    """Gives a `LiveEvent` when the channel has been on, or off, for `debounce_s` seconds."""

    def __init__(self, channel: str, debounce_s: float, give: Callable[[LiveEvent], None]) -> None:
        self._channel = channel
        self._debounce_s = debounce_s
        self._give = give
        self._is_on: bool | None = None
        self._timer: asyncio.TimerHandle | None = None

    def found(self, is_on: bool, at: datetime) -> None:
        """What Twitch answers when asked: believed, but an unknown channel that is off is no news."""
        if self._is_on is None:
            self._is_on = is_on
            if is_on:
                self._give(LiveEvent(self._channel, LiveEventKind.STARTED, at))
        else:
            self.told(is_on, at)

    def told(self, is_on: bool, at: datetime) -> None:
        """What an event says: given on when nothing else is said for a while."""
        self.forget()
        if is_on != self._is_on:
            self._timer = asyncio.get_running_loop().call_later(self._debounce_s, self._believe, is_on, at)

    def forget(self) -> None:
        """Drop what is not yet believed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _believe(self, is_on: bool, at: datetime) -> None:
        self._is_on = is_on
        kind = LiveEventKind.STARTED if is_on else LiveEventKind.ENDED
        self._give(LiveEvent(self._channel, kind, at))
