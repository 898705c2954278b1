"""Vendure's orders by when they changed, page by page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.shop import Order, OrderPage
from shops.seen import Seen
from shops.vendure import queries, wire
from shops.vendure.admin import Admin

PAGE = 100
OVERLAP = timedelta(minutes=10)  # an order may be committed later than the time it carries
TICK = timedelta(seconds=1)  # SQLite and MySQL may keep whole seconds


def since(
    admin: Admin, moment: datetime, pseudonym: Callable[[str], str], *, size: int = PAGE
) -> Iterator[OrderPage]:
    """Orders changed since, `size` asked for at a time. One that changes meanwhile moves to the end and is
    given once more.

    A refund moves an order's time only with our plugin in the shop.
    """
    after, take, given = moment - OVERLAP, size, Seen()
    while True:
        items = _page(admin, after, take)
        orders = (wire.order(found, pseudonym) for found in items if wire.is_ours(found))
        fresh = tuple(order for order in orders if given.is_new(order))
        last = wire.moment(items[-1]["updatedAt"]) if items else None
        yield OrderPage(fresh, max(moment, last) if last else moment)
        if len(items) < take or last is None:
            return
        if last - TICK > after:
            after, take = last - TICK, size
        else:
            take *= 2  # more than these in one tick: skipping some would miss what moves meanwhile


def one(admin: Admin, code: str, pseudonym: Callable[[str], str]) -> Order | None:
    """The order with that code, as it is now."""
    items = admin.ask(queries.ORDERS, options={"filter": {"code": {"eq": code}}})["orders"]["items"]
    return wire.order(items[0], pseudonym) if items and wire.is_ours(items[0]) else None


def _page(admin: Admin, after: datetime, take: int) -> list[dict[str, Any]]:
    changed = {"after": after.astimezone(UTC).isoformat()}
    options = {
        "filter": {"updatedAt": changed, "orderPlacedAt": {"isNull": False}},
        "sort": {"updatedAt": "ASC"},  # a second key would come first: Vendure orders them by its schema
        "take": take,
    }
    items: list[dict[str, Any]] = admin.ask(queries.ORDERS, options=options)["orders"]["items"]
    return items
