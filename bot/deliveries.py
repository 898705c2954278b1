"""Unique codes on their way: each owed one is said to its viewer alone, where the channel can do that."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog

from bot.tally import Tally
from bot.threads import run_sync
from domain.chat import Message, Viewer
from domain.errors import ActionRequired, Fault
from domain.ports import Connector
from domain.show import DeliveryState, DeliveryWay, Grant, Live, LiveState
from store.database import Database

LOOK_S = 1.0
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0
FINISH_S = 2.0
AT_ONCE = {DeliveryWay.REPLY: 6, DeliveryWay.WHISPER: 1}
"""A reply takes a third of a second: one after another, a crowd would wait for a quarter of an hour."""
log = structlog.get_logger()

Word = Callable[[Live, Grant], str]
"""The private text that carries a grant's code."""


class Deliverer:
    """One task per channel. Owed grants are rows: what a crash interrupts is owed after it.

    A private reply is marked delivered once it is: the platform refuses a second one, so that asking again
    doubles nothing. A whisper is marked unsure before it is sent: nobody would refuse the second.
    """

    def __init__(
        self, connector: Connector, database: Database, word: Word, tally: Tally, pool: ThreadPoolExecutor
    ) -> None:
        self.connector = connector
        self.database = database
        self.word = word
        self.tally = tally
        self.pool = pool
        self._held_until = 0.0
        self._later: dict[int, float] = {}
        self._pauses: dict[int, float] = {}
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                way = self.connector.capabilities.private
                if way is not None and time.monotonic() >= self._held_until:
                    await self._deliver_owed(way)
                await asyncio.sleep(LOOK_S)
        finally:
            await self._finish()

    async def _finish(self) -> None:
        """What has been sent is noted; what takes longer is asked about by the next run."""
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=FINISH_S)
        for delivery in self._under_way.values():
            delivery.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        self._under_way.clear()

    async def _deliver_owed(self, way: DeliveryWay) -> None:
        """Begin what is owed, as much as may be under way at once; one that takes long holds no other up."""
        live, owed = await run_sync(self.pool, self._owed)
        if live is None:
            self._later.clear()
            self._pauses.clear()
            return
        for grant in owed:
            if grant.id in self._under_way or time.monotonic() < self._later.get(grant.id, 0.0):
                continue
            while len(self._under_way) >= AT_ONCE[way]:
                await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
                self._let_go()
            if time.monotonic() < self._held_until:
                break
            self._under_way[grant.id] = asyncio.create_task(self._deliver(live, grant, way))
        self._let_go()

    def _let_go(self) -> None:
        """Forget what is done; raises what one of them raised."""
        for id, delivery in list(self._under_way.items()):
            if delivery.done():
                del self._under_way[id]
                delivery.result()

    def _owed(self) -> tuple[Live | None, list[Grant]]:
        with self.database.unit(read_only=True) as unit:
            live = unit.lives.current(self.connector.channel)
            if live is None or live.state not in (LiveState.OPEN, LiveState.CLOSING):
                return None, []
            # Those put aside for now must not hide the ones behind them.
            limit = 100 + len(self._later) + len(self._under_way)
            return live, unit.grants.to_deliver(live.id, self.connector.channel, limit=limit)

    async def _deliver(self, live: Live, grant: Grant, way: DeliveryWay) -> None:
        if way is DeliveryWay.REPLY and await run_sync(self.pool, lambda: self._has_reply(grant)):
            await self._mark(grant, DeliveryState.REFUSED, None)
            return
        if way is DeliveryWay.WHISPER:
            await self._mark(grant, DeliveryState.UNSURE, way)
        try:
            sent = await self.connector.send_private(_message(grant), self.word(live, grant))
        except (Fault, ActionRequired) as error:
            await self._stumble(grant, way, error)
            return
        self._later.pop(grant.id, None)
        self._pauses.pop(grant.id, None)
        self.tally.delivered += 1
        if sent.is_sure:
            await self._mark(grant, DeliveryState.DELIVERED, way)
        elif way is DeliveryWay.REPLY:
            self._put_aside(grant, FIRST_PAUSE_S)

    async def _stumble(self, grant: Grant, way: DeliveryWay, error: Fault | ActionRequired) -> None:
        self.tally.failures += 1
        is_final = isinstance(error, Fault) and not error.is_retryable
        log.warning(
            "code_not_delivered",
            channel=self.connector.channel,
            grant=grant.id,
            why=str(error),
            is_retried=not is_final,
        )
        if is_final:
            await self._mark(grant, DeliveryState.REFUSED, None)
            return
        if way is DeliveryWay.WHISPER:
            await self._mark(grant, DeliveryState.OWED, None)
        if isinstance(error, ActionRequired):
            self._held_until = time.monotonic() + LONGEST_PAUSE_S
        elif error.retry_after is not None:
            self._held_until = time.monotonic() + error.retry_after
        else:
            self._put_aside(grant, FIRST_PAUSE_S)

    def _put_aside(self, grant: Grant, first_pause: float) -> None:
        pause = min(LONGEST_PAUSE_S, self._pauses.get(grant.id, first_pause / 2) * 2)
        self._pauses[grant.id] = pause
        self._later[grant.id] = time.monotonic() + pause

    def _has_reply(self, grant: Grant) -> bool:
        """True when an older grant by the same message takes its one private reply."""
        with self.database.unit(read_only=True) as unit:
            return unit.grants.by_message(grant.channel, grant.message_id)[0].id != grant.id

    async def _mark(self, grant: Grant, state: DeliveryState, way: DeliveryWay | None) -> None:
        def mark() -> None:
            now = datetime.now(UTC)
            self.database.run(lambda unit: unit.grants.mark([grant.id], state, now, way))

        await run_sync(self.pool, mark)


def _message(grant: Grant) -> Message:
    """The viewer's message that won the grant, as far as it is kept."""
    viewer = Viewer(grant.platform, grant.viewer_id, grant.viewer_name, grant.viewer_name)
    return Message(grant.message_id, grant.channel, viewer, "", grant.granted_at)
