"""The console and the shop's jobs at the same offer at once, and a shared code that is taken back whole."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.shopkeeper import Shopkeeper
from domain.errors import Fault
from domain.money import Money
from domain.shop import CodeMade, ShopOffer
from domain.show import CodeState, Discount, Mechanic, Offer, OfferKind, Product
from store.database import Database
from tests.bot.shelf import ShelfShop


class SlowShelf(ShelfShop):
    """Waits with each offer until it is let go, and notes how many are at work at once."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.begun = threading.Event()
        self.at_work = self.most_at_work = 0

    def create_offer(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.begun.set()
        assert self.go.wait(20)
        try:
            yield from super().create_offer(offer, codes)
        finally:
            self.at_work -= 1


@dataclass
class Counter:
    database: Database
    shop: SlowShelf
    keeper: Shopkeeper
    live_id: int

    def shared(self, code: str = "NOEL") -> Offer:
        with self.database.unit() as unit:
            return unit.offers.add(
                self.live_id, OfferKind.SHARED, Mechanic.OPEN, Discount(percent=20), shared_code=code,
                is_due=True,
            )  # fmt: skip

    def offers(self) -> list[Offer]:
        with self.database.unit(read_only=True) as unit:
            return unit.offers.list()


@pytest.fixture
def counter(database: Database) -> Counter:
    shop = SlowShelf()
    now = datetime.now(UTC)
    with database.unit() as unit:
        live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=now)
        unit.lives.open(live.id, now)
        unit.products.save([Product("XSX", "La Xbox", Money(49999, "EUR"))], now)
    keeper = Shopkeeper(database, shop, timedelta(minutes=5), timedelta(minutes=15), shop.model.now)
    return Counter(database, shop, keeper, live.id)


def test_two_threads_at_one_offer_work_one_after_the_other(counter: Counter) -> None:
    with counter.database.unit() as unit:
        offer = unit.offers.add(counter.live_id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, [f"C{number:03}" for number in range(25)], CodeState.DRAWN)
    threads = [threading.Thread(target=counter.keeper.make_due_codes) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert counter.shop.begun.wait(20)
    counter.shop.go.set()
    for thread in threads:
        thread.join(20)
    assert 1 == counter.shop.most_at_work
    assert ["create"] == counter.shop.calls, "the second found nothing left to do"
    assert 25 == len(counter.shop.model.coupons)


def test_a_shared_code_that_the_jobs_put_in_the_shop_meanwhile_is_there(counter: Counter) -> None:
    offer = counter.shared()
    jobs = threading.Thread(target=counter.keeper.make_due_codes)
    jobs.start()
    assert counter.shop.begun.wait(20)
    counter.shop.go.set()
    assert counter.keeper.make_or_take_back(offer.id)
    jobs.join(20)
    assert [(offer.id, False)] == [(one.id, one.is_due) for one in counter.offers()]
    assert 1 == len(counter.shop.model.coupons)


def test_a_shared_code_that_a_failing_shop_did_not_get_takes_its_offer_back(counter: Counter) -> None:
    counter.shop.go.set()
    counter.shop.fails_after = 0
    offer = counter.shared()
    with pytest.raises(Fault):
        counter.keeper.make_or_take_back(offer.id)
    assert [] == counter.offers()
    counter.shop.fails_after = None
    counter.keeper.make_due_codes()
    assert {} == counter.shop.model.coupons


def test_a_shared_code_that_is_somebody_elses_takes_its_offer_back(counter: Counter) -> None:
    counter.shop.go.set()
    counter.shop.model.add_coupon("SUMMER", percent=5)
    offer = counter.shared("SUMMER")
    assert not counter.keeper.make_or_take_back(offer.id)
    assert [] == counter.offers()


def test_when_the_shop_told_a_price_is_known(counter: Counter) -> None:
    assert {} == counter.keeper.told_at
    counter.keeper.prices.take_over(counter.shop.products(["XSX"]))
    assert ["XSX"] == list(counter.keeper.told_at)
