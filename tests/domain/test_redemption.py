from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.money import Money
from domain.redemption import CLOCK_SKEW, CodeHistory, Redemption, Verdict, decide_verdict
from domain.show import DeliveryState, Discount, Grant, Live, LiveState, Mechanic, Offer, OfferKind

OPENED = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
CLOSED = OPENED + timedelta(hours=2)
GRACE = timedelta(minutes=15)
GRANTED = OPENED + timedelta(minutes=30)
LIVE = Live(1, "La soirée", "fr", "Europe/Paris", LiveState.CLOSED, ("twitch:100",),
            opened_at=OPENED, closed_at=CLOSED)  # fmt: skip
UNIQUE = Offer(1, 1, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
SHARED = replace(UNIQUE, kind=OfferKind.SHARED, shared_code="LIVE20")
GRANT = Grant(1, 1, "twitch", "7", "ann", "twitch:100", "m1", "SECRET", GRANTED, DeliveryState.DELIVERED)
HISTORY = CodeHistory(LIVE, UNIQUE, (GRANT,))


def order(at: datetime, customer: str | None = None) -> Redemption:
    return Redemption("woo", "42", "SECRET", Money(1000, "EUR"), Money(4000, "EUR"), at, customer=customer)


def verdict(at: datetime, history: CodeHistory = HISTORY, customer: str | None = None) -> Verdict:
    return decide_verdict(order(at, customer), history, GRACE)


def test_an_order_after_the_grant_and_before_the_end_is_valid() -> None:
    assert verdict(GRANTED) is Verdict.VALID
    assert verdict(CLOSED + GRACE + CLOCK_SKEW) is Verdict.VALID


def test_an_order_after_the_grace_is_after_the_live() -> None:
    assert verdict(CLOSED + GRACE + CLOCK_SKEW + timedelta(seconds=1)) is Verdict.AFTER_THE_LIVE


def test_a_live_that_is_still_open_ends_by_its_plan() -> None:
    planned = replace(HISTORY, live=replace(LIVE, closed_at=None, ends_at=CLOSED))
    assert verdict(CLOSED + timedelta(hours=1), planned) is Verdict.AFTER_THE_LIVE
    endless = replace(HISTORY, live=replace(LIVE, closed_at=None))
    assert verdict(CLOSED + timedelta(days=1), endless) is Verdict.VALID


def test_a_unique_code_nobody_was_given_by_then_was_never_granted() -> None:
    assert verdict(GRANTED, replace(HISTORY, grants=())) is Verdict.NEVER_GRANTED
    assert verdict(GRANTED - CLOCK_SKEW - timedelta(seconds=1)) is Verdict.NEVER_GRANTED
    assert verdict(GRANTED - CLOCK_SKEW) is Verdict.VALID


def test_a_shared_code_counts_from_the_opening_on() -> None:
    shared = CodeHistory(LIVE, SHARED, (), uses_before=5_000)
    assert verdict(OPENED, shared) is Verdict.VALID
    assert verdict(OPENED - timedelta(hours=1), shared) is Verdict.NEVER_GRANTED
    assert verdict(OPENED, replace(shared, live=replace(LIVE, opened_at=None))) is Verdict.NEVER_GRANTED


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (replace(HISTORY, uses_before=1), Verdict.OVER_USED),
        (replace(HISTORY, uses_before=1, allowed_uses=2), Verdict.VALID),
        (CodeHistory(LIVE, SHARED, (), uses_before=100, allowed_uses=100), Verdict.OVER_USED),
        (CodeHistory(LIVE, SHARED, (), uses_before=99, allowed_uses=100), Verdict.VALID),
    ],
)
def test_a_code_used_more_often_than_allowed_is_over_used(history: CodeHistory, expected: Verdict) -> None:
    assert verdict(GRANTED, history) is expected


def test_a_code_for_someone_else_is_another_customers() -> None:
    for_ann = replace(HISTORY, customer="ann")
    assert verdict(GRANTED, for_ann, "bob") is Verdict.OTHER_CUSTOMER
    assert verdict(GRANTED, for_ann, "ann") is Verdict.VALID
    assert verdict(GRANTED, for_ann, None) is Verdict.VALID
    assert verdict(GRANTED, HISTORY, "bob") is Verdict.VALID


def test_the_first_broken_rule_is_the_verdict() -> None:
    late_and_used = replace(HISTORY, uses_before=1, customer="ann")
    assert verdict(CLOSED + timedelta(days=1), late_and_used, "bob") is Verdict.AFTER_THE_LIVE
    assert verdict(CLOSED + timedelta(days=1), replace(late_and_used, grants=())) is Verdict.NEVER_GRANTED


def test_no_repr_shows_the_code() -> None:
    assert "SECRET" not in repr(order(GRANTED))
    assert "SECRET" not in repr(HISTORY)
