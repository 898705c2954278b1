"""What of a live's plan may be changed, when, and by someone who has seen what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import Refusal
from domain.plan_rules import FIELDS, Plan, Planned, changed, check_change
from domain.show import LiveState

NOW = datetime(2026, 12, 3, 19, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLAN = Plan("Soirée", "fr", "Europe/Paris", ("twitch:1",), NOW + HOUR, NOW + 2 * HOUR, ("X1", "P5"))
OTHER: dict[str, Any] = {
    "title": "Nuit",
    "language": "en",
    "timezone": "Europe/London",
    "channels": ("youtube:UC",),
    "starts_at": NOW + HOUR / 2,
    "ends_at": NOW + 3 * HOUR,
    "skus": ("P5", "X1"),
}


def planned(plan: Plan = PLAN, state: LiveState = LiveState.PLANNED) -> Planned:
    return Planned(state, plan)


def refusal(seen: Planned, stands: Planned, wanted: Plan) -> str:
    with pytest.raises(Refusal) as refused:
        check_change(seen, stands, wanted, NOW)
    return str(refused.value)


def test_what_changed_is_what_differs_the_order_of_products_too() -> None:
    assert () == changed(PLAN, replace(PLAN))
    for name, value in OTHER.items():
        assert (name,) == changed(PLAN, replace(PLAN, **{name: value}))
    assert FIELDS == changed(PLAN, replace(PLAN, **OTHER))


def test_everything_of_a_planned_live_may_be_changed() -> None:
    check_change(planned(), planned(), replace(PLAN, **OTHER), NOW)


@pytest.mark.parametrize("name", FIELDS)
def test_of_an_open_live_only_the_end_and_the_products_may_be_changed(name: str) -> None:
    is_open = planned(state=LiveState.OPEN)
    wanted = replace(PLAN, **{name: OTHER[name]})
    if name in ("ends_at", "skus"):
        check_change(is_open, is_open, wanted, NOW)
    else:
        assert "Of an open live only the end" in refusal(is_open, is_open, wanted)


def test_an_open_live_is_not_ended_by_an_end_in_the_past_but_may_lose_its_end() -> None:
    is_open = planned(state=LiveState.OPEN)
    assert "past already" in refusal(is_open, is_open, replace(PLAN, ends_at=NOW))
    check_change(is_open, is_open, replace(PLAN, ends_at=NOW + HOUR / 60), NOW)
    check_change(is_open, is_open, replace(PLAN, ends_at=None), NOW)


def test_products_of_an_open_live_past_its_end_may_still_be_changed() -> None:
    late = replace(PLAN, ends_at=NOW - HOUR)
    is_open = planned(late, LiveState.OPEN)
    check_change(is_open, is_open, replace(late, skus=("P5",)), NOW)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (LiveState.OPEN, "was opened meanwhile"),
        (LiveState.CLOSING, "is over or was cancelled"),
        (LiveState.CLOSED, "is over or was cancelled"),
    ],
)
def test_a_live_whose_state_changed_meanwhile_is_not_changed(state: LiveState, sentence: str) -> None:
    assert sentence in refusal(planned(), planned(state=state), replace(PLAN, title="Nuit"))


@pytest.mark.parametrize("name", FIELDS)
def test_nobody_overwrites_what_they_have_not_seen(name: str) -> None:
    stands = planned(replace(PLAN, **{name: OTHER[name]}))
    assert "Somebody changed this live" in refusal(planned(), stands, replace(PLAN, title="Mine"))
