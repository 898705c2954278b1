"""The running evening: every channel of every open or planned live, read, answered and supervised."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.budget import Ledger
from bot.dispatch import Dispatcher, Work
from bot.inbox import Inbox
from bot.planner import Planner
from bot.speaker import Speaker
from bot.tally import Tally
from bot.threads import run_sync
from domain.answers import Answer
from domain.chat import Gap, LiveEvent, LiveEventKind, Message
from domain.errors import ActionRequired, BateleurError, Fault
from domain.ports import Connector
from domain.show import Live, LiveState
from store.database import Database

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LOOK_S = 2
log = structlog.get_logger()


class Evening:
    """Owns the tasks of a run; a fault in one channel never stops the others."""

    def __init__(
        self, database: Database, work: Work, connect: Callable[[str], Connector], tally: Tally
    ) -> None:
        self.database = database
        self.connect = connect
        self.tally = tally
        self.pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="store")
        self.inbox = Inbox()
        self.speakers: dict[str, Speaker] = {}
        self.refused: dict[str, str] = {}
        self._ledgers: dict[str, Ledger] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._dispatcher = Dispatcher(self.inbox, work, self._hear, self._scrolled, tally, self.pool)
        self._dispatching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Attach to every channel; raises `ActionRequired` when not one can be attached."""
        self._dispatching = asyncio.create_task(self._dispatcher.run())
        await self._look()
        if self.refused and not self.speakers:
            raise ActionRequired("\n".join(self.refused.values()))
        self._scheduler.add_job(self._look, "interval", seconds=LOOK_S, max_instances=1, coalesce=True)
        self._scheduler.start()

    async def stop(self) -> None:
        """Let go of everything."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for channel in list(self._tasks):
            await self._detach(channel)
        if self._dispatching:
            await _cancel([self._dispatching])
        self.pool.shutdown()

    def is_idle(self) -> bool:
        """True when nothing waits to be read, worked on or said."""
        waits = any(speaker.planner.waiting() for speaker in self.speakers.values())
        return not waits and not self.inbox.waiting() and not self._dispatcher.is_busy

    async def _look(self) -> None:
        """Close lives whose plan has ended, attach to new channels, let go of closed ones."""
        try:
            wanted = await run_sync(self.pool, self._wanted)
        except BateleurError as error:
            self.tally.failures += 1
            log.error("lives_not_read", why=str(error))
            return
        for channel in self._tasks.keys() - wanted:
            await self._detach(channel)
        for channel in wanted - self._tasks.keys():
            await self._attach(channel)

    def _wanted(self) -> set[str]:
        now = datetime.now(UTC)
        with self.database.unit() as unit:
            lives: Sequence[Live] = unit.lives.list()
            for live in lives:
                if live.state is LiveState.OPEN and live.ends_at and live.ends_at <= now:
                    unit.lives.close(live.id, now)
                    log.info("live_closed", live=live.id, why="its planned end has passed")
            return {
                c
                for live in lives
                if live.state in (LiveState.OPEN, LiveState.PLANNED)
                for c in live.channels
            }

    async def _attach(self, channel: str) -> None:
        try:
            connector = self.connect(channel)
            await connector.connect()
        except (ActionRequired, Fault) as error:
            if self.refused.get(channel) != str(error):
                log.error("channel_not_attached", channel=channel, why=str(error))
            self.refused[channel] = str(error)
            return
        self.refused.pop(channel, None)
        account = getattr(connector, "account", channel)
        ledger = self._ledgers.setdefault(account, Ledger(connector.capabilities.budget))
        speaker = Speaker(connector, Planner(connector.capabilities, ledger), self.tally)
        self.speakers[channel] = speaker
        self._tasks[channel] = [
            asyncio.create_task(self._read(connector)),
            asyncio.create_task(speaker.run()),
        ]
        log.info("channel_attached", channel=channel)

    async def _detach(self, channel: str) -> None:
        await _cancel(self._tasks.pop(channel))
        await self.speakers.pop(channel).connector.close()

    async def _read(self, connector: Connector) -> None:
        pause = FIRST_PAUSE_S
        while True:
            try:
                async for item in connector.messages():
                    pause = FIRST_PAUSE_S
                    await self._take(item)
            except (ActionRequired, Fault) as error:
                self.tally.failures += 1
                log.error("channel_not_read", channel=connector.channel, why=str(error))
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE_S, pause * 2)

    async def _take(self, item: Message | Gap | LiveEvent) -> None:
        if isinstance(item, Message):
            self.inbox.put(item)
        elif isinstance(item, Gap):
            log.warning("chat_missed", channel=item.channel, since=item.started_at, until=item.ended_at)
        elif item.kind is LiveEventKind.ENDED:
            await run_sync(self.pool, lambda: self._close_live(item))

    def _close_live(self, event: LiveEvent) -> None:
        """A live closes when its platform says so and it has no other channel to go on."""
        with self.database.unit() as unit:
            live = unit.lives.current(event.channel)
            if live and live.state is LiveState.OPEN and live.channels == (event.channel,):
                unit.lives.close(live.id, event.at)
                log.info("live_closed", live=live.id, why="the broadcast has ended")

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
