"""The redemptions that changed, read from the retailer's platform page by page."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import structlog

from domain.errors import Fault
from domain.sentences import sentence
from domain.shop import Order, OrderPage
from shops.feed import wire
from shops.feed.platform import Platform, is_missing

OVERLAP = timedelta(minutes=10)
LIMIT = 200
Row = dict[str, Any]
log = structlog.get_logger()


class Orders:
    """`GET /redemptions`, ordered by (updated_at, id), with an opaque cursor."""

    def __init__(self, platform: Platform, pseudonym: Callable[[str], str]) -> None:
        self._platform = platform
        self._pseudonym = pseudonym

    @property
    def ahead(self) -> timedelta | None:
        """How far the retailer's clock was before ours at its last answer."""
        return self._platform.http.ahead

    def one(self, id: str) -> Order | None:
        """A redemption as it is now; None when the platform has it no more."""
        if not id.strip("."):
            return None
        answer = self._platform.get(f"/redemptions/{quote(id, safe='')}")
        if is_missing(answer):
            return None
        try:
            return wire.redemption(self._platform.taken(answer), self._pseudonym)
        except wire.Unreadable as error:
            why = sentence(
                "The shop tells a redemption as we cannot read it: {field} is missing or wrong.", field=error
            )
            raise Fault(why, is_retryable=False) from None

    def since(self, moment: datetime) -> Iterator[OrderPage]:
        """Changes since `moment` and `OVERLAP` before, the oldest first."""
        start, read_until, cursor = wire.written(moment - OVERLAP), moment, ""
        while True:
            query = {"updated_since": start, "limit": LIMIT, **({"cursor": cursor} if cursor else {})}
            told = self._platform.taken(self._platform.get("/redemptions", **query))
            rows, following = self._rows(told), str(told.get("next_cursor") or "")
            read_until = max([read_until, *(_changed(row) for row in rows)])
            yield OrderPage(tuple(order for row in rows if (order := self._order(row))), read_until)
            if not following:
                return
            if following == cursor:
                raise Fault("The shop's list of redemptions does not go on.", is_retryable=True)
            cursor = following

    def _rows(self, told: Row) -> list[Row]:
        rows = told.get("redemptions")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Fault("The shop tells its redemptions as we cannot read them.", is_retryable=False)
        return rows

    def _order(self, row: Row) -> Order | None:
        if wire.is_test(row):
            return None
        try:
            return wire.redemption(row, self._pseudonym)
        except wire.Unreadable as error:
            log.warning("redemption_unreadable", field=str(error))
            return None


def _changed(row: Row) -> datetime:
    try:
        return wire.moment(row, "updated_at")
    except wire.Unreadable:
        raise Fault("The shop does not tell when a redemption changed.", is_retryable=False) from None
