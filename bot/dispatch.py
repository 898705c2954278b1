"""From the inbox to the planner: batches, one transaction each, and nothing said before the commit."""

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog

from bot.feed import Feed
from bot.inbox import Inbox
from bot.tally import Tally
from bot.threads import run_sync
from domain.answers import Answer
from domain.chat import LastSeen, Message, Viewer
from domain.errors import BateleurError

BATCH = 1_000
GATHER_S = 0.005
TRIES = 3
PATIENCE_S = 600.0
LONGEST_PAUSE_S = 10.0
KNOWN_VIEWERS = 50_000
REMEMBERED = 20_000
log = structlog.get_logger()

Work = Callable[[Sequence[Message], "KnownViewers", datetime], "list[Answer]"]


class KnownViewers:
    """Who wrote lately, by handle and by name; bounded, the longest silent forgotten first."""

    def __init__(self) -> None:
        self._viewers: OrderedDict[str, tuple[Viewer, str, str]] = OrderedDict()

    def note(self, message: Message) -> None:
        """Remember the author of a message."""
        viewer = message.author
        # Every line of chat passes here: a tuple costs a fifth of what the word costs.
        seen = (viewer, message.channel, message.id)
        handle, name = viewer.handle.casefold(), viewer.name.casefold()
        self._put(handle, seen)
        if name != handle:
            self._put(name, seen)

    def get(self, name: str) -> LastSeen | None:
        """The viewer of that handle or name, whatever its case, and their last message."""
        seen = self._viewers.get(name.casefold())
        return LastSeen(*seen) if seen else None

    def _put(self, key: str, seen: tuple[Viewer, str, str]) -> None:
        self._viewers[key] = seen
        self._viewers.move_to_end(key)
        if len(self._viewers) > KNOWN_VIEWERS:
            self._viewers.popitem(last=False)


class Repeats:
    """The message ids seen lately in this run; the database remembers across restarts."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def is_repeat(self, message: Message) -> bool:
        """True when this message came before; remembers it."""
        key = (message.channel, message.id)
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False


class Dispatcher:
    """Takes what waits, lets the work be done in one transaction, hands the answers on."""

    def __init__(
        self,
        inbox: Inbox,
        work: Work,
        hear: Callable[[Answer, float], None],
        scrolled: Callable[[str, int], None],
        tally: Tally,
        pool: ThreadPoolExecutor,
        feed: Feed | None = None,
    ) -> None:
        self.inbox = inbox
        self.work = work
        self.hear = hear
        self.scrolled = scrolled
        self.tally = tally
        self.pool = pool
        self.feed = feed if feed is not None else Feed()
        self.viewers = KnownViewers()
        self.repeats = Repeats()
        self.is_busy = False

    async def run(self) -> None:
        """Dispatch until cancelled."""
        while True:
            await self.step()

    async def step(self) -> None:
        """One batch."""
        commands, chatter = await self.inbox.take(BATCH, GATHER_S)
        self._note(commands, chatter)
        asked_at = time.monotonic()
        fresh = [m for m in commands if not m.is_backfill and not self.repeats.is_repeat(m)]
        self.tally.repeats += len(commands) - len(fresh)
        if not fresh:
            return
        self.is_busy = True
        try:
            for answer in await self._work(fresh):
                self.hear(answer, asked_at)
        finally:
            self.is_busy = False

    def _note(self, commands: Sequence[Message], chatter: Sequence[Message]) -> None:
        for message in (*commands, *chatter):
            self.viewers.note(message)
        self.feed.hear(commands, chatter)
        asked = Counter(message.channel for message in commands)
        lines = asked + Counter(message.channel for message in chatter)
        for channel, count in lines.items():
            self.scrolled(channel, count)
            for tally in (self.tally, self.tally.of(channel)):
                tally.commands += asked[channel]
                tally.messages += count

    async def _work(self, batch: Sequence[Message]) -> list[Answer]:
        """A database that is away is waited for, as long as the answers may still help someone; what
        fails in another way fails again, and is tried a few times only."""
        began, attempt = time.monotonic(), 0
        while True:
            attempt += 1
            try:
                return await run_sync(self.pool, lambda: self.work(batch, self.viewers, datetime.now(UTC)))
            except Exception as error:
                # Only our own sentences are known to hold no secret.
                why = str(error) if isinstance(error, BateleurError) else type(error).__name__
                self.tally.failures += 1
                log.error("batch_not_written", why=why, attempt=attempt)
                is_away = isinstance(error, BateleurError) and time.monotonic() - began < PATIENCE_S
                if not is_away and attempt >= TRIES:
                    self.tally.lost += len(batch)
                    log.error("batch_given_up", messages=len(batch))
                    return []
                await asyncio.sleep(min(LONGEST_PAUSE_S, 0.2 * 2**attempt))
