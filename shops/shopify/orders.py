"""Shopify's orders by when they changed, page by page.

Source: Shopify's schema of 2026-10: `discount_code` finds the first code of an order alone, so that all
orders are read and their `discountCodes` looked at; paging stops at 25,000 objects.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog

from domain.errors import Fault
from domain.sentences import sentence
from domain.shop import Order, OrderPage
from shops.seen import Seen
from shops.shopify import order_wire, queries, wire
from shops.shopify.admin import Admin

OVERLAP = timedelta(minutes=10)  # an order may be found later than the time it carries
SECOND = timedelta(seconds=1)
MOST_PAGES = 20_000 // queries.ORDERS_PAGE
Row = Mapping[str, Any]
log = structlog.get_logger()


class Orders:
    """The orders of a shop."""

    def __init__(self, admin: Admin, most_pages: int = MOST_PAGES) -> None:
        self._admin = admin
        self._most_pages = most_pages

    def one(self, id: str) -> Order | None:
        """An order as it is now."""
        if not id.isdecimal():
            return None
        row = self._admin.ask(queries.ORDER, id=wire.gid("Order", id))["order"]
        if row is None:
            return None
        try:
            return self._told(row)
        except wire.Unreadable:
            raise Fault(
                sentence("The shop tells order {id} as we cannot read it.", id=id), is_retryable=False
            ) from None

    def since(self, moment: datetime) -> Iterator[OrderPage]:
        """Changes since `moment` and `OVERLAP` before, the oldest first. A page begins where the one before
        it ended by time and id, so that an order that changes meanwhile comes once more instead of hiding
        another.
        """
        read_until, after, seen = moment, moment - OVERLAP, Seen()
        while True:
            last = after
            for rows, is_last in self._pages(after):
                if rows:
                    last = _changed(rows[-1])
                    read_until = max(read_until, last)
                yield OrderPage(self._new(rows, seen), read_until)
                if is_last:
                    return
            after = max(last - SECOND, after + SECOND)

    def _pages(self, after: datetime) -> Iterator[tuple[list[Row], bool]]:
        """Pages, and whether it is the last of all; at most as many as Shopify's paging goes."""
        search, cursor = f"updated_at:>='{wire.time_text(after)}'", None
        for _ in range(self._most_pages):
            page = self._admin.ask(queries.ORDERS, search=search, after=cursor)["orders"]
            info = page["pageInfo"]
            yield page["nodes"], not info["hasNextPage"]
            if not info["hasNextPage"]:
                return
            cursor = info["endCursor"]

    def _new(self, rows: list[Row], seen: Seen) -> tuple[Order, ...]:
        found = []
        for row in rows:
            try:
                order = self._told(row)
            except wire.Unreadable:
                log.warning("order_unreadable", order_id=str(row.get("id")))
                continue
            if order is not None and seen.is_new(order):
                found.append(order)
        return tuple(found)

    def _told(self, row: Row) -> Order | None:
        return order_wire.order(row, self._shares(row) if order_wire.has_several(row) else None)

    def _shares(self, row: Row) -> dict[str, Decimal]:
        """What each of several codes took off, line by line."""
        lines, cursor = list[Row](), None
        while True:
            of = self._admin.ask(queries.LINES, id=row["id"], after=cursor)["order"]
            if of is None:
                return {}
            lines += of["lineItems"]["nodes"]
            if not of["lineItems"]["pageInfo"]["hasNextPage"]:
                return order_wire.shares_of(lines)
            cursor = of["lineItems"]["pageInfo"]["endCursor"]


def _changed(row: Row) -> datetime:
    try:
        return wire.moment(row["updatedAt"])
    except (KeyError, TypeError, ValueError):
        raise Fault("The shop does not tell when an order changed.", is_retryable=False) from None
