"""The chat of one broadcast as a `Connector`."""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from connectors.seen import Seen
from connectors.youtube.broadcast import find_broadcast, is_over
from connectors.youtube.outcome import BAD_TOKEN, ENDED, GONE, Refused, Unclear
from connectors.youtube.reading import Reading
from connectors.youtube.wire import CHAT_ENDED, Page, read_item
from domain.chat import Gap, LiveEvent, LiveEventKind, Message
from domain.errors import BateleurError, Fault
from domain.plaintext import harmless
from domain.ports import Capabilities, Sent
from domain.sentences import sentence, sentence_of

if TYPE_CHECKING:
    from connectors.youtube.account import YouTubeAccount

LONGEST = 200
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
STALE_S = 300.0
NOTE_S = 10.0
CLOCKS_APART = timedelta(seconds=5)
ECHO_LOOKS = 2
log = structlog.get_logger()


class YouTubeConnector:
    """The channel `youtube:<own channel id>` (its running broadcast) or `youtube:<video id>`."""

    def __init__(self, account: "YouTubeAccount", id: str) -> None:
        self.id = id
        self.channel = f"youtube:{id}"
        self.video_id = self.chat_id = ""
        self._account = account
        self._problem: str | None = None
        self._seen = Seen()
        self._reading = Reading(account)
        self._noted_at = self._asked_at = 0.0
        self._waiting: list[Message] = []
        self._own: deque[str] = deque(maxlen=500)
        self._expected: dict[str, asyncio.Future[str]] = {}
        self._looked_at = datetime.now(UTC)
        self._floor: datetime | None = None
        self._is_lost = self._has_ended = False
        self._dead_chat = ""

    @property
    def account(self) -> str:
        """The account, whose units its broadcasts share."""
        return self._account.name

    @property
    def problem(self) -> str | None:
        """What keeps the chat from being read, or what is given up so that the units last."""
        return self._problem or self._account.given_up

    @property
    def units_left(self) -> int:
        """How many of the day's units are left, as far as this program knows."""
        return self._account.units_left

    @property
    def capabilities(self) -> Capabilities:
        """200 characters, no threads, nobody reached in private; the budget follows from the day's units."""
        return Capabilities(LONGEST, self._account.plan(self._reading.call_each_s).budget, has_backfill=True)

    def plan_until(self, ends_at: datetime | None) -> None:
        """The day's units are to last until then."""
        self._account.plan_until(self.channel, ends_at)

    async def connect(self) -> None:
        """Check the login, find the broadcast, and take what stands in its chat for history."""
        self._is_lost = self._has_ended = False
        self._dead_chat = ""
        try:
            await self._account.attach(self.channel)
            broadcast = await find_broadcast(self._account, self.id)
            if broadcast is None:
                raise self._nothing_on()
            self.video_id, self.chat_id = broadcast
            self._reading.open()
            kept = (await self._account.memory.recall(self._name) or "").split()
            if kept and time.time() - float(kept[0]) < STALE_S:
                self._reading.begin(self.chat_id, kept[1])
                self._looked_at = datetime.fromtimestamp(float(kept[0]), UTC)
            else:
                self._reading.begin(self.chat_id, None)
                found, _ = await self._take(await self._reading.look())
                self._waiting = [_as_history(message) for message in found]
        except Refused as error:
            await self._account.detach(self.channel)
            raise self._account.in_our_words(error) from None
        except BateleurError:
            await self._account.detach(self.channel)
            raise

    async def close(self) -> None:
        """Stop reading."""
        await self._reading.close()
        await self._account.detach(self.channel)

    async def messages(self) -> AsyncIterator[Message | Gap | LiveEvent]:
        """What the chat brings, until it is closed or over. For one reader."""
        found: Sequence[Message]
        events: Sequence[Gap | LiveEvent]
        history, self._waiting = self._waiting, []
        for message in history:
            yield message
        pause = FIRST_PAUSE_S
        while not self._reading.is_closed:
            is_read, asked_s = False, None
            try:
                if self._is_lost:
                    found, events = [], await self._find_again()
                else:
                    page = await self._reading.next()
                    if page is None:
                        continue
                    found, events = await self._take(page)
                    is_read, self._problem = True, None
            except (Refused, BateleurError) as error:
                found, events = [], self._after_refusal(error)
                asked_s = getattr(error, "retry_after", None)
            for message in found:
                yield message
            for event in events:
                yield event
            pause = FIRST_PAUSE_S if is_read else await self._pause(pause, asked_s)

    def look_now(self) -> None:
        """YouTube gives no notice."""

    async def send(self, text: str, *, reply_to: str | None = None) -> Sent:
        """Write once. When its fate is open, our own line is looked for; else the answer is not sure."""
        line = harmless(text)
        if not line:
            raise Fault("There is nothing to say on YouTube: the text is empty.", is_retryable=False)
        if self._is_lost:
            why = "The YouTube chat is over or gone."
            raise Fault(why, is_retryable=True, retry_after=FIRST_PAUSE_S, is_local=True)
        self._own.append(line)
        expected = self._expected[line] = asyncio.get_running_loop().create_future()
        try:
            return Sent(str((await self._account.write(self.chat_id, line)).get("id") or ""))
        except Unclear:
            return await self._confirmed(expected)
        except Refused as error:
            if error.is_open:
                return await self._confirmed(expected)
            raise self._account.in_our_words(error) from None
        finally:
            self._expected.pop(line, None)

    async def send_private(self, message: Message, text: str) -> Sent:
        """YouTube knows no private messages."""
        raise Fault("YouTube cannot reach one viewer alone.", is_retryable=False)

    async def _take(self, page: Page) -> tuple[list[Message], list[LiveEvent]]:
        self._account.tell_plan(self._reading.call_each_s)
        items = page.get("items") or []
        messages = [message for item in items if (message := self._read(item)) is not None]
        if self._floor is not None:
            messages = [m if m.sent_at > self._floor else _as_history(m) for m in messages]
            self._floor = None
        self._looked_at = datetime.now(UTC)
        has_ended = any((item.get("snippet") or {}).get("type") == CHAT_ENDED for item in items)
        if page.get("offlineAt") and not has_ended:
            has_ended = await self._is_over()
        await self._note()
        return messages, self._end() if has_ended else []

    def _read(self, item: Mapping[str, Any]) -> Message | None:
        if not self._seen.is_new(str(item.get("id"))):
            return None
        message = read_item(item, self.channel)
        if message is None or message.author.id != self._account.channel_id:
            return message
        expected = self._expected.get(message.text)
        if expected is not None and not expected.done():
            expected.set_result(message.id)
        return None if message.text in self._own else message

    def _after_refusal(self, error: Refused | BateleurError) -> Sequence[Gap | LiveEvent]:
        if isinstance(error, BateleurError):
            self._stumble(error)
            return []
        if error.reason in BAD_TOKEN:
            # The next page begins with the latest lines again: those from before our last look are history.
            self._reading.token, self._floor = None, self._looked_at
            return [Gap(self.channel, self._looked_at, datetime.now(UTC), is_recoverable=False)]
        if error.reason == ENDED:
            return self._end()
        self._is_lost = self._is_lost or error.reason in GONE
        self._stumble(self._account.in_our_words(error))
        return []

    async def _pause(self, pause: float, asked_s: float | None) -> float:
        """Wait as long as is asked for, else `pause`, never quite in step with others; the next pause."""
        await self._reading.sleep(asked_s or pause * random.uniform(0.8, 1.2))
        return min(LONGEST_PAUSE_S, pause * 2)

    def _end(self) -> list[LiveEvent]:
        """The chat is over for good; told once. What is on after it is looked for."""
        self._is_lost, self._dead_chat = True, self.chat_id
        if self._has_ended:
            return []
        self._has_ended = True
        return [LiveEvent(self.channel, LiveEventKind.ENDED, datetime.now(UTC))]

    async def _find_again(self) -> list[LiveEvent]:
        """Go on with what is on now, the same chat or that of a broadcast that followed; else it is over."""
        found = await find_broadcast(self._account, self.id, not_chat=self._dead_chat)
        if found is None:
            if not self._has_ended:
                return self._end()
            raise self._nothing_on()
        is_same = found.chat_id == self.chat_id
        self.video_id, self.chat_id = found
        self._reading.begin(self.chat_id, self._reading.token if is_same else None)
        self._floor = None if is_same else self._looked_at - CLOCKS_APART
        log.info("youtube_broadcast_found", channel=self.channel, video=self.video_id)
        has_ended, self._is_lost, self._has_ended = self._has_ended, False, False
        return [LiveEvent(self.channel, LiveEventKind.STARTED, datetime.now(UTC))] if has_ended else []

    def _nothing_on(self) -> Fault:
        return Fault(
            sentence("{channel} has no broadcast on; it is looked for again.", channel=self.channel),
            is_retryable=True,
        )

    async def _is_over(self) -> bool:
        """An encoder that drops sets `offlineAt` too: the broadcast's own life cycle decides."""
        if time.monotonic() - self._asked_at < self._reading.polling_s:
            return False
        self._asked_at = time.monotonic()
        try:
            return await is_over(self._account, self.video_id)
        except (Refused, BateleurError):
            return False  # asked again with the next page; what stands in this one is not to be lost

    async def _confirmed(self, expected: "asyncio.Future[str]") -> Sent:
        try:
            async with asyncio.timeout(ECHO_LOOKS * self._reading.look_s + 1.0):
                return Sent(await expected)
        except TimeoutError:
            return Sent("", is_sure=False)

    def _stumble(self, error: Exception) -> None:
        if self._problem != str(error):
            log.warning("youtube_not_read", channel=self.channel, why=str(error))
        self._problem = sentence_of(error)

    async def _note(self) -> None:
        if self._reading.token and time.monotonic() - self._noted_at > NOTE_S:
            self._noted_at = time.monotonic()
            await self._account.memory.remember(self._name, f"{time.time():.0f} {self._reading.token}")

    @property
    def _name(self) -> str:
        return f"chat read until, {self.chat_id}"


def _as_history(message: Message) -> Message:
    return Message(message.id, message.channel, message.author, message.text, message.sent_at, True)
