"""Between orders and redemption rows: which offer a code stood for, what is written, what it is worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from domain.money import Money
from domain.redemption import CLOCK_SKEW, CodeHistory, Redemption, Verdict, decide_verdict
from domain.redemption_log import NOWHERE, hour_of, net_of
from domain.shop import Order, OrderState
from domain.show import Grant, Live, Offer, OfferKind

COUNTED = (OrderState.PLACED, OrderState.REFUNDED)
"""The states of orders that stand."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A code of ours under one of the offers it stands for."""

    code: str
    code_id: int | None
    offer: Offer
    opened_at: datetime | None


def newest(orders: Iterable[Order]) -> dict[str, Order]:
    """The newest version of each order, by its id."""
    found: dict[str, Order] = {}
    for order in orders:
        known = found.get(order.id)
        if known is None or order.version >= known.version:
            found[order.id] = order
    return found


def offer_at(ordered_at: datetime, spelling: str, candidates: Sequence[Ours]) -> Ours:
    """Which offer a code stood for at the time: as it is spelled if so, of the live that had opened last."""
    exact = [one for one in candidates if one.code == spelling] or list(candidates)
    opened = [one for one in exact if one.opened_at is not None and one.opened_at <= ordered_at + CLOCK_SKEW]
    return max(opened or exact[:1], key=lambda one: (one.opened_at is not None, one.opened_at, -one.offer.id))


def verdicts(
    rows: Sequence[Row[Any]], live: Live, offer: Offer, grants: Sequence[Grant], grace: timedelta
) -> list[Verdict]:
    """The verdict of each use, in the order of the orders; cancelled ones do not count against later ones."""
    allowed = offer.quantity if offer.kind is OfferKind.SHARED else None
    customer = rows[0].customer if rows and offer.kind is OfferKind.UNIQUE else None
    decided, uses = [], 0
    for row in rows:
        history = CodeHistory(live, offer, tuple(grants), uses, allowed, customer)
        decided.append(decide_verdict(redemption_of(row), history, grace))
        uses += row.state in COUNTED
    return decided


def use_row(
    shop: str, order: Order, mine: Ours, discount: int, now: datetime, *, is_alone: bool
) -> dict[str, Any]:
    """What is written of an order's use of a code, before it is judged."""
    return {
        "shop": shop,
        "order_id": order.id,
        "code": mine.code,
        "offer_id": mine.offer.id,
        "discount": discount,
        "total": order.total.amount,
        "refunded": order.refunded.amount,
        "currency": order.total.currency,
        "ordered_at": order.ordered_at,
        "version": order.version,
        "state": order.state,
        "verdict": Verdict.NEVER_GRANTED,
        "customer": order.customer,
        "seen_at": now,
        "live_id": mine.offer.live_id,
        "channel": NOWHERE,
        "sku": NOWHERE,
        "net": net_of(order.total.amount, order.refunded.amount, order.state),
        "hour": hour_of(order.ordered_at),
        "is_alone": is_alone,
    }


def redemption_of(row: Row[Any]) -> Redemption:
    """The redemption in a row of theirs."""
    return Redemption(
        shop=row.shop,
        order_id=row.order_id,
        code=row.code,
        discount=Money(row.discount, row.currency),
        total=Money(row.total, row.currency),
        ordered_at=row.ordered_at,
        state=row.state,
        customer=row.customer,
        refunded=Money(row.refunded, row.currency),
        version=row.version,
    )
