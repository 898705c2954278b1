"""Keeps the shop in step with the lives: codes made, kept alive and ended. Its prices and its orders have a
file each.

Everything here blocks and is done on threads. Each task may be broken off at any point and begun again.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from bot.shop_orders import ShopOrders
from bot.shop_prices import ShopPrices
from domain.errors import BateleurError
from domain.lease_rules import in_the_shop, lease_end, may_open_soon, must_end
from domain.ports import Shop
from domain.shop import ShopCode, lease_for
from domain.show import Live, LiveState, Offer
from store.database import Database
from store.unit import UnitOfWork

LATE = timedelta(seconds=60)
SKEW = timedelta(seconds=5)
"""How far the clocks of several processes may be apart; see `push_leases`."""
Item = TypeVar("Item")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Stand:
    live: Live
    offer: Offer


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
        self.orders = ShopOrders(database, shop, grace, now)

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
        """Move the ends of the codes of open lives ahead, and back when the plan says so, those in viewers'
        hands first."""
        now = self._now()
        going_on = self._stands(lambda stand: not must_end(stand.live, stand.offer, now, self.grace))
        _each(going_on, self._push)

    def end_codes(self) -> None:
        """End in the shop what is to end, and mark as dead what does not work there any more."""
        now = self._now()
        over = self._stands(lambda stand: must_end(stand.live, stand.offer, now, self.grace))
        _each([one for one in over if one.offer.id not in self._buried], lambda one: self._end(one, now))

    def _push(self, stand: _Stand) -> None:
        live, offer, now = stand.live, stand.offer, self._now()
        with self.database.unit(read_only=True) as unit:
            lease = self.lease_of(unit.shop_codes.living(offer.id))
            if live.state is not LiveState.OPEN and not may_open_soon(live, now, lease):
                return
            until = lease_end(live, offer, now, lease, self.grace)
            # One that ends later than it should was put there by another plan: its live begins, or ends,
            # earlier now, and the shop may hold its old start against it too.
            codes = unit.shop_codes.to_move(
                offer.id, until - lease / 3, until + SKEW, granted_only=offer.ended_at is not None
            )
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

    def _stands(self, wanted: Callable[[_Stand], bool]) -> list[_Stand]:
        with self.database.unit(read_only=True) as unit:
            lives = {live.id: live for live in unit.lives.list()}
            stands = [_Stand(lives[offer.live_id], offer) for offer in unit.offers.list()]
        return [stand for stand in stands if wanted(stand)]

    def _stand(self, unit: UnitOfWork, offer_id: int) -> _Stand | None:
        offer = unit.offers.get(offer_id)
        live = unit.lives.get(offer.live_id) if offer else None
        return _Stand(live, offer) if offer and live else None


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
