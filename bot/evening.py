"""The running evening: every channel of every open or planned live, read, answered and supervised."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.answered import Answered
from bot.closing import end_what_is_over
from bot.deliveries import Deliverer
from bot.dispatch import Dispatcher
from bot.feed import Feed
from bot.inbox import Inbox
from bot.keeping import Keeping
from bot.planner import Planner
from bot.shop_jobs import ShopJobs
from bot.shopkeeper import Shopkeeper
from bot.speaker import Speaker
from bot.tally import Tally
from bot.threads import run_sync
from bot.troubles import Troubles
from bot.upkeep import keep_pauses_short, kept_up
from bot.voice import Voice
from bot.work import BatchWork, Order
from domain.answers import Answer
from domain.chat import Gap, LiveEvent, LiveEventKind, Message
from domain.errors import ActionRequired, BateleurError
from domain.ports import Connector, NoticeReader
from domain.sentences import joined
from domain.show import LiveState
from store.database import Database

LOOK_S = 2
LONGEST_PAUSE_S = 60.0
LAST_WORDS_S = 10.0
WRITE_S = 1
log = structlog.get_logger()


class Evening:
    """Owns the tasks of a run; a fault in one channel never stops the others."""

    def __init__(
        self,
        database: Database,
        work: BatchWork,
        connect: Callable[[str], Connector],
        tally: Tally,
        shop_jobs: ShopJobs | None = None,
        keeping: Keeping | None = None,
    ) -> None:
        self.database = database
        self.work = work
        self.connect = connect
        self.tally = tally
        self.shop_jobs = shop_jobs
        self.keeping = keeping
        self.answered = Answered(database)
        self.pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="store")
        self.inbox = Inbox()
        self.feed = Feed()
        self.troubles = Troubles()
        self.speakers: dict[str, Speaker] = {}
        self.refused: dict[str, BateleurError] = {}
        self.wanted: dict[str, datetime | None] | None = None
        """The channels that are to be read, and when their live is to end; None before the first look."""
        self._voices: dict[str, Voice] = {}
        self._pauses: dict[str, float] = {}
        self._retry_at: dict[str, float] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._over: set[str] = set()
        self._leaving: dict[str, float] = {}
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._dispatcher = Dispatcher(
            self.inbox, work, self._hear, self._scrolled, tally, self.pool, self.feed
        )
        self._dispatching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Attach to every channel; raises `ActionRequired` when a person must act for each of them."""
        await self._look()
        why = list(self.refused.values())
        if why and not self.speakers and all(isinstance(error, ActionRequired) for error in why):
            raise ActionRequired(joined(dict.fromkeys(error.sentence for error in why), "\n"))
        if not self.speakers:
            log.warning("no_live", hint="bateleur live open TITLE --channel platform:id")
        await run_sync(self.pool, self.work.warm_up)
        await self._answer_backlog()
        keep_pauses_short()
        self._dispatching = self._keep_up("dispatch", self._dispatcher.run)
        for job, seconds in ((self._look, LOOK_S), (self._write_answered, WRITE_S)):
            self._scheduler.add_job(
                self._do, "interval", (job,), seconds=seconds, max_instances=1, coalesce=True
            )
        if self.shop_jobs is not None:
            self.shop_jobs.add_to(self._scheduler)
        if self.keeping is not None:
            self.keeping.add_to(self._scheduler)
        self._scheduler.start()

    async def stop(self) -> None:
        """Let go of everything."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for channel in list(self._tasks):
            await self._detach(channel)
        if self._dispatching:
            await _cancel([self._dispatching])
        await self._write_answered()
        if self.shop_jobs is not None:
            self.shop_jobs.close()
        if self.keeping is not None:
            self.keeping.close()
        self.pool.shutdown()

    @property
    def shopkeeper(self) -> Shopkeeper | None:
        """Who keeps the shop, if there is one."""
        return self.shop_jobs.shopkeeper if self.shop_jobs else None

    def look_now(self, platform: str, notice: bytes) -> None:
        """A platform has given a genuine notice: its channels read it, or are looked at."""
        for channel, speaker in self.speakers.items():
            if not channel.startswith(f"{platform}:"):
                continue
            if isinstance(speaker.connector, NoticeReader):
                speaker.connector.take_notice(notice)
            else:
                speaker.connector.look_now()

    async def order(self, order: Order) -> Answer:
        """Carry out a moderator's order from outside the chats, and have its channels told what it means to
        viewers; the answer to who gave it. Raises `Refusal` when a rule says no."""
        viewers = self._dispatcher.viewers
        told = await run_sync(self.pool, lambda: self.work.order(order, viewers, datetime.now(UTC)))
        now = time.monotonic()
        self.feed.order(told.answer.message)
        for answer in told.announced:
            self._hear(answer, now)
        return told.answer

    def is_idle(self) -> bool:
        """True when nothing waits to be read, worked on or said."""
        waits = any(speaker.is_speaking or speaker.planner.waiting() for speaker in self.speakers.values())
        return not waits and not self.inbox.waiting() and not self._dispatcher.is_busy

    async def _look(self) -> None:
        """End what is over, attach to new channels, let go of closed ones."""
        try:
            wanted = await run_sync(self.pool, self._wanted)
        except BateleurError as error:
            self.tally.failures += 1
            log.error("lives_not_read", why=str(error))
            return
        self.wanted = wanted
        for channel in self._tasks.keys() - wanted.keys():
            if self._has_said_all(channel):
                await self._detach(channel)
        for channel in self.refused.keys() - wanted.keys():
            del self.refused[channel]
        now = time.monotonic()
        missing = [c for c in wanted if c not in self._tasks and self._retry_at.get(c, 0.0) <= now]
        await asyncio.gather(*map(self._attach, missing))
        for channel, ends_at in wanted.items():
            if channel in self.speakers:
                self.speakers[channel].connector.plan_until(ends_at)
        self.troubles.look(self, datetime.now(UTC))

    def _wanted(self) -> dict[str, datetime | None]:
        """The channels to be read, and when their live is to end."""
        lives = end_what_is_over(self.database, datetime.now(UTC))
        return {
            c: live.ends_at
            for live in reversed(lives)
            if live.state in (LiveState.OPEN, LiveState.PLANNED)
            for c in live.channels
        }

    async def _attach(self, channel: str) -> None:
        try:
            connector = self.connect(channel)
            await connector.connect()
            voice = await self._voice(connector)
        except BateleurError as error:
            if str(self.refused.get(channel)) != str(error):
                log.error("channel_not_attached", channel=channel, why=str(error))
            self.refused[channel] = error
            pause = min(LONGEST_PAUSE_S, self._pauses.get(channel, LOOK_S / 2) * 2)
            self._pauses[channel] = pause
            self._retry_at[channel] = time.monotonic() + pause
            return
        self.refused.pop(channel, None)
        self._pauses.pop(channel, None)
        self._serve(channel, connector, voice)
        log.info("channel_attached", channel=channel)

    def _serve(self, channel: str, connector: Connector, voice: Voice) -> None:
        planner = Planner(connector.capabilities, voice.ledger)
        voice.remind(planner, channel)
        speaker = Speaker(connector, planner, voice, self.tally, self.answered.note, self.feed)
        deliverer = Deliverer(connector, self.database, self.work.word, self.tally, self.pool)
        self.speakers[channel] = speaker
        way = self.work.way_of(channel, connector.capabilities.private)
        if way is not None:
            self.work.ways[channel] = way
        self._tasks[channel] = [
            self._keep_up(f"read {channel}", lambda: self._read(connector)),
            self._keep_up(f"speak {channel}", speaker.run),
            self._keep_up(f"deliver {channel}", deliverer.run),
        ]

    async def _voice(self, connector: Connector) -> Voice:
        account = connector.account
        if account not in self._voices:
            voice = Voice(account, connector.capabilities.budget, self.database, self.pool)
            await voice.recall()
            self._voices.setdefault(account, voice)
        return self._voices[account]

    def _has_said_all(self, channel: str) -> bool:
        """Whether a channel whose live is over has heard that it is, or has had the time to."""
        now, speaker = time.monotonic(), self.speakers[channel]
        waits = speaker.is_speaking or speaker.planner.waiting()
        return not waits or now - self._leaving.setdefault(channel, now) > LAST_WORDS_S

    async def _detach(self, channel: str) -> None:
        await _cancel(self._tasks.pop(channel))
        self._over.discard(channel)
        self._leaving.pop(channel, None)
        await self.speakers.pop(channel).connector.close()

    async def _read(self, connector: Connector) -> None:
        async for item in connector.messages():
            await self._take(item)

    async def _take(self, item: Message | Gap | LiveEvent) -> None:
        if isinstance(item, Message):
            self.inbox.put(item)
        elif isinstance(item, Gap):
            log.warning("chat_missed", channel=item.channel, since=item.started_at, until=item.ended_at)
        elif item.kind is LiveEventKind.ENDED:
            self._over.add(item.channel)
            await run_sync(self.pool, lambda: self._close_live(item))
        else:
            self._over.discard(item.channel)

    def _close_live(self, event: LiveEvent) -> None:
        """A live closes when its platform says so and it has no other channel to go on."""
        with self.database.unit() as unit:
            live = unit.lives.current(event.channel)
            if live and live.state is LiveState.OPEN and self._over.issuperset(live.channels):
                unit.lives.close(live.id, event.at)
                log.info("live_closed", live=live.id, why="the broadcast has ended")

    async def _answer_backlog(self) -> None:
        try:
            answers = await run_sync(self.pool, lambda: self.work.backlog(datetime.now(UTC)))
        except BateleurError as error:
            self.tally.failures += 1
            log.error("backlog_not_read", why=str(error))
            return
        if answers:
            log.info("backlog_answered", answers=len(answers))
        now = time.monotonic()
        for answer in answers:
            self._hear(answer, now)

    async def _do(self, job: Callable[[], Awaitable[None]]) -> None:
        try:
            await job()
        except Exception as error:
            # The scheduler begins the job again; only our own sentences are known to hold no secret.
            self.tally.failed()
            why = str(error) if isinstance(error, BateleurError) else type(error).__name__
            log.error("job_failed", job=getattr(job, "__name__", ""), why=why)

    async def _write_answered(self) -> None:
        await run_sync(self.pool, self.answered.write)

    def _keep_up(self, name: str, run: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        return asyncio.create_task(kept_up(name, run, self.tally.failed))

    def _hear(self, answer: Answer, asked_at: float) -> None:
        speaker = self.speakers.get(answer.channel)
        if speaker is not None:
            speaker.hear(answer, asked_at)

    def _scrolled(self, channel: str, lines: int) -> None:
        speaker = self.speakers.get(channel)
        if speaker is not None:
            speaker.planner.scrolled(lines)


async def _cancel(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
