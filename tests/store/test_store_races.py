"""Real threads with real commits, on both engines, for the same viewers and the last codes."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from domain.chat import Role
from domain.errors import Refusal
from domain.money import Money
from domain.show import (
    Ask,
    Claim,
    ClaimOutcome,
    ClaimResult,
    CodeState,
    Discount,
    Grant,
    Mechanic,
    Offer,
    OfferKind,
    Product,
)
from store import Database

NOW = datetime(2026, 11, 23, 20, tzinfo=UTC)
THREADS = 8
T = TypeVar("T")


def claim(viewer: int, by: int = 0) -> Claim:
    return Claim("twitch", str(viewer), f"viewer {viewer}", "twitch:100", f"{viewer}-{by}")


def make_offer(
    database: Database, *, codes: int = 0, quantity: int | None = None, shared: str | None = None
) -> Offer:
    with database.unit() as unit:
        live = unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"])
        kind = OfferKind.SHARED if shared else OfferKind.UNIQUE
        offer = unit.offers.add(
            live.id, kind, Mechanic.DROP, Discount(percent=20), quantity=quantity, shared_code=shared
        )
        if codes:
            unit.codes.add(offer.id, [f"CODE{offer.id}{n:06}" for n in range(codes)])
    return offer


def race(work: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """What `work` returns in each thread; all begin at once, and any exception is raised here."""
    start = threading.Barrier(threads)

    def run(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def claim_in_batches(
    database: Database, offer: Offer, viewers: int, size: int, by: int
) -> list[ClaimOutcome]:
    """Every viewer claims once, in an order of this thread's own, some batches repeating a viewer."""
    dice = random.Random(by)
    order = [*range(viewers), *range(0, viewers, 7)]
    dice.shuffle(order)
    outcomes = []
    for start in range(0, len(order), size):
        batch = [claim(viewer, by) for viewer in order[start : start + size]]
        with database.unit() as unit:
            outcomes += unit.grants.grant(offer, batch, NOW)
    return outcomes


def grants_of(database: Database, offer: Offer) -> list[Grant]:
    with database.unit() as unit:
        return unit.grants.list(offer.id)


def assert_told_the_truth(outcomes: list[ClaimOutcome], grants: list[Grant]) -> None:
    """Each grant was announced once, everybody told the same of it, nobody with one sent away."""
    by_viewer = {grant.viewer_id: grant for grant in grants}
    assert len(by_viewer) == len(grants)
    announced = Counter(o.grant.id for o in outcomes if o.result is ClaimResult.GRANTED and o.grant)
    assert Counter(grant.id for grant in grants) == announced
    for outcome in outcomes:
        assert by_viewer.get(outcome.claim.viewer_id) == outcome.grant
        assert (outcome.grant is None) == (outcome.result is ClaimResult.EXHAUSTED)


@pytest.mark.parametrize("size", [1, 4, 30])
def test_many_threads_want_the_last_codes_for_the_same_viewers(database: Database, size: int) -> None:
    offer = make_offer(database, codes=60)
    told = race(lambda by: claim_in_batches(database, offer, 100, size, by))
    grants = grants_of(database, offer)
    assert 60 == len(grants) == len({grant.code for grant in grants})
    assert_told_the_truth([outcome for outcomes in told for outcome in outcomes], grants)
    with database.unit() as unit:
        assert {CodeState.GRANTED} == {state for _, state in unit.codes.list(offer.id)}


def test_with_codes_for_all_nobody_goes_without(database: Database) -> None:
    offer = make_offer(database, codes=500)
    told = race(lambda by: claim_in_batches(database, offer, 200, 11, by))
    grants = grants_of(database, offer)
    assert 200 == len(grants) == len({grant.code for grant in grants})
    assert_told_the_truth([outcome for outcomes in told for outcome in outcomes], grants)
    with database.unit() as unit:
        states = dict(unit.codes.list(offer.id))
        assert 300 == unit.offers.left(offer.id)
    assert {grant.code for grant in grants} == {code for code in states if states[code] is CodeState.GRANTED}


@pytest.mark.parametrize("kind", ["shared", "unique"])
def test_a_quantity_holds_under_a_race(database: Database, kind: str) -> None:
    codes, shared = (0, "TONIGHT") if kind == "shared" else (100, None)
    offer = make_offer(database, codes=codes, quantity=37, shared=shared)
    told = race(lambda by: claim_in_batches(database, offer, 80, 5, by))
    grants = grants_of(database, offer)
    assert 37 == len(grants)
    assert_told_the_truth([outcome for outcomes in told for outcome in outcomes], grants)
    with database.unit() as unit:
        assert 0 == unit.offers.left(offer.id)


def test_a_shared_offer_without_bound_grants_each_viewer_once(database: Database) -> None:
    offer = make_offer(database, shared="TONIGHT")
    told = race(lambda by: claim_in_batches(database, offer, 80, 9, by))
    assert_told_the_truth([outcome for outcomes in told for outcome in outcomes], grants_of(database, offer))
    assert 80 == len(grants_of(database, offer))


def test_nothing_is_granted_once_the_end_is_committed(database: Database) -> None:
    offer = make_offer(database, codes=5_000)
    granting = threading.Event()

    def work(by: int) -> int | None:
        if by == 0:
            assert granting.wait(30)
            with database.unit() as unit:
                unit.offers.end(offer.id, NOW)
            return len(grants_of(database, offer))
        for viewer in range(by * 1_000, by * 1_000 + 1_000):
            with database.unit() as unit:
                (outcome,) = unit.grants.grant(offer, [claim(viewer)], NOW)
            granting.set()
            if outcome.result is ClaimResult.EXHAUSTED:
                return None
        raise AssertionError("the offer never ended")

    at_the_end, *_ = race(work, threads=4)
    assert at_the_end == len(grants_of(database, offer))


def test_one_of_many_lives_opens_on_a_channel(database: Database) -> None:
    with database.unit() as unit:
        lives = [unit.lives.add(f"{n}", "fr", "Europe/Paris", ["twitch:100"]) for n in range(THREADS)]

    def work(number: int) -> bool:
        try:
            with database.unit() as unit:
                unit.lives.open(lives[number].id, NOW)
        except Refusal:
            return False
        return True

    assert 1 == sum(race(work))
    with database.unit() as unit:
        assert 1 == [live.state.value for live in unit.lives.list()].count("open")


def test_each_message_is_new_to_one_thread(database: Database) -> None:
    def work(by: int) -> list[tuple[str, str]]:
        ids = list(range(300))
        random.Random(by).shuffle(ids)
        new: list[tuple[str, str]] = []
        for start in range(0, 300, 20):
            asks = [
                Ask(None, "twitch:100", str(id), "twitch", "7", "Ann", Role.VIEWER, "code", "", NOW)
                for id in ids[start : start + 20]
            ]
            with database.unit() as unit:
                new += unit.asks.record(asks)
        return new

    found = Counter(key for keys in race(work) for key in keys)
    assert Counter(("twitch:100", str(id)) for id in range(300)) == found


def test_one_product_is_on_screen_whoever_puts_it_there(database: Database) -> None:
    with database.unit() as unit:
        live = unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"])
        unit.products.save([Product(f"S{n}", f"Product {n}", Money(100, "EUR")) for n in range(THREADS)], NOW)

    def work(number: int) -> None:
        for _ in range(10):
            with database.unit() as unit:
                unit.segments.put_on_screen(live.id, f"S{number}", NOW)

    race(work)
    with database.unit() as unit:
        assert unit.segments.on_screen(live.id) in {f"S{n}" for n in range(THREADS)}
