"""A redemption as the retailer's platform tells it, in our words. What tells a person ends here.

The form is our convention, `docs/retailer-api.md`: amounts are whole minor units, times ISO 8601 with offset.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.money import Money
from domain.shop import CodeUse, Order, OrderState
from shops.feed.amounts import MOST, a_currency

STATES = {
    "placed": OrderState.PLACED,
    "confirmed": OrderState.PLACED,
    "cancelled": OrderState.CANCELLED,
    "refunded": OrderState.REFUNDED,
}
EVENTS = {
    "redemption.created": OrderState.PLACED,
    "redemption.confirmed": OrderState.PLACED,
    "redemption.cancelled": OrderState.CANCELLED,
    "redemption.refunded": OrderState.PLACED,
}
LONGEST = 200
MOST_VERSION = 2**63 - 1
Told = Mapping[str, Any]
Pseudonym = Callable[[str], str]


class Unreadable(Exception):
    """It does not look as agreed; the text names the field."""


def is_test(told: Told) -> bool:
    """Whether it is a test of the retailer's, which counts for nothing."""
    return told.get("test") is True


def redemption(told: Told, pseudonym: Pseudonym, event: str = "redemption.created") -> Order:
    """A redemption; `event` tells its state where it does not itself. Raises `Unreadable`."""
    currency = _currency(told)
    total = Money(_whole(told, "order_total_minor", MOST), currency)
    state = _state(told, event)
    refunded = _refunded(told, event, total, state)
    if state is OrderState.PLACED and 0 < total.amount <= refunded:
        state = OrderState.REFUNDED
    person = told.get("customer_ref")
    return Order(
        id=_text(told, "redemption_id"),
        uses=_uses(told, currency),
        total=total,
        refunded=Money(refunded, currency),
        state=state,
        ordered_at=moment(told, "ordered_at" if "ordered_at" in told else "occurred_at"),
        version=_whole(told, "version", MOST_VERSION),
        customer=pseudonym(str(person)) if person else None,
    )


def moment(told: Told, name: str) -> datetime:
    """A time, aware UTC. Raises `Unreadable`."""
    try:
        found = datetime.fromisoformat(told[name])
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    raise Unreadable(name)


def written(at: datetime) -> str:
    """A time as we write it, to the second: `2026-11-23T19:05:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _uses(told: Told, currency: str) -> tuple[CodeUse, ...]:
    """One code with its discount, or a list of them."""
    codes = told.get("codes", [told])
    if not isinstance(codes, list) or not all(isinstance(one, Mapping) for one in codes):
        raise Unreadable("codes")
    return tuple(
        CodeUse(_text(one, "code"), Money(_whole(one, "discount_minor", MOST), currency)) for one in codes
    )


def _refunded(told: Told, event: str, total: Money, state: OrderState) -> int:
    """What was given back so far. A refund that tells its own amount alone cannot be added up."""
    if "refunded_minor" in told:
        return _whole(told, "refunded_minor", MOST)
    if event == "redemption.refunded" and state is not OrderState.REFUNDED:
        raise Unreadable("refunded_minor")
    return total.amount if state is OrderState.REFUNDED else 0


def _state(told: Told, event: str) -> OrderState:
    if "state" not in told:
        return EVENTS[event]
    state = STATES.get(str(told["state"]))
    if state is None:
        raise Unreadable("state")
    return state


def _currency(told: Told) -> str:
    try:
        return a_currency(str(told.get("currency")))
    except ValueError:
        raise Unreadable("currency") from None


def _whole(told: Told, name: str, most: int) -> int:
    found = told.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= most:
        raise Unreadable(name)
    return found


def _text(told: Told, name: str) -> str:
    found = told.get(name)
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    if not text or len(text) > LONGEST or not text.isprintable():
        raise Unreadable(name)
    return text
