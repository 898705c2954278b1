"""A live's products and a change of its plan, on both engines."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from commands.planning import change_live, plan_live, planned_live
from domain.errors import Refusal
from domain.money import Money
from domain.plan_rules import Plan, Planned
from domain.show import Live, LiveState, Product
from store import Database

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRODUCTS = [Product(sku, sku.title(), Money(1000, "EUR")) for sku in ("X1", "P5", "SW")]
PLAN = Plan(
    "Soirée", "fr", "Europe/Paris", ("twitch:1", "youtube:UC"), NOW + HOUR, NOW + 2 * HOUR, ("P5", "X1")
)
PLATFORMS, LANGUAGES = ("twitch", "youtube"), ("fr", "en")


@pytest.fixture
def live(database: Database) -> Live:
    with database.unit() as unit:
        unit.products.save(PRODUCTS, NOW)
        return plan_live(unit, PLAN, platforms=PLATFORMS, languages=LANGUAGES)


def stand(database: Database, live: Live) -> Planned:
    with database.unit(read_only=True) as unit:
        found = unit.lives.get(live.id)
        assert found is not None
        return planned_live(unit, found)


def change(database: Database, live: Live, seen: Planned, plan: Plan) -> Plan:
    with database.unit() as unit:
        return change_live(unit, live.id, seen, plan, NOW, platforms=PLATFORMS, languages=LANGUAGES)


def products(database: Database, live: Live) -> Sequence[str]:
    return stand(database, live).plan.skus


def test_a_lives_products_are_kept_in_their_order_and_once_each(database: Database, live: Live) -> None:
    assert ("P5", "X1") == products(database, live)
    with database.unit() as unit:
        unit.live_products.put(live.id, ["SW", "P5", "SW", "X1", "P5"])
    assert ("SW", "P5", "X1") == products(database, live)
    with database.unit() as unit:
        unit.live_products.put(live.id, [])
    assert () == products(database, live)


def test_a_product_that_does_not_exist_is_named_and_nothing_is_changed(
    database: Database, live: Live
) -> None:
    with pytest.raises(Refusal, match="no product NO"), database.unit() as unit:
        unit.live_products.put(live.id, ["SW", "NO"])
    assert ("P5", "X1") == products(database, live)


def test_a_live_is_not_planned_with_a_product_that_does_not_exist(database: Database, live: Live) -> None:
    with pytest.raises(Refusal, match="no product NO"), database.unit() as unit:
        plan_live(unit, replace(PLAN, skus=("X1", "NO")), platforms=PLATFORMS, languages=LANGUAGES)
    with database.unit() as unit:
        assert [live] == unit.lives.list()


def test_two_lives_may_show_the_same_product(database: Database, live: Live) -> None:
    with database.unit() as unit:
        other = plan_live(unit, replace(PLAN, skus=("X1",)), platforms=PLATFORMS, languages=LANGUAGES)
    assert (("P5", "X1"), ("X1",)) == (products(database, live), products(database, other))


def test_a_planned_live_is_given_another_plan(database: Database, live: Live) -> None:
    wanted = Plan(
        "Nuit", "en", "Europe/London", ("youtube:UC", "twitch:2"), NOW + 3 * HOUR, None, ("X1", "SW", "X1")
    )
    kept = change(database, live, stand(database, live), wanted)
    assert replace(wanted, skus=("X1", "SW")) == kept
    assert Planned(LiveState.PLANNED, kept) == stand(database, live)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (replace(PLAN, title=" "), "needs a title"),
        (replace(PLAN, channels=("minitel:1",)), "is no channel"),
        (replace(PLAN, timezone="Mars/Olympus"), "no time zone"),
        (replace(PLAN, language="xx"), "no reply texts"),
        (replace(PLAN, ends_at=NOW), "end before it starts"),
        (replace(PLAN, title="Nuit", skus=("NO",)), "no product NO"),
        (replace(PLAN, title="Nuit", channels=()), "at least one channel"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_leaves_the_plan_whole(
    database: Database, live: Live, wanted: Plan, sentence: str
) -> None:
    before = stand(database, live)
    with pytest.raises(Refusal, match=sentence):
        change(database, live, before, wanted)
    assert before == stand(database, live)


@pytest.mark.parametrize("deed", ["open", "close"])
def test_a_live_opened_or_cancelled_meanwhile_keeps_its_plan(
    database: Database, live: Live, deed: str
) -> None:
    seen = stand(database, live)
    with database.unit() as unit:
        getattr(unit.lives, deed)(live.id, NOW)
    with pytest.raises(Refusal, match="opened meanwhile" if deed == "open" else "was cancelled"):
        change(database, live, seen, replace(PLAN, title="Nuit", skus=()))
    assert PLAN == stand(database, live).plan


def test_the_end_and_the_products_of_an_open_live_are_changed_and_it_stays_open(
    database: Database, live: Live
) -> None:
    with database.unit() as unit:
        unit.lives.open(live.id, NOW)
    seen = stand(database, live)
    early = replace(PLAN, ends_at=NOW + HOUR / 2, skus=("SW",))  # opened, and ended, before its planned start
    change(database, live, seen, early)
    assert Planned(LiveState.OPEN, early) == stand(database, live)
    with database.unit() as unit, pytest.raises(Refusal, match="already has an open live"):
        other = unit.lives.add("Autre", "fr", "Europe/Paris", ["twitch:1"])
        unit.lives.open(other.id, NOW)


def test_of_many_who_change_a_live_at_once_one_is_heard_and_the_others_are_told(
    database: Database, live: Live
) -> None:
    seen, start = stand(database, live), threading.Barrier(6)

    def try_it(number: int) -> str | None:
        start.wait()
        try:
            return change(database, live, seen, replace(PLAN, title=f"Titre {number}")).title
        except Refusal as refused:
            assert "Somebody changed this live meanwhile" in str(refused)
            return None

    with ThreadPoolExecutor(6) as pool:
        heard = [title for title in pool.map(try_it, range(6)) if title]
    assert [stand(database, live).plan.title] == heard


def test_a_live_is_not_opened_into_a_change(database: Database, live: Live) -> None:
    seen, start = stand(database, live), threading.Barrier(2)

    def open_it() -> bool:
        start.wait()
        with database.unit() as unit:
            unit.lives.open(live.id, NOW)
        return True

    def change_it() -> bool:
        start.wait()
        try:
            change(database, live, seen, replace(PLAN, channels=("twitch:9",)))
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        opened, was_changed = pool.submit(open_it), pool.submit(change_it)
    assert opened.result()
    expected = ("twitch:9",) if was_changed.result() else PLAN.channels
    assert Planned(LiveState.OPEN, replace(PLAN, channels=expected)) == stand(database, live)
    with database.unit() as unit, pytest.raises(Refusal, match="already has an open live"):
        unit.lives.open(unit.lives.add("Autre", "fr", "Europe/Paris", expected[:1]).id, NOW)
