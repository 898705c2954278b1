"""The report of a live: every viewer counted once, every order once, and what cannot be known left open."""

from datetime import timedelta

import pytest

from domain.chat import Role
from domain.errors import Refusal
from domain.redemption import Verdict
from domain.report import Brief, Moment, Part, RateName, Steps, Takings, counts_of
from domain.shop import OrderState
from domain.show import Mechanic
from store import Database
from tests.figures import TWITCH, YOUTUBE, Evening, at


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
    assert (Steps(), (), ()) == (report.whole, report.moments, report.verdicts)
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
    assert whole.known_buyers is None
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
    evening.asks("bob", "price", 59)
    assert (Moment(at(1), 2, 1, 0), Moment(at(3), 1, 0, 1), Moment(at(59), 1)) == evening.report().moments


def test_a_very_short_live_is_told_by_the_second(evening: Evening) -> None:
    for second in (61.2, 61.9, 63.5):
        evening.asks("ann", "price", second / 60)
    report = evening.report()
    assert timedelta(seconds=1) == report.step
    assert (Moment(at(61 / 60), 2), Moment(at(63 / 60), 1)) == report.moments


def test_another_live_is_left_out(evening: Evening) -> None:
    offer = evening.offers()
    evening.asks("ann", "code", 1)
    evening.gives(offer, "ann", 1)
    with evening.database.unit() as unit:
        other = unit.lives.add("Other", "fr", "Europe/Paris", ["twitch:7"])
        assert unit.reports.of(other.id).is_empty


def test_a_list_of_lives_tells_what_each_came_to(evening: Evening) -> None:
    offer = evening.offers()
    ann, bob = evening.gives(offer, "ann", 1), evening.gives(offer, "bob", 1)
    evening.order("1", ann, minute=2, total=10_000, refunded=2_500)
    with evening.database.unit() as unit:
        unit.lives.close(evening.live, at(30))
    evening.order("2", bob, minute=90)
    with evening.database.unit(read_only=True) as unit:
        assert {evening.live: Brief(2, 1, {"EUR": 7_500})} == unit.reports.briefs()
    later = Evening(evening.database)
    with evening.database.unit(read_only=True) as unit:
        assert later.live not in unit.reports.briefs()
        assert evening.report().whole.takings["EUR"].net == unit.reports.briefs()[evening.live].net["EUR"]
