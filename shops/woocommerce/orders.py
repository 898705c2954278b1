"""The orders that changed, read by their time of change rather than by page numbers, which skip when orders
change meanwhile.

Source: WooCommerce REST v3 `orders`: `modified_after` and `modified_before` are exclusive, to the second.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog

from domain.errors import Fault
from domain.sentences import sentence
from domain.shop import Order, OrderPage
from shops.seen import Seen
from shops.woocommerce import wire
from shops.woocommerce.api import LONGEST_PAGE, Api

OVERLAP = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
MOST_RESTARTS = 20
Row = dict[str, Any]
log = structlog.get_logger()


class Orders:
    """The orders of a shop."""

    def __init__(self, api: Api, pseudonym: Callable[[str], str]) -> None:
        self._api = api
        self._pseudonym = pseudonym

    def one(self, id: str) -> Order | None:
        """An order as it is now."""
        if not id.isdecimal():
            return None
        answer = self._api.get(f"/orders/{id}", _fields=wire.ORDER_FIELDS)
        if answer.status == 404:
            body = answer.json()
            if isinstance(body, dict) and str(body.get("code", "")).endswith("_invalid_id"):
                return None
        try:
            return wire.order(self._api.taken(answer), self._pseudonym)
        except wire.Unreadable:
            raise Fault(
                sentence("The shop tells order {id} as we cannot read it.", id=id), is_retryable=False
            ) from None

    def since(self, moment: datetime) -> Iterator[OrderPage]:
        """Changes since `moment` and `OVERLAP` before, the oldest first."""
        read_until, after, seen = moment, moment - OVERLAP - SECOND, Seen()
        while True:
            rows = self._rows(after, None, 1)[0]
            is_last = len(rows) < LONGEST_PAGE
            if not is_last and _changed(rows[0]) == _changed(rows[-1]):
                rows = self._second(_changed(rows[0]))
                after = _changed(rows[0]) if rows else after + SECOND
            elif rows:
                after = _changed(rows[-1]) - SECOND
            read_until = max(read_until, _changed(rows[-1])) if rows else read_until
            yield OrderPage(self._new(rows, seen), read_until)
            if is_last:
                return

    def _second(self, second: datetime) -> list[Row]:
        """All orders that changed within one second, when they fill more than a page. Should one leave it
        meanwhile, the pages shift, and it is begun anew."""
        for _ in range(MOST_RESTARTS):
            found, total = self._rows(second - SECOND, second + SECOND, 1)
            number, now = 1, total
            while now == total and number * LONGEST_PAGE < total:
                number += 1
                more, now = self._rows(second - SECOND, second + SECOND, number)
                found = found + more
            if now == total:
                return found
        raise Fault("The shop's orders change faster than they can be read.", is_retryable=True)

    def _rows(self, after: datetime, before: datetime | None, page: int) -> tuple[list[Row], int]:
        query: dict[str, object] = {"modified_after": wire.write_gmt(after), "dates_are_gmt": "true"}
        if before is not None:
            query["modified_before"] = wire.write_gmt(before)
        answer = self._api.get(
            "/orders",
            **query,
            orderby="modified",
            order="asc",
            per_page=LONGEST_PAGE,
            page=page,
            _fields=wire.ORDER_FIELDS,
        )
        rows = self._api.rows(self._api.taken(answer))
        return rows, int(answer.headers.get("X-WP-Total") or 0)

    def _new(self, rows: list[Row], seen: Seen) -> tuple[Order, ...]:
        found = []
        for row in rows:
            try:
                order = wire.order(row, self._pseudonym)
            except wire.Unreadable:
                log.warning("order_unreadable", order_id=str(row.get("id")))
                continue
            if order is not None and seen.is_new(order):
                found.append(order)
        return tuple(found)


def _changed(row: Row) -> datetime:
    try:
        return wire.read_gmt(row["date_modified_gmt"])
    except (KeyError, TypeError, ValueError):
        raise Fault("The shop does not tell when an order changed.", is_retryable=False) from None
