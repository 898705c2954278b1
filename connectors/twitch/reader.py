"""twitchio's EventSub websocket, without the ways in which it falls silent.

What is ours and why (twitchio 3.3.2, eventsub/websockets.py):
- frames go to a callback as they came, in order: twitchio makes an object and a task of each;
- `session_reconnect` is only noted: twitchio stops reading the old socket until the new one is
  welcomed, and what Twitch sends meanwhile is lost; our account reads both;
- every end, whatever its reason, sets `ended`: twitchio reconnects some by itself, forgets its
  subscriptions when that fails, and goes silent for good on others.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import structlog
from yarl import URL

from connectors.twitch.helix import Helix
from connectors.twitch.library import Websocket, WebsocketConnectionException
from connectors.twitch.outcome import Unreached
from domain.sentences import sentence

Frame = dict[str, Any]
CLOSE_S = 1.0
OnNotification = Callable[[Frame], None]
log = structlog.get_logger()


class Reader(Websocket):
    """One socket. `wake` is set whenever its owner should look at it."""

    def __init__(
        self, helix: Helix, user_id: str, on_notification: OnNotification, wake: asyncio.Event
    ) -> None:
        super().__init__(http=helix, token_for=user_id)
        self.reconnect_url: str | None = None
        self.has_ended = False
        self.ended_code: int | None = None
        self.keepalive_s: float | None = None
        self.revoked: list[Frame] = []
        self._on_notification = on_notification
        self._wake = wake
        self._frame_mark: object = None
        self._heard_at = time.monotonic()

    async def open(self, url: str, keepalive_s: int | None, answer_s: float) -> None:
        """Connect and wait for the welcome; raises `Unreached`. None keeps `url` unchanged."""
        if keepalive_s is not None:
            url = str(URL(url).update_query(keepalive_timeout_seconds=keepalive_s))
        try:
            async with asyncio.timeout(answer_s):
                await self.connect(url=url, fail_once=True)
        except (TimeoutError, WebsocketConnectionException) as error:
            await self.close()
            reason = error.__cause__ or error
            why = sentence("Twitch's EventSub gave no welcome ({kind})", kind=type(reason).__name__)
            raise Unreached(why) from None
        except asyncio.CancelledError:
            await self.close()
            raise
        if not self._session_id:
            await self.close()
            why = sentence(
                "Twitch's EventSub closed the socket before its welcome ({code})", code=self.ended_code
            )
            raise Unreached(why)
        if self._listen_task:
            self._listen_task.add_done_callback(self._listened)

    def silent_s(self) -> float:
        """Seconds since the last frame, as exact as this is asked often."""
        if self._last_keepalive is not self._frame_mark:
            self._frame_mark = self._last_keepalive
            self._heard_at = time.monotonic()
        return time.monotonic() - self._heard_at

    async def close(self, cleanup: bool = True, *, reassociate: bool = True) -> None:
        """Close the socket, within a second even when nobody answers; may be called again."""
        self._end()
        try:
            async with asyncio.timeout(CLOSE_S):
                await super().close(cleanup, reassociate=reassociate)
        except TimeoutError:
            if self._listen_task is not None:
                self._listen_task.cancel()

    def _end(self) -> None:
        if self._socket is not None and self._socket.close_code is not None:
            self.ended_code = self._socket.close_code
        self.has_ended = True
        self._ready.set()  # who waits for the welcome need not wait on
        self._wake.set()

    def _listened(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            log.warning("twitch_frame_not_understood", why=type(task.exception()).__name__)
        self._end()

    async def _create_connection_task(self) -> None:
        self._end()

    async def _process_keepalive(self) -> None:
        """The account watches over the silence, on a clock that no summer time moves."""

    async def _process_welcome(self, data: Any) -> None:
        session = data["payload"]["session"]
        keepalive = session.get("keepalive_timeout_seconds")
        self.keepalive_s = float(keepalive) if isinstance(keepalive, (int, float)) else None
        self._session_id = str(session["id"])
        self._ready.set()

    async def _process_reconnect(self, data: Any) -> None:
        self.reconnect_url = data["payload"]["session"]["reconnect_url"]
        self._wake.set()

    async def _process_revocation(self, data: Any) -> None:
        self.revoked.append(data["payload"]["subscription"])
        self._wake.set()

    async def _process_notification(self, data: Any) -> None:
        self._on_notification(data)
