"""A channel's place in its account: read, lost, or refused."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import structlog

from connectors.twitch.connector import TwitchConnector
from connectors.twitch.reader import Reader
from domain.chat import Gap
from domain.errors import ActionRequired

LONGEST_PAUSE_S = 15.0
FIRST_PAUSE_S = 0.25
log = structlog.get_logger()


class Place:
    """What an account knows of one of its channels. Times without a name are monotonic seconds."""

    def __init__(self, connector: TwitchConnector) -> None:
        self.connector = connector
        self.on: Reader | None = None
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.refusal: str | None = None
        self.retry_at = 0.0
        self._failures = 0
        self._revocations = 0
        self._lost_at: datetime | None = None

    def wants(self) -> bool:
        """True when it should be subscribed now."""
        return self.on is None and time.monotonic() >= self.retry_at

    def found(self, reader: Reader) -> None:
        """It is read from now on; what was missed before becomes a gap."""
        self.on, self.refusal, self._failures = reader, None, 0
        if self._lost_at is not None:
            self.connector.give(Gap(self.connector.channel, self._lost_at, datetime.now(UTC), False))
            log.warning("twitch_channel_found_again", channel=self.connector.channel)
            self._lost_at = None
        if not self.joined.done():
            self.joined.set_result(None)

    def lose(self, silent_s: float) -> None:
        """It is no longer read; its last frame was `silent_s` seconds ago."""
        if self.on is not None:
            self.on = None
            self._lost_at = self._lost_at or datetime.now(UTC) - timedelta(seconds=silent_s)

    def revoke(self) -> None:
        """Twitch took the subscription back; each time the next try waits longer."""
        self.lose(0.0)
        self._revocations += 1
        self.retry_at = time.monotonic() + min(60.0, 2.0**self._revocations - 2)

    def postpone(self, wait_s: float | None) -> None:
        """The subscription failed, and may succeed after `wait_s`, or after a growing pause."""
        self._failures += 1
        pause = wait_s or min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._failures - 1, 10))
        self.retry_at = time.monotonic() + pause

    def refuse(self, why: str, wait_s: float) -> None:
        """Only a person can mend this; it is tried again after `wait_s`."""
        if self.refusal != why:
            log.error("twitch_channel_refused", channel=self.connector.channel, why=why)
        self.refusal = why
        self.retry_at = time.monotonic() + wait_s
        if not self.joined.done():
            self.joined.set_exception(ActionRequired(why))
