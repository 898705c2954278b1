"""The report of a live: every viewer counted once, every order once, and what cannot be known left open."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.chat import Role
from domain.errors import Refusal
from domain.money import Money
from domain.redemption import Verdict
from domain.report import LiveReport, Minute, Part, RateName, Steps, Takings, counts_of
from domain.shop import CodeUse, Order, OrderState
from domain.show import Ask, Claim, Discount, Mechanic, OfferKind, Product
from store import Database

START = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
GRACE = timedelta(minutes=5)
TWITCH, YOUTUBE = "twitch:100", "youtube:UC1"


class Evening:
    """A live on two channels, with two products and as many offers as a test adds."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.count = 0
        with database.unit() as unit:
            products = [
                Product("X1", "Xbox", Money(49999, "EUR")),
                Product("P5", "PlayStation", Money(44999, "EUR")),
            ]
            unit.products.save(products, START)
            live = unit.lives.add("Evening", "fr", "Europe/Paris", [TWITCH, YOUTUBE], starts_at=START)
            self.live = unit.lives.open(live.id, START).id

    def shows(self, sku: str, minute: float) -> None:
        with self.database.unit() as unit:
            unit.segments.put_on_screen(self.live, sku, at(minute))

    def offers(self, mechanic: Mechanic = Mechanic.OPEN, shared_code: str | None = None) -> int:
        kind = OfferKind.SHARED if shared_code else OfferKind.UNIQUE
        with self.database.unit() as unit:
            offer = unit.offers.add(self.live, kind, mechanic, Discount(percent=20), shared_code=shared_code)
            if not shared_code:
                unit.codes.add(offer.id, [f"O{offer.id}-{number}" for number in range(9)])
            return offer.id

    def asks(
        self, viewer: str, command: str, minute: float, channel: str = TWITCH, role: Role = Role.VIEWER
    ) -> None:
        self.count += 1
        platform = channel.partition(":")[0]
        ask = Ask(
            self.live, channel, str(self.count), platform, viewer, viewer, role, command, "", at(minute)
        )
        with self.database.unit() as unit:
            unit.asks.record([ask])

    def gives(self, offer_id: int, viewer: str, minute: float, channel: str = TWITCH) -> str:
        """The code given."""
        claim = Claim(channel.partition(":")[0], viewer, viewer, channel, f"m-{viewer}-{offer_id}")
        with self.database.unit() as unit:
            offer = unit.offers.get(offer_id)
            assert offer is not None
            (outcome,) = unit.grants.grant(offer, [claim], at(minute))
            assert outcome.grant is not None
            return outcome.grant.code

    def order(
        self, id: str, *codes: str, minute: float, total: int = 10_000, refunded: int = 0, **more: object
    ) -> None:
        uses = tuple(CodeUse(code, Money(1_000, "EUR")) for code in codes)
        state = more.get("state", OrderState.PLACED)
        currency = str(more.get("currency", "EUR"))
        order = Order(
            id, uses, Money(total, currency), Money(refunded, currency), OrderState(state), at(minute), 1
        )
        with self.database.unit() as unit:
            unit.redemptions.record("woocommerce", [order], at(minute), GRACE)

    def report(self) -> LiveReport:
        with self.database.unit(read_only=True) as unit:
            return unit.reports.of(self.live)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def named(parts: tuple[Part, ...]) -> dict[str, Steps]:
    return {part.key: part.steps for part in parts}


@pytest.fixture
def evening(database: Database) -> Evening:
    return Evening(database)


def test_a_live_that_is_not_there_has_no_report(database: Database) -> None:
    with pytest.raises(Refusal, match="no live 9"), database.unit(read_only=True) as unit:
        unit.reports.of(9)


def test_a_live_where_nothing_happened_is_empty_and_has_its_channels(evening: Evening) -> None:
    report = evening.report()
    assert report.is_empty
    assert (Steps(), (), ()) == (report.whole, report.minutes, report.verdicts)
    assert {TWITCH: Steps(), YOUTUBE: Steps()} == named(report.by_channel)
    assert [None, None, None] == [counts_of(report.whole, name) for name in RateName]


def test_each_viewer_counts_once_however_often_they_ask(evening: Evening) -> None:
    offer = evening.offers()
    for minute in (1, 2, 3):
        evening.asks("ann", "code", minute)
        evening.asks("bob", "price", minute)
    evening.gives(offer, "ann", 1)
    whole = evening.report().whole
    assert (2, 6, 1, 1, 1, 0) == (
        whole.viewers, whole.questions, whole.askers, whole.holders, whole.own_holders, whole.buyers,
    )  # fmt: skip


def test_the_same_id_on_two_platforms_is_two_viewers(evening: Evening) -> None:
    evening.asks("1", "code", 1)
    evening.asks("1", "code", 1, channel=YOUTUBE)
    assert 2 == evening.report().whole.viewers


def test_who_moderates_is_no_viewer_to_be_won(evening: Evening) -> None:
    evening.asks("mod", "product", 1, role=Role.MODERATOR)
    evening.asks("owner", "live", 1, role=Role.OWNER)
    evening.asks("sub", "price", 1, role=Role.SUBSCRIBER)
    assert (1, 1) == (evening.report().whole.viewers, evening.report().whole.questions)


def test_who_is_given_a_code_by_hand_counts_as_having_asked(evening: Evening) -> None:
    offer = evening.offers(Mechanic.HAND)
    evening.gives(offer, "ann", 1)
    whole = evening.report().whole
    assert (1, 0, 1, 1) == (whole.viewers, whole.questions, whole.askers, whole.holders)


