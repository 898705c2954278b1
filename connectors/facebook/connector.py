"""The live video of one Page as a `Connector`."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from connectors.facebook.comments import Comments
from connectors.facebook.outcome import ALREADY_REPLIED, Refused, Unclear, in_our_words, unreachable
from connectors.facebook.pairing import Pairing
from connectors.facebook.reading import REFUSED_PAUSE_S, Reading
from domain.chat import Gap, LiveEvent, LiveEventKind, Message
from domain.errors import ActionRequired, BateleurError, Fault
from domain.plaintext import harmless
from domain.ports import Capabilities, SendBudget, Sent
from domain.sentences import sentence
from domain.show import DeliveryWay

if TYPE_CHECKING:
    from connectors.facebook.account import FacebookAccount

LONGEST = 1_000
"""Graph takes more; nobody reads more."""
BUDGET = SendBudget(15, 60.0, 3.0)
"""Facebook publishes no rate for a Page's comments: one in three seconds, and never one after another."""
ECHO_LOOKS = 3
OWN_REMEMBERED = 500
CLOCKS_APART = timedelta(seconds=5)
log = structlog.get_logger()


class FacebookConnector:
    """The channel `facebook:<page id>` (its running live video) or `facebook:<live video id>`."""

    def __init__(self, account: "FacebookAccount", id: str) -> None:
        self.id = id
        self.channel = f"facebook:{id}"
        self.live_id = ""
        self._account = account
        self._reading: Reading | None = None
        self._is_closed = False
        self._in_turn = asyncio.Lock()
        self._in_turn = asyncio.Lock()
        self._history: list[Message] = []
        self._pairing = Pairing(account)
        self._own: deque[str] = deque(maxlen=OWN_REMEMBERED)
        self._expected: dict[str, asyncio.Future[str]] = {}

    @property
    def account(self) -> str:
        """The Page, whose budget its live videos share."""
        return self._account.name

    @property
    def problem(self) -> str | None:
        """What does not work in the reading, in a sentence."""
        return self._reading.problem if self._reading else None

    @property
    def capabilities(self) -> Capabilities:
        """What Facebook offers, and how fast the Page may write."""
        return Capabilities(LONGEST, BUDGET, can_thread=True, private=DeliveryWay.REPLY, has_backfill=True)

    def plan_until(self, ends_at: datetime | None) -> None:
        """Nothing to spread: Facebook counts by the hour."""

    async def connect(self) -> None:
        """Check the token, find the live video, and take what stands under it for history."""
        await self._account.check()
        live_id = await self._find_live()
        if live_id is None:
            raise Fault("The Page has no live video on; it is looked for again.", is_retryable=True)
        self._is_closed = False
        self._history = await self._turn_to(live_id).begin()

    async def close(self) -> None:
        """Stop reading."""
        self._is_closed = True
        if self._reading is not None:
            self._reading.close()

    async def messages(self) -> AsyncIterator[Message | Gap | LiveEvent]:
        """What the chat brings, until it is closed; after its end that of a live video which follows. For one
        reader."""
        history, self._history = self._history, []
        for message in history:
            yield message
        while not self._is_closed:
            assert self._reading is not None, "connect comes first"
            async for item in self._brought_by(self._reading):
                yield item
            if not self._is_closed:
                yield LiveEvent(self.channel, LiveEventKind.STARTED, datetime.now(UTC))

    async def _brought_by(self, reading: Reading) -> AsyncIterator[Message | Gap | LiveEvent]:
        arrived = reading.arrived
        tasks = [asyncio.create_task(reading.run())]
        tasks[0].add_done_callback(lambda _: arrived.put_nowait(None))
        try:
            while not (tasks[0].done() and arrived.empty()):
                item = await arrived.get()
                if isinstance(item, LiveEvent):
                    self._search(tasks, item)
                if item is not None and await self._is_for_others(item):
                    yield item
            await tasks[0]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _search(self, tasks: "list[asyncio.Task[None]]", event: LiveEvent) -> None:
        """Look for what follows a live video of the Page's that has ended; no longer when it is on again."""
        for searching in tasks[1:]:
            searching.cancel()
        if event.kind is LiveEventKind.ENDED and self.id == self._account.page_id:
            tasks.append(asyncio.create_task(self._follow(event.at, self.live_id)))

    async def _follow(self, ended_at: datetime, ended: str) -> None:
        """The Page's live video has ended: turn to the one that follows, as soon as there is one."""
        old = self._reading
        while True:
            await asyncio.sleep(self._account.settings.status_s)
            try:
                live_id = await self._find_live(but_not=ended)
            except BateleurError:
                continue  # the reading tells what does not work
            if live_id is not None and old is not None:
                self._turn_to(live_id).follow(ended_at - CLOCKS_APART)
                log.info("facebook_live_found", channel=self.channel, live=live_id)
                old.close()
                return

    def _turn_to(self, live_id: str) -> Comments:
        self.live_id = live_id
        comments = Comments(self._account, live_id, self.channel)
        self._reading = Reading(self._account, comments, live_id, self.channel, self._hear_own)
        return comments

    def look_now(self) -> None:
        """The comments are looked at, unless that would be one look too many."""
        if self._reading is not None:
            self._reading.look_now()

    def take_notice(self, raw_body: bytes) -> None:
        """A signed notice came in: what it tells whole is taken, the rest is looked at."""
        if self._reading is not None:
            self._reading.take_notice(raw_body)

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
        """Reply privately to a comment. Facebook takes one each: asked again it says so, and all is well.

        Slower while the Page's calls are nearly used up, so that the block does not come.
        """
        self._must_not_wait()
        if self._account.graph.usage.slowness > 1:
            async with self._in_turn:
                await asyncio.sleep(self._account.settings.poll_s)
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
                why = sentence("Facebook does not let this viewer be reached: {error}.", error=error)
                raise Fault(why, is_retryable=False) from None
            raise in_our_words(error) from None
        return Sent(str(answer.get("message_id") or ""))

    async def _is_for_others(self, item: Message | Gap | LiveEvent) -> bool:
        """Whether it is neither our own echo nor a moderator's pairing."""
        if not isinstance(item, Message):
            return True
        is_ours = item.author.id == self._account.page_id and item.text in self._own
        return not is_ours and not await self._pairing.takes(item)

    async def _find_live(self, *, but_not: str = "") -> str | None:
        """The live video that is on; None when none is. Raises `ActionRequired` when a person must choose."""
        if self.id != self._account.page_id:
            video = await self._account.ask(self.id, fields="id,status")
            return str(video["id"])
        query = {"broadcast_status": '["LIVE"]', "source": "owner", "fields": "id,status,title"}
        found = (await self._account.ask(f"{self.id}/live_videos", **query)).get("data") or []
        left = [video for video in found if str(video["id"]) != but_not]
        if len(left) > 1:
            names = ", ".join(f"facebook:{video['id']} ({video.get('title') or '?'})" for video in left)
            raise ActionRequired(
                sentence("The Page has several live videos on: open the live on one of {names}.", names=names)
            )
        return str(left[0]["id"]) if left else None

    def _hear_own(self, comments: Sequence[Mapping[str, Any]]) -> None:
        for comment in comments:
            expected = self._expected.get(str(comment.get("message")))
            if expected is not None and not expected.done():
                expected.set_result(str(comment["id"]))

    async def _confirmed(self, expected: "asyncio.Future[str]") -> Sent:
        for _ in range(ECHO_LOOKS):
            self.look_now()
            await asyncio.wait([expected], timeout=self._account.settings.poll_s)
            if expected.done():
                return Sent(expected.result())
        return Sent("", is_sure=False)

    def _must_not_wait(self) -> None:
        usage = self._account.graph.usage
        if usage.must_wait:
            why = "Facebook asks the Page to wait: its calls are used up."
            raise Fault(why, is_retryable=True, retry_after=max(REFUSED_PAUSE_S, usage.regain_s))
