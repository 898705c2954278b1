"""How one live video's chat is read: looked at again and again, and taken as it is pushed.

What is pushed comes at once and may lack something; the looks lack nothing and cost calls. Looks go on
beside whatever pushes, rarely while that can be trusted and at full pace when not.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from connectors.facebook.comments import Comments
from connectors.facebook.outcome import Gone
from connectors.facebook.settings import Read
from connectors.facebook.stream import StreamLost, pushed_comments
from connectors.facebook.webhook import read_notice
from connectors.facebook.wire import LIVE, is_whole
from domain.chat import Gap, LiveEvent, LiveEventKind, Message
from domain.errors import ActionRequired, BateleurError, Fault
from domain.sentences import sentence

if TYPE_CHECKING:
    from connectors.facebook.account import FacebookAccount

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
REFUSED_PAUSE_S = 30.0
GONE_PAUSE_S = 600.0
"""Until a stream that Facebook does not offer is asked for again."""
GAP_S = 30.0
LEAST_LOOK_S = 0.5
LOOKS_THAT_AGREE = 2
RARER, RAREST_S = 10.0, 30.0
Item = Message | Gap | LiveEvent
log = structlog.get_logger()


class Reading:
    """Reads the comments of one live video until it is closed; `problem` says what does not work."""

    def __init__(
        self,
        account: "FacebookAccount",
        comments: Comments,
        live_id: str,
        channel: str,
        hear_own: Callable[[Sequence[Mapping[str, Any]]], None],
    ) -> None:
        self.arrived: asyncio.Queue[Item | None] = asyncio.Queue()
        self._account = account
        self._comments = comments
        self._live_id = live_id
        self._channel = channel
        self._hear_own = hear_own
        self._closed = asyncio.Event()
        self._wake = asyncio.Event()
        self._status_at = 0.0
        self._not_live = 0
        self._look_problem: str | None = None
        self._stream_problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why comments are not read, or read by looking only; None when all is well."""
        return self._look_problem or self._stream_problem

    def close(self) -> None:
        """Stop reading."""
        self._closed.set()
        self._wake.set()

    def look_now(self) -> None:
        """Do not wait with the next look, unless that would be one look too many."""
        self._wake.set()

    def take_notice(self, raw_body: bytes) -> None:
        """Take the comments that a signed notice tells whole, and look if something is missing in it."""
        told = read_notice(raw_body)
        for id in told.removed:
            self._comments.forget(id)
        for comment in told.comments:
            self._take(comment)
        if not told.is_enough:
            self.look_now()

    async def run(self) -> None:
        """Put what is written in `arrived`, until closed."""
        async with asyncio.TaskGroup() as group:
            streaming = None
            if self._account.settings.read is Read.STREAM:
                streaming = group.create_task(self._stream_on())
            await self._look_on()
            if streaming is not None:
                streaming.cancel()

    def _take(self, comment: Mapping[str, Any]) -> None:
        is_ours = self._comments.is_of_this(str(comment.get("id")))
        if is_ours is None or (is_ours and not is_whole(comment)):
            self.look_now()
        elif is_ours:
            self._bring(*self._comments.take(comment))

    def _bring(self, messages: Sequence[Message], own: Sequence[Mapping[str, Any]]) -> None:
        self._hear_own(own)
        for message in messages:
            self.arrived.put_nowait(message)

    async def _look_on(self) -> None:
        pause, lost_at = FIRST_PAUSE_S, None
        while not self._closed.is_set():
            try:
                await self._look()
                if lost_at is not None and (datetime.now(UTC) - lost_at).total_seconds() > GAP_S:
                    gap = Gap(self._channel, lost_at, datetime.now(UTC), is_recoverable=True)
                    self.arrived.put_nowait(gap)
                pause, lost_at, self._look_problem = FIRST_PAUSE_S, None, None
                wait = self._rest_s()
            except BateleurError as error:
                lost_at = lost_at or datetime.now(UTC)
                if isinstance(error, Gone):
                    self._count_status(is_live=False)
                wait = self._after(error, pause)
                pause = min(LONGEST_PAUSE_S, pause * 2)
            await self._sleep(wait)

    async def _look(self) -> None:
        self._bring(*await self._comments.look())
        if time.monotonic() - self._status_at > self._account.settings.status_s:
            self._status_at = time.monotonic()
            await self._look_at_status()

    async def _look_at_status(self) -> None:
        try:
            video = await self._account.ask(self._live_id, fields="id,status")
        except Gone:
            raise
        except Fault:
            return
        self._count_status(is_live=video.get("status") == LIVE)

    def _count_status(self, *, is_live: bool) -> None:
        """Told once, and only when a second look agrees: a status lags behind a reconnecting encoder."""
        was_over = self._not_live >= LOOKS_THAT_AGREE
        self._not_live = 0 if is_live else self._not_live + 1
        if was_over is not (self._not_live >= LOOKS_THAT_AGREE):
            kind = LiveEventKind.STARTED if was_over else LiveEventKind.ENDED
            self.arrived.put_nowait(LiveEvent(self._channel, kind, datetime.now(UTC)))

    def _rest_s(self) -> float:
        usage = self._account.graph.usage
        if usage.must_wait:
            return max(REFUSED_PAUSE_S, usage.regain_s)
        settings = self._account.settings
        is_trusted = self._comments.trust.is_earned(time.monotonic())
        rarely = max(settings.poll_s, min(RAREST_S, settings.poll_s * RARER))
        is_rare = is_trusted and settings.read is not Read.POLL
        return (rarely if is_rare else settings.poll_s) * usage.slowness

    def _after(self, error: BateleurError, pause: float) -> float:
        if self._look_problem != str(error):
            log.warning("facebook_not_read", channel=self._channel, why=str(error))
        self._look_problem = error.sentence
        if isinstance(error, ActionRequired):
            return REFUSED_PAUSE_S
        return getattr(error, "retry_after", None) or pause

    async def _sleep(self, seconds: float) -> None:
        """Wait for so long, or for a notice; never less than the least, and through a block all of it."""
        least = seconds if self._account.graph.usage.must_wait else min(seconds, LEAST_LOOK_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(least):
                await self._closed.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds - least):
                await self._wake.wait()
        self._wake.clear()

    async def _stream_on(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            if self._account.graph.usage.must_wait:
                await asyncio.sleep(REFUSED_PAUSE_S)
                continue
            try:
                async with aclosing(pushed_comments(self._account.graph, self._live_id)) as pushed:
                    async for comment in pushed:
                        if comment is not None:
                            pause = FIRST_PAUSE_S
                            self._stream_works()
                            self._take(comment)
            except StreamLost as lost:
                self._stream_lost(lost)
                await asyncio.sleep(GONE_PAUSE_S if lost.is_refused else pause)
                pause = min(LONGEST_PAUSE_S, pause * 2)

    def _stream_works(self) -> None:
        if self._stream_problem is not None:
            log.info("facebook_stream_back", channel=self._channel)
        self._stream_problem = None

    def _stream_lost(self, lost: StreamLost) -> None:
        """Nothing is lost: what the stream did not bring, the next look finds."""
        if self._stream_problem is None:
            log.warning("facebook_stream_lost", channel=self._channel, why=str(lost))
        self._stream_problem = sentence(
            "Facebook's stream does not work ({why}): comments are looked at instead.", why=lost
        )
        self._comments.trust.lost()
        self.look_now()