def test_an_order_that_stands_makes_a_buyer_and_revenue_net_of_refunds(evening: Evening) -> None:
    offer = evening.offers()
    ann, bob = evening.gives(offer, "ann", 1), evening.gives(offer, "bob", 1, YOUTUBE)
    evening.order("1", ann, minute=2, total=10_000, refunded=2_500)
    evening.order("2", bob, minute=2, total=7_000, state=OrderState.CANCELLED)
    report = evening.report()
    assert {"EUR": Takings(1, 10_000, 2_500)} == report.whole.takings
    assert (1, 1, 7_500) == (report.whole.buyers, report.whole.orders, report.whole.takings["EUR"].net)
    assert [(1, 1), (1, 0)] == [(p.steps.holders, p.steps.buyers) for p in report.by_channel]
    with evening.database.unit() as unit:
        assert {"EUR": 7_500} == unit.redemptions.revenue(evening.live)


def test_two_orders_of_a_viewer_are_one_buyer_and_currencies_stay_apart(evening: Evening) -> None:
    first, second = evening.offers(), evening.offers(Mechanic.DROP)
    evening.order("1", evening.gives(first, "ann", 1), minute=2)
    evening.order("2", evening.gives(second, "ann", 1), minute=2, total=5_000, currency="CHF")
    whole = evening.report().whole
    assert (1, 1, 2) == (whole.holders, whole.buyers, whole.orders)
    assert {"CHF": Takings(1, 5_000, 0), "EUR": Takings(1, 10_000, 0)} == whole.takings


def test_an_order_with_two_codes_counts_once_in_all_and_once_for_each_mechanic(evening: Evening) -> None:
    first, second = evening.offers(), evening.offers(Mechanic.DROP)
    codes = evening.gives(first, "ann", 1), evening.gives(second, "ann", 1)
    evening.order("1", *codes, minute=2)
    report = evening.report()
    assert (1, {"EUR": Takings(1, 10_000, 0)}) == (report.whole.orders, report.whole.takings)
    assert {"drop": 1, "open": 1} == {part.key: part.steps.orders for part in report.by_mechanic}
    assert [1, 1] == [part.steps.orders for part in report.by_offer]


def test_orders_against_the_rules_are_told_and_not_counted(evening: Evening) -> None:
    offer = evening.offers()
    code = evening.gives(offer, "ann", 1)
    with evening.database.unit() as unit:
        unit.lives.close(evening.live, at(30))
    evening.order("1", code, minute=90)
    report = evening.report()
    assert (0, 0, {}) == (report.whole.orders, report.whole.buyers, report.whole.takings)
    (judged,) = report.verdicts
    assert (Verdict.AFTER_THE_LIVE, 1, 10_000) == (judged.verdict, judged.uses, judged.takings["EUR"].net)
    assert not report.is_empty


def test_a_shared_code_tells_nobody_who_bought(evening: Evening) -> None:
    evening.shows("X1", 0)
    evening.shows("P5", 10)
    offer = evening.offers(shared_code="LIVE20")
    evening.asks("ann", "code", 1)
    evening.gives(offer, "ann", 1)
    evening.order("1", "LIVE20", minute=12)
    report = evening.report()
    whole = report.whole
    assert (1, 0, 0, 1, 1) == (
        whole.holders, whole.own_holders, whole.buyers, whole.orders, whole.shared_orders
    )  # fmt: skip
    assert counts_of(whole, RateName.BOUGHT) is None
    assert {TWITCH: 0, YOUTUBE: 0, "": 1} == {part.key: part.steps.orders for part in report.by_channel}
    assert {"X1": 0, "P5": 1} == {part.key: part.steps.orders for part in report.by_product}


def test_how_many_asked_for_an_offer_is_not_known(evening: Evening) -> None:
    evening.offers()
    evening.gives(evening.offers(Mechanic.DROP), "ann", 1)
    report = evening.report()
    assert [(None, 0), (None, 1)] == [(p.steps.askers, p.steps.holders) for p in report.by_offer]
    assert {"drop": Steps(None, None, None, 1, 1)} == named(report.by_mechanic)
    assert counts_of(report.by_mechanic[0].steps, RateName.HELD) is None


def test_what_happens_belongs_to_the_product_on_screen(evening: Evening) -> None:
    offer = evening.offers()
    evening.asks("early", "price", 1)
    evening.shows("X1", 2)
    evening.asks("ann", "code", 2)
    code = evening.gives(offer, "ann", 2)
    evening.shows("P5", 10)
    evening.asks("ann", "price", 10)
    evening.shows("X1", 20)
    evening.asks("ann", "price", 20)
    evening.asks("bob", "price", 25)
    evening.order("1", code, minute=12)
    report = evening.report()
    found = {part.key: (part.steps.viewers, part.steps.orders) for part in report.by_product}
    assert {"X1": (2, 1), "P5": (1, 0), "": (1, 0)} == found
    assert ["X1", "P5", "X1"] == [stretch.sku for stretch in report.stretches]


def test_minutes_tell_when_it_happened(evening: Evening) -> None:
    offer = evening.offers()
    for minute in (1.2, 1.9, 3.5):
        evening.asks("ann", "code", minute)
    code = evening.gives(offer, "ann", 1.2)
    evening.order("1", code, minute=3.99)
    assert (Minute(at(1), 2, 1, 0), Minute(at(3), 1, 0, 1)) == evening.report().minutes


def test_another_live_is_left_out(evening: Evening) -> None:
    offer = evening.offers()
    evening.asks("ann", "code", 1)
    evening.gives(offer, "ann", 1)
    with evening.database.unit() as unit:
        other = unit.lives.add("Other", "fr", "Europe/Paris", ["twitch:7"])
        assert unit.reports.of(other.id).is_empty
