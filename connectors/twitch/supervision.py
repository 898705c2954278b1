"""Keeps an account's channels read, whatever ends its sockets."""

import asyncio
import random
import time
from collections.abc import Mapping
from contextlib import suppress

import structlog

from connectors.twitch.helix import Helix
from connectors.twitch.outcome import Answered, Unclear, Unreached
from connectors.twitch.pace import Pace
from connectors.twitch.place import Place
from connectors.twitch.reader import OnNotification, Reader
from connectors.twitch.settings import TwitchSettings
from connectors.twitch.socket_watch import SocketWatch
from connectors.twitch.tokens import Tokens
from domain.errors import ActionRequired, Fault
from domain.sentences import sentence_of

HEALTHY_S = 30.0
SECOND_LOOK_S = 60.0
log = structlog.get_logger()


class Supervision:
    """Opens a socket, has it watched until it ends, and opens the next one.

    `wake` has it look at its places at once; `problem` is a sentence for whoever can mend it.
    """

    def __init__(
        self,
        settings: TwitchSettings,
        pace: Pace,
        helix: Helix,
        tokens: Tokens,
        places: Mapping[str, Place],
        take: OnNotification,
    ) -> None:
        self.settings = settings
        self.pace = pace
        self.helix = helix
        self.places = places
        self.wake = asyncio.Event()
        self.problem: str | None = None
        self.last_failure: str = ""
        self._tokens = tokens
        self._take = take
        self._validate_at = time.monotonic() + pace.validate_s
        self._task: asyncio.Task[None] | None = None

    @property
    def user_id(self) -> str:
        """The bot's own id."""
        return self._tokens.identity.user_id if self._tokens.identity else ""

    def start(self) -> None:
        """Begin to read."""
        self._task = asyncio.create_task(self._run(), name="twitch supervision")

    async def stop(self) -> None:
        """Close every socket."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def reader(self) -> Reader:
        """A socket that is not yet open."""
        return Reader(self.helix, self.user_id, self._take, self.wake)

    async def look_later(self) -> None:
        """Wait a tick, or until something happened."""
        # Not wait_for: in Python 3.11 it may swallow a cancellation that comes with the event.
        with suppress(TimeoutError):
            async with asyncio.timeout(self.pace.tick_s):
                await self.wake.wait()
        self.wake.clear()

    async def validate_when_due(self) -> None:
        """The hourly look at the token; what it finds is kept as `problem`, and reading goes on."""
        if time.monotonic() < self._validate_at:
            return
        try:
            await self._tokens.check()
        except Fault as error:
            self._validate_at = time.monotonic() + SECOND_LOOK_S
            log.warning("twitch_token_not_checked", why=str(error))
        except ActionRequired as error:
            self._validate_at = time.monotonic() + self.pace.refused_s
            self._complain(error.sentence)
        else:
            self._validate_at = time.monotonic() + self.pace.validate_s
            self.problem = None

    def suspect_token(self) -> None:
        """Look at the token before anything else is asked of Twitch."""
        self._validate_at = 0.0

    async def _run(self) -> None:
        pause = self.pace.first_pause_s
        while True:
            await self._someone_wants()
            started = time.monotonic()
            await self._read_once()
            self.suspect_token()
            if time.monotonic() - started > HEALTHY_S:
                pause = self.pace.first_pause_s
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))
            pause = min(self.pace.longest_pause_s, pause * 2)

    async def _someone_wants(self) -> None:
        """Without a channel to read there is no socket: Twitch closes an unused one with 4003."""
        while not any(place.wants() for place in self.places.values()):
            await self.look_later()

    async def _read_once(self) -> None:
        """One socket and its successors, until the last has ended. Raises nothing but cancellation."""
        try:
            await self.validate_when_due()
            await SocketWatch(self).run()
        except (Unreached, Unclear, Answered, Fault) as error:
            self.last_failure = sentence_of(error)
            log.warning("twitch_socket_failed", why=str(error))
        except ActionRequired as error:
            self._complain(error.sentence)
        except Exception:
            log.exception("twitch_supervision_stumbled")

    def _complain(self, why: str) -> None:
        if self.problem != why:
            log.error("twitch_needs_a_person", why=why)
        self.problem = self.last_failure = why
