"""The shop's orders as it tells them: webhooks kept and worked on, and the poll; both through one function.

Everything here blocks and is done on threads. Each task may be broken off at any point and begun again.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import BateleurError
from domain.ports import Shop
from domain.shop import Notice, Order, version_at
from domain.show import LiveState
from store.database import Database
from store.hour_sums import sum_up_hours
from store.unit import UnitOfWork

READ_UNTIL = "orders read until"
HOOK_KEPT = timedelta(days=7)
"""How long repeats of a webhook are known: longer than any shop's own retries."""
SWEEP = timedelta(days=45)
"""How long after a live its orders are still read: the right of withdrawal, and the way back."""
BEFORE = timedelta(hours=1)
NOTICES = 10
"""How many webhooks are worked on in one transaction: about 7 ms, in which nobody else can write."""
GIVE_WAY_S = 0.01
"""The pause after so many, in which those that arrive are answered: 500 a second and more are worked on."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Webhooks that wait, with their ids; the orders they tell of, and the ids of those to be looked up."""

    waiting: Sequence[tuple[int, Notice]]
    told: Sequence[Order]
    doubtful: set[str]


class ShopOrders:
    """The orders of one shop. `grace` is how long after its live a code may still be paid with."""

    def __init__(self, database: Database, shop: Shop, grace: timedelta, now: Callable[[], datetime]) -> None:
        self._database = database
        self._shop = shop
        self._grace = grace
        self._now = now

    def keep_notices(self, notices: Sequence[Notice]) -> None:
        """Keep webhooks until they are worked on; durable on return."""
        with self._database.unit() as unit:
            unit.notices.keep(self._shop.kind, notices, self._now())

    def work_notices(self) -> int:
        """Work on the webhooks that wait; how many were. One that needs a shop that fails stays, and holds up
        no other."""
        worked = after = 0
        failed: BateleurError | None = None
        while (part := self._next(after)).waiting:
            try:
                self._work(part, may_ask=failed is None)
            except BateleurError as error:
                failed = error
            worked, after = worked + len(part.waiting), part.waiting[-1][0]
            if len(part.waiting) == NOTICES:
                time.sleep(GIVE_WAY_S)
        if failed is not None:
            raise failed
        return worked

    def poll_orders(self) -> int:
        """Read the orders that changed since the last look; how many concerned our codes."""
        with self._database.unit(read_only=True) as unit:
            since = self._read_until(unit) or self._begin(unit)
        found = 0
        if since is None or not self._shop.traits.has_orders:
            return 0
        for page in self._shop.orders_since(since):
            with self._database.unit() as unit:
                found += unit.redemptions.record(self._shop.kind, page.orders, self._now(), self._grace)
                if page.read_until > (self._read_until(unit) or since):
                    text = page.read_until.isoformat()
                    unit.memories.remember("shop", self._shop.kind, READ_UNTIL, text)
        return found

    def is_worth_reading(self) -> bool:
        """Whether a live is on or was of late, so that orders are to be read often."""
        recent = self._now() - timedelta(hours=2)
        with self._database.unit(read_only=True) as unit:
            lives = unit.lives.list()
        return any(live.state is LiveState.OPEN or (live.closed_at or recent) > recent for live in lives)

    def sum_up_log(self) -> None:
        """Sum up the hours of the log in which redemptions were written, some at a time."""
        sum_up_hours(self._database)

    def clean_up(self) -> None:
        """Let go of the keys of old webhooks."""
        with self._database.unit() as unit:
            unit.notices.forget(self._now() - HOOK_KEPT)

    def _next(self, after: int) -> _Part:
        with self._database.unit(read_only=True) as unit:
            waiting = unit.notices.waiting(self._shop.kind, NOTICES, after)
            told = [order for _, notice in waiting for order in notice.orders]
            return _Part(waiting, told, self._doubtful(told, unit) if told else set())

    def _doubtful(self, told: Sequence[Order], unit: UnitOfWork) -> set[str]:
        """The ids of orders to be looked up: a webhook that tells of a time that we have read past, or of an
        order that was gone, may be an old one that comes late."""
        read_until = self._read_until(unit)
        past = version_at(read_until) if read_until and self._shop.traits.has_orders else -1
        late = {order.id for order in told if order.version <= past}
        return late | unit.notices.gone(self._shop.kind, {order.id for order in told})

    def _work(self, part: _Part, *, may_ask: bool) -> None:
        needs = {id for id, notice in part.waiting if notice.order_ids or _any_of(notice, part.doubtful)}
        now = self._now()
        with self._database.unit() as unit:
            direct = [order for order in part.told if order.id not in part.doubtful]
            unit.redemptions.record(self._shop.kind, direct, now, self._grace)
            unit.notices.done([id for id, _ in part.waiting if id not in needs], now)
        for id, notice in part.waiting:
            if id in needs and may_ask:
                self._look_up(id, notice, part.doubtful)

    def _look_up(self, id: int, notice: Notice, doubtful: set[str]) -> None:
        ids = {*notice.order_ids, *(order.id for order in notice.orders if order.id in doubtful)}
        found = {order_id: self._shop.order(order_id) for order_id in sorted(ids)}
        with self._database.unit() as unit:
            for order_id, order in found.items():
                if order is None:
                    unit.redemptions.gone(self._shop.kind, order_id, self._grace)
                    unit.notices.note_gone(self._shop.kind, order_id, self._now())
                else:
                    unit.redemptions.record(self._shop.kind, [order], self._now(), self._grace)
            unit.notices.done([id], self._now())

    def _read_until(self, unit: UnitOfWork) -> datetime | None:
        text = unit.memories.recall("shop", self._shop.kind, READ_UNTIL)
        return datetime.fromisoformat(text) if text else None

    def _begin(self, unit: UnitOfWork) -> datetime | None:
        """Where reading begins the first time: a little before the first live of the last weeks."""
        oldest = self._now() - SWEEP
        opened = [live.opened_at for live in unit.lives.list() if live.opened_at]
        return max(oldest, min(opened) - BEFORE) if opened else None


def _any_of(notice: Notice, ids: set[str]) -> bool:
    return any(order.id in ids for order in notice.orders)
