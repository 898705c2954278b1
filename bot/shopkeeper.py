"""Keeps the shop in step with the lives: codes made, kept alive and ended; orders read; prices kept fresh.

Everything here blocks and is done on threads. Each task may be broken off at any point and begun again.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from bot.shop_prices import ShopPrices
from domain.errors import BateleurError
from domain.lease_rules import in_the_shop, lease_end, may_open_soon, must_end
from domain.ports import Shop
from domain.shop import Notice, Order, ShopCode, lease_for, version_at
from domain.show import Live, LiveState, Offer
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
LATE = timedelta(seconds=60)
Item = TypeVar("Item")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Stand:
    live: Live
    offer: Offer


@dataclass(frozen=True, slots=True)
class _Part:
    """Webhooks that wait, with their ids; the orders they tell of, and the ids of those to be looked up."""

    waiting: Sequence[tuple[int, Notice]]
    told: Sequence[Order]
    doubtful: set[str]


class Shopkeeper:
    """One shop and our database. `grace` is how long after its live a code may still be paid with,
    `lease` how long it outlives us where the shop keeps up."""

    def __init__(
        self,
        database: Database,
        shop: Shop,
        grace: timedelta,
        lease: timedelta,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database = database
        self.shop = shop
        self.grace = grace
        self.lease = lease
        self._now = now
        self._buried: set[int] = set()
        self._at_work: dict[int, threading.Lock] = {}
        self.prices = ShopPrices(database, shop, now)

    @property
    def told_at(self) -> Mapping[str, datetime]:
        """When the shop last told a product's price and stock, by SKU, as far as this process asked."""
        return self.prices.told_at

    def lease_of(self, codes: int) -> timedelta:
        """How far ahead the end of so many codes is kept in this shop."""
        return lease_for(codes, self.shop.traits, self.lease)

    def make_due_codes(self) -> None:
        """Put in the shop what is still to be put there, for every offer that may still need it."""
        with self.database.unit(read_only=True) as unit:
            due = unit.shop_codes.due_offers()
        _each(due, lambda offer_id: list(self.make_codes(offer_id)))

    def make_codes(self, offer_id: int) -> Iterator[tuple[int, list[str]]]:
        """Put an offer's drawn codes in the shop; after each part, how many were made and why others not.

        Broken off, it goes on where it was when begun again. An offer that ended meanwhile gets none. Who
        asks while another thread is at the same offer waits, and finds done what that one did.
        """
        with self._alone(offer_id):
            yield from self._make_codes(offer_id)

    def make_or_take_back(self, offer_id: int) -> bool:
        """Put a new offer's shared code in the shop, else let the offer go as if it had not been added;
        whether the shop took the code. Raises what the shop raised, the offer gone."""
        with self._alone(offer_id):
            try:
                for _ in self._make_codes(offer_id):
                    pass
                with self.database.unit() as unit:
                    return not unit.offers.take_back(offer_id)
            except BateleurError:
                with self.database.unit() as unit:
                    unit.offers.take_back(offer_id)
                raise

    def _alone(self, offer_id: int) -> threading.Lock:
        return self._at_work.setdefault(offer_id, threading.Lock())

    def _make_codes(self, offer_id: int) -> Iterator[tuple[int, list[str]]]:
        with self.database.unit() as unit:
            stand = self._stand(unit, offer_id)
            if stand is None or stand.offer.ended_at or stand.live.state is LiveState.CLOSED:
                unit.shop_codes.give_up(offer_id)
                return
            codes = unit.shop_codes.due(offer_id)
        if not codes:
            return  # another thread was faster
        lease = self.lease_of(len(codes))
        until = lease_end(stand.live, stand.offer, self._now(), lease, self.grace)
        for made in self.shop.create_offer(in_the_shop(stand.live, stand.offer, until), codes):
            with self.database.unit() as unit:
                unit.shop_codes.made(offer_id, made, until)
            refused = [one.why for one in made if one.shop_id is None]
            if refused:
                log.warning("codes_refused", offer=offer_id, codes=len(refused), why=refused[0])
            yield len(made) - len(refused), refused

    def push_leases(self) -> None:
        """Move the ends of the codes of open lives ahead, those in viewers' hands first."""
        now = self._now()
        going_on = self._stands(lambda stand: not must_end(stand.live, stand.offer, now, self.grace))
        _each(going_on, self._push)

    def end_codes(self) -> None:
        """End in the shop what is to end, and mark as dead what does not work there any more."""
        now = self._now()
        over = self._stands(lambda stand: must_end(stand.live, stand.offer, now, self.grace))
        _each([one for one in over if one.offer.id not in self._buried], lambda one: self._end(one, now))

    def keep_notices(self, notices: Sequence[Notice]) -> None:
        """Keep webhooks until they are worked on; durable on return."""
        with self.database.unit() as unit:
            unit.notices.keep(self.shop.kind, notices, self._now())

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
        with self.database.unit(read_only=True) as unit:
            since = self._read_until(unit) or self._begin(unit)
        found = 0
        if since is None or not self.shop.traits.has_orders:
            return 0
        for page in self.shop.orders_since(since):
            with self.database.unit() as unit:
                found += unit.redemptions.record(self.shop.kind, page.orders, self._now(), self.grace)
                if page.read_until > (self._read_until(unit) or since):
                    text = page.read_until.isoformat()
                    unit.memories.remember("shop", self.shop.kind, READ_UNTIL, text)
        return found

    def is_worth_reading(self) -> bool:
        """Whether a live is on or was of late, so that orders are to be read often."""
        recent = self._now() - timedelta(hours=2)
        with self.database.unit(read_only=True) as unit:
            lives = unit.lives.list()
        return any(live.state is LiveState.OPEN or (live.closed_at or recent) > recent for live in lives)

    def sum_up_log(self) -> None:
        """Sum up the hours of the log in which redemptions were written, some at a time."""
        sum_up_hours(self.database)

    def clean_up(self) -> None:
        """Let go of the keys of old webhooks."""
        with self.database.unit() as unit:
            unit.notices.forget(self._now() - HOOK_KEPT)

    def _push(self, stand: _Stand) -> None:
        live, offer, now = stand.live, stand.offer, self._now()
        with self.database.unit(read_only=True) as unit:
            lease = self.lease_of(unit.shop_codes.living(offer.id))
            if live.state is not LiveState.OPEN and not may_open_soon(live, now, lease):
                return
            until = lease_end(live, offer, now, lease, self.grace)
            due_before = until - lease / 3
            codes = unit.shop_codes.to_extend(offer.id, due_before, granted_only=offer.ended_at is not None)
        if codes:
            self._note(offer, self.shop.extend(in_the_shop(live, offer, until), codes, until), until)

    def _end(self, stand: _Stand, now: datetime) -> None:
        with self._alone(stand.offer.id):
            self._end_alone(stand, now)

    def _end_alone(self, stand: _Stand, now: datetime) -> None:
        live, offer = stand.live, stand.offer
        with self.database.unit(read_only=True) as unit:
            codes = unit.shop_codes.to_end(offer.id, now)
        due = offer.dies_at or (live.closed_at or now) + self.grace
        try:
            if codes:
                self._note(offer, self.shop.end(in_the_shop(live, offer, now), codes), now)
                log.info("codes_ended", live=live.id, offer=offer.id, codes=len(codes))
        except BateleurError as error:
            if now - due > LATE:
                log.error("codes_still_alive", live=live.id, offer=offer.id, why=str(error))
            raise
        with self.database.unit() as unit:
            unit.shop_codes.bury(offer.id, now)
        self._buried.add(offer.id)

    def _note(self, offer: Offer, parts: Iterator[list[ShopCode]], until: datetime) -> None:
        for part in parts:
            with self.database.unit() as unit:
                unit.shop_codes.leased(offer.id, part, until)

    def _next(self, after: int) -> _Part:
        with self.database.unit(read_only=True) as unit:
            waiting = unit.notices.waiting(self.shop.kind, NOTICES, after)
            told = [order for _, notice in waiting for order in notice.orders]
            return _Part(waiting, told, self._doubtful(told, unit) if told else set())

    def _doubtful(self, told: Sequence[Order], unit: UnitOfWork) -> set[str]:
        """The ids of orders to be looked up: a webhook that tells of a time that we have read past, or of an
        order that was gone, may be an old one that comes late."""
        read_until = self._read_until(unit)
        past = version_at(read_until) if read_until and self.shop.traits.has_orders else -1
        late = {order.id for order in told if order.version <= past}
        return late | unit.notices.gone(self.shop.kind, {order.id for order in told})

    def _work(self, part: _Part, *, may_ask: bool) -> None:
        needs = {id for id, notice in part.waiting if notice.order_ids or _any_of(notice, part.doubtful)}
        now = self._now()
        with self.database.unit() as unit:
            direct = [order for order in part.told if order.id not in part.doubtful]
            unit.redemptions.record(self.shop.kind, direct, now, self.grace)
            unit.notices.done([id for id, _ in part.waiting if id not in needs], now)
        for id, notice in part.waiting:
            if id in needs and may_ask:
                self._look_up(id, notice, part.doubtful)

    def _look_up(self, id: int, notice: Notice, doubtful: set[str]) -> None:
        ids = {*notice.order_ids, *(order.id for order in notice.orders if order.id in doubtful)}
        found = {order_id: self.shop.order(order_id) for order_id in sorted(ids)}
        with self.database.unit() as unit:
            for order_id, order in found.items():
                if order is None:
                    unit.redemptions.gone(self.shop.kind, order_id, self.grace)
                    unit.notices.note_gone(self.shop.kind, order_id, self._now())
                else:
                    unit.redemptions.record(self.shop.kind, [order], self._now(), self.grace)
            unit.notices.done([id], self._now())

    def _stands(self, wanted: Callable[[_Stand], bool]) -> list[_Stand]:
        with self.database.unit(read_only=True) as unit:
            lives = {live.id: live for live in unit.lives.list()}
            stands = [_Stand(lives[offer.live_id], offer) for offer in unit.offers.list()]
        return [stand for stand in stands if wanted(stand)]

    def _stand(self, unit: UnitOfWork, offer_id: int) -> _Stand | None:
        offer = unit.offers.get(offer_id)
        live = unit.lives.get(offer.live_id) if offer else None
        return _Stand(live, offer) if offer and live else None

    def _read_until(self, unit: UnitOfWork) -> datetime | None:
        text = unit.memories.recall("shop", self.shop.kind, READ_UNTIL)
        return datetime.fromisoformat(text) if text else None

    def _begin(self, unit: UnitOfWork) -> datetime | None:
        """Where reading begins the first time: a little before the first live of the last weeks."""
        oldest = self._now() - SWEEP
        opened = [live.opened_at for live in unit.lives.list() if live.opened_at]
        return max(oldest, min(opened) - BEFORE) if opened else None


def _each(items: Iterable[Item], work: Callable[[Item], object]) -> None:
    """Do `work` with every item; what fails is raised when all have had their turn."""
    failed: BateleurError | None = None
    for item in items:
        try:
            work(item)
        except BateleurError as error:
            failed = error
    if failed is not None:
        raise failed


def _any_of(notice: Notice, ids: set[str]) -> bool:
    return any(order.id in ids for order in notice.orders)
