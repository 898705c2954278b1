"""The live video of one Page as a `Connector`."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from connectors.facebook.comments import Comments
from connectors.facebook.outcome import ALREADY_REPLIED, Refused, Unclear, in_our_words, unreachable
from connectors.facebook.pairing import Pairing
from connectors.facebook.wire import LIVE
from domain.chat import Gap, LiveEvent, LiveEventKind, Message
from domain.errors import ActionRequired, BateleurError, Fault
from domain.plaintext import harmless
from domain.ports import Capabilities, SendBudget, Sent
from domain.show import DeliveryWay

if TYPE_CHECKING:
    from connectors.facebook.account import FacebookAccount

LONGEST = 1_000
"""Graph takes more; nobody reads more."""
BUDGET = SendBudget(15, 60.0, 3.0)
"""Facebook publishes no rate for a Page's comments: one in three seconds, and never one after another."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
REFUSED_PAUSE_S = 30.0
GAP_S = 30.0
LEAST_LOOK_S = 0.5
ECHO_LOOKS = 3
OWN_REMEMBERED = 500
log = structlog.get_logger()


class FacebookConnector:
    """The channel `facebook:<page id>` (its running live video) or `facebook:<live video id>`."""

    def __init__(self, account: "FacebookAccount", id: str) -> None:
        self.id = id
        self.channel = f"facebook:{id}"
        self.problem: str | None = None
        self.live_id = ""
        self._account = account
        self._comments: Comments | None = None
        self._history: list[Message] = []
        self._pairing = Pairing(account)
        self._own: deque[str] = deque(maxlen=OWN_REMEMBERED)
        self._expected: dict[str, asyncio.Future[str]] = {}
        self._closed = asyncio.Event()
        self._wake = asyncio.Event()
        self._status_at = 0.0
        self._not_live = 0

    @property
    def account(self) -> str:
        """The Page, whose budget its live videos share."""
        return self._account.name

    @property
    def capabilities(self) -> Capabilities:
        """What Facebook offers, and how fast the Page may write."""
        return Capabilities(LONGEST, BUDGET, can_thread=True, private=DeliveryWay.REPLY, has_backfill=True)

    def plan_until(self, ends_at: datetime | None) -> None:
        """Nothing to spread: Facebook counts by the hour."""

    async def connect(self) -> None:
        """Check the token, find the live video, and take what stands under it for history."""
        self._closed.clear()
        await self._account.check()
        self.live_id = await self._find_live()
        self._comments = Comments(self._account, self.live_id, self.channel)
        self._history = await self._comments.begin()

    async def close(self) -> None:
        """Stop reading."""
        self._closed.set()
        self._wake.set()

    async def messages(self) -> AsyncIterator[Message | Gap | LiveEvent]:
        """What the chat brings, until it is closed. For one reader."""
        history, self._history = self._history, []
        for message in history:
            yield message
        pause, lost_at = FIRST_PAUSE_S, None
        while not self._closed.is_set():
            try:
                for item in await self._look():
                    yield item
                if lost_at is not None and (datetime.now(UTC) - lost_at).total_seconds() > GAP_S:
                    yield Gap(self.channel, lost_at, datetime.now(UTC), is_recoverable=True)
                pause, lost_at, self.problem = FIRST_PAUSE_S, None, None
                wait = self._rest_s()
            except BateleurError as error:
                lost_at = lost_at or datetime.now(UTC)
                wait = self._after(error, pause)
                pause = min(LONGEST_PAUSE_S, pause * 2)
            await self._sleep(wait)

    def look_now(self) -> None:
        """A signed notice came in: the comments are looked at, unless that would be one look too many."""
        self._wake.set()

    async def send(self, text: str, *, reply_to: str | None = None) -> Sent:
        """Comment as the Page, once. When its fate is open, the comment is looked for; else not sure."""
        line = harmless(text)
        if not line:
            raise Fault("There is nothing to say on Facebook: the text is empty.", is_retryable=False)
        self._must_not_wait()
        self._own.append(line)
        expected = self._expected[line] = asyncio.get_running_loop().create_future()
        parent = reply_to or self.live_id
        try:
            answer = await self._account.on_thread(
                lambda: self._account.graph.post(f"{parent}/comments", {"message": line})
            )
            return Sent(str(answer.get("id") or ""))
        except Unclear:
            return await self._confirmed(expected)
        except Refused as error:
            if error.is_transient:
                return await self._confirmed(expected)
            raise in_our_words(error) from None
        finally:
            self._expected.pop(line, None)

    async def send_private(self, message: Message, text: str) -> Sent:
        """Reply privately to a comment. Facebook takes one each: asked again it says so, and all is well."""
        self._must_not_wait()
        body = {"recipient": {"comment_id": message.id}, "message": {"text": text}}
        try:
            answer = await self._account.on_thread(
                lambda: self._account.graph.post(f"{self._account.page_id}/messages", body)
            )
        except Unclear:
            return Sent("", is_sure=False)
        except Refused as error:
            if error.code == ALREADY_REPLIED:
                return Sent("")
            if unreachable(error):
                why = f"Facebook does not let this viewer be reached: {error}."
                raise Fault(why, is_retryable=False) from None
            raise in_our_words(error) from None
        return Sent(str(answer.get("message_id") or ""))

    async def _look(self) -> list[Message | LiveEvent]:
        assert self._comments is not None, "connect comes first"
        messages, own = await self._comments.look()
        self._hear_own(own)
        found: list[Message | LiveEvent] = []
        for message in messages:
            is_ours = message.author.id == self._account.page_id and message.text in self._own
            if not is_ours and not await self._pairing.takes(message):
                found.append(message)
        if time.monotonic() - self._status_at > self._account.settings.status_s:
            self._status_at = time.monotonic()
            found += await self._look_at_status()
        return found

    async def _look_at_status(self) -> list[LiveEvent]:
        try:
            video = await self._account.ask(self.live_id, fields="id,status")
        except Fault:
            return []
        self._not_live = 0 if video.get("status") == LIVE else self._not_live + 1
        # Told once, and only when a second look agrees: a status lags behind a reconnecting encoder.
        has_ended = self._not_live == 2
        return [LiveEvent(self.channel, LiveEventKind.ENDED, datetime.now(UTC))] if has_ended else []

    async def _find_live(self) -> str:
        if self.id != self._account.page_id:
            video = await self._account.ask(self.id, fields="id,status")
            return str(video["id"])
        query = {"broadcast_status": '["LIVE"]', "source": "owner", "fields": "id,status,title"}
        found = (await self._account.ask(f"{self.id}/live_videos", **query)).get("data") or []
        if not found:
            raise Fault("The Page has no live video on; it is looked for again.", is_retryable=True)
        if len(found) > 1:
            names = ", ".join(f"facebook:{video['id']} ({video.get('title') or '?'})" for video in found)
            raise ActionRequired(f"The Page has several live videos on: open the live on one of {names}.")
        return str(found[0]["id"])

    def _hear_own(self, comments: list[Mapping[str, Any]]) -> None:
        for comment in comments:
            expected = self._expected.get(str(comment.get("message")))
            if expected is not None and not expected.done():
                expected.set_result(str(comment["id"]))

    async def _confirmed(self, expected: "asyncio.Future[str]") -> Sent:
        try:
            async with asyncio.timeout(ECHO_LOOKS * self._account.settings.poll_s):
                return Sent(await expected)
        except TimeoutError:
            return Sent("", is_sure=False)

    def _must_not_wait(self) -> None:
        usage = self._account.graph.usage
        if usage.must_wait:
            why = "Facebook asks the Page to wait: its calls are used up."
            raise Fault(why, is_retryable=True, retry_after=max(REFUSED_PAUSE_S, usage.regain_s))

    def _rest_s(self) -> float:
        usage = self._account.graph.usage
        if usage.must_wait:
            return max(REFUSED_PAUSE_S, usage.regain_s)
        return self._account.settings.poll_s * usage.slowness

    def _after(self, error: BateleurError, pause: float) -> float:
        if self.problem != str(error):
            log.warning("facebook_not_read", channel=self.channel, why=str(error))
        self.problem = str(error)
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
