"""Promise 6, tried hard: whatever webhooks and polls do, each order's use of a code ends as one right row."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.shopkeeper import Shopkeeper
from domain.redemption import Redemption, Verdict
from domain.shop import Notice, Order, OrderState
from domain.show import Claim, Discount, Mechanic, OfferKind
from standins.shop.model import GONE, NotAccepted, PlacedOrder
from store.database import Database, open_database
from tests.bot.shelf import ShelfShop, told

CODES = ("AAA", "BBB", "CCC", "LIVE20")
GRACE, LEASE = timedelta(minutes=5), timedelta(minutes=15)
OPENED = datetime.now(UTC)

buying = st.tuples(
    st.just("buy"), st.lists(st.sampled_from(CODES), max_size=2, unique=True), st.sampled_from(["ann", "bob"])
)
changing = st.tuples(
    st.sampled_from(["cancel", "refund", "edit", "strip", "delete"]),
    st.integers(0, 1),
    st.sampled_from(CODES),
)
telling = st.tuples(st.just("webhook"), st.integers(0, 9), st.booleans())
working = st.tuples(st.sampled_from(["poll", "work"]), st.none(), st.none())
stories = st.lists(st.one_of(buying, changing, telling, working), max_size=40)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An open live, two granted codes and one that nobody was given, and a shared one for two uses."""
    path = tmp_path_factory.mktemp("prepared") / "shop.db"
    database = open_database(f"sqlite:///{path}")
    database.upgrade()
    with database.unit() as unit:
        live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=OPENED)
        unit.lives.open(live.id, OPENED)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, ["AAA", "BBB"])
        claims = [Claim("twitch", name, name, "twitch:100", name) for name in ("ann", "bob")]
        unit.grants.grant(offer, claims, OPENED)
        unit.codes.add(offer.id, ["CCC"])
        unit.offers.add(live.id, OfferKind.SHARED, Mechanic.OPEN, Discount(percent=10), quantity=2,
                        shared_code="LIVE20")  # fmt: skip
    database.close()
    return path


@pytest.fixture
def copies(prepared: Path, tmp_path: Path) -> Iterator["Copies"]:
    opened = Copies(prepared, tmp_path)
    yield opened


class Copies:
    """Fresh databases, all prepared alike."""

    def __init__(self, prepared: Path, folder: Path) -> None:
        self._prepared = prepared
        self._folder = folder
        self._count = 0

    def open(self) -> Database:
        self._count += 1
        path = self._folder / f"{self._count}.db"
        shutil.copy(self._prepared, path)
        return open_database(f"sqlite:///{path}")


class Story:
    """What happens in one shop, and what we hear of it."""

    def __init__(self, database: Database) -> None:
        self.shop = ShelfShop()
        self.keeper = Shopkeeper(database, self.shop, GRACE, LEASE, self.shop.model.now)
        self.database = database
        self.payloads: list[tuple[str, Order]] = []
        self.shop.model.told.append(self._note)
        for code in CODES:
            self.shop.model.add_coupon(code, percent=20)

    def step(self, what: str, one: object, other: object) -> None:
        model = self.shop.model
        model.shift += timedelta(seconds=2)
        if what == "buy":
            try:
                model.check_out(list(one), f"{other}@example.com")  # type: ignore[call-overload]
            except NotAccepted:
                return
        elif what == "webhook":
            self._tell(int(str(one)), is_repeat=bool(other))
        elif what == "poll":
            self.keeper.orders.poll_orders()
        elif what == "work":
            self.keeper.orders.work_notices()
        else:
            self._change(what, int(str(one)), str(other))

    def rows(self) -> list[tuple[Redemption, Verdict]]:
        """Everything is told at last: what waits is worked on, and the shop is read once more."""
        while self.keeper.orders.work_notices():
            pass
        self.keeper.orders.poll_orders()
        with self.database.unit(read_only=True) as unit:
            return sorted(
                ((line.redemption, line.verdict) for line in unit.redemptions.list()),
                key=lambda row: (row[0].order_id, row[0].code),
            )

    def _change(self, what: str, number: int, code: str) -> None:
        orders = list(self.shop.model.orders)
        if number >= len(orders):
            return
        id = orders[number]
        if what == "cancel":
            self.shop.model.cancel(id)
        elif what == "refund":
            self.shop.model.refund(id, 1_000)
        elif what == "edit":
            self.shop.model.take_code_off(id, code)
        elif what == "strip":
            for carried in list(self.shop.model.orders[id].codes):
                self.shop.model.take_code_off(id, carried)
        else:
            self.shop.model.delete(id)

    def _note(self, event: str, order: PlacedOrder) -> None:
        if event == GONE:
            # This one always arrives: a shop that tells of an order's end by nothing else is read in vain.
            self.keeper.orders.keep_notices([Notice(f"gone {order.id}", (), (str(order.id),))])
        else:
            self.payloads.append((f"{len(self.payloads)}", told(order)))

    def _tell(self, number: int, *, is_repeat: bool) -> None:
        if self.payloads:
            key, order = self.payloads[number % len(self.payloads)]
            self.keeper.orders.keep_notices([Notice(key, (order,))] * (2 if is_repeat else 1))


LATE_AFTER_ITS_END = [
    ("buy", ["AAA"], "ann"),
    ("delete", 0, "AAA"),
    ("work", None, None),
    ("webhook", 0, False),
]


@example(story=LATE_AFTER_ITS_END)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories)
def test_webhooks_shuffled_repeated_and_lost_among_polls_end_in_the_same_rows(
    copies: Copies, story: list[tuple[str, object, object]]
) -> None:
    told_badly = Story(copies.open())
    for step in story:
        told_badly.step(*step)
    found = told_badly.rows()

    # The same shop, of which one reads only how things stand at the end.
    read_once = Story(copies.open())
    read_once.shop.model.orders = told_badly.shop.model.orders
    read_once.shop.model.shift = told_badly.shop.model.shift
    expected = read_once.rows()

    standing = [row for row in found if row[0].order_id in {row[0].order_id for row in expected}]
    if any(step[0] == "delete" for step in story):
        # Whose code it was is told by the first order with it, even one that is gone: verdicts may differ.
        assert [row[0] for row in expected] == [row[0] for row in standing]
    else:
        assert expected == standing
    gone = [row for row in found if row not in standing]
    assert all(row[0].state is OrderState.CANCELLED for row in gone)
    told_badly.database.close()
    read_once.database.close()
