"""An offer as it is typed becomes an offer as it will be, or a slip at each wrong field."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.money import Money
from domain.show import Discount, Mechanic, OfferKind
from web.console.pages.offers.plan import OfferPlan, Slip, Typed, plan_of

NOW = datetime(2026, 11, 26, 19, 0, tzinfo=UTC)
TYPED = Typed(
    kind=OfferKind.UNIQUE, by_percent=True, percent="20", amount="", currency="EUR", code="", quantity="",
    draws=True, count="5 000", prefix="noel-", mechanic=Mechanic.DROP, skus=("XSX",), starts="", ends="",
)  # fmt: skip


def planned(typed: Typed) -> OfferPlan:
    plan = plan_of(typed, "Europe/Paris", NOW)
    assert isinstance(plan, OfferPlan)
    return plan


def slips(typed: Typed) -> list[str]:
    plan = plan_of(typed, "Europe/Paris", NOW)
    assert isinstance(plan, list)
    return [slip.where for slip in plan]


def test_what_is_typed_is_what_is_planned() -> None:
    plan = planned(TYPED)
    assert (Discount(percent=20), 5_000, "NOEL-", None) == (
        plan.discount,
        plan.count,
        plan.prefix,
        plan.quantity,
    )


def test_times_are_read_on_the_clocks_of_the_live() -> None:
    plan = planned(replace(TYPED, starts="2026-11-26T20:30", ends="2026-11-26T21:30"))
    assert datetime(2026, 11, 26, 19, 30, tzinfo=UTC) == plan.starts_at
    assert datetime(2026, 11, 26, 20, 30, tzinfo=UTC) == plan.ends_at


def test_an_amount_is_read_as_people_write_it() -> None:
    plan = planned(replace(TYPED, by_percent=False, amount="10,50", currency="eur"))
    assert Discount(amount=Money(1050, "EUR")) == plan.discount


def test_what_does_not_belong_to_the_kind_is_passed_over() -> None:
    shared = planned(replace(TYPED, kind=OfferKind.SHARED, code=" NOEL ", quantity="50", count="no"))
    assert ("NOEL", 50, 0, "") == (shared.shared_code, shared.quantity, shared.count, shared.prefix)
    later = planned(replace(TYPED, draws=False, count=""))
    assert 0 == later.count


def test_every_slip_is_told_at_once() -> None:
    wrong = replace(TYPED, percent="120", count="1000000", prefix="NO EL", ends="2026-11-26T19:59")
    assert ["percent", "count", "prefix", "ends"] == slips(wrong)
    assert ["code", "quantity"] == slips(replace(TYPED, kind=OfferKind.SHARED, code="NO EL", quantity="0"))
    assert ["currency"] == slips(replace(TYPED, by_percent=False, amount="10", currency="euros"))
    assert ["amount"] == slips(replace(TYPED, by_percent=False, amount="dix"))
    assert ["ends"] == slips(replace(TYPED, starts="2026-11-27T20:00", ends="2026-11-27T19:00"))
    assert ["starts"] == slips(replace(TYPED, starts="tomorrow"))


def test_a_slip_names_its_sentence() -> None:
    assert [Slip("count", "offers.slip_count", {"most": 100_000})] == plan_of(
        replace(TYPED, count="0"), "Europe/Paris", NOW
    )
