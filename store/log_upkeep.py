"""What the marketers' log needs beside the redemptions: words to search, marks on hours to be summed anew,
products on screen."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.beginnings import beginnings
from domain.redemption_log import NOWHERE, product_sold
from domain.show import Grant, Offer
from store.tables import (
    ProductRow,
    RedemptionRow,
    RedemptionWordRow,
    SegmentRow,
    StaleHourRow,
    table_of,
)

_redemptions = table_of(RedemptionRow)
_stale = table_of(StaleHourRow)
_words = table_of(RedemptionWordRow)
_segments = table_of(SegmentRow)
_products = table_of(ProductRow)

_AT_A_TIME = 300
# Made once: see store/redemptions.py.
_MARK = insert(_stale)
_NEW_WORDS = {
    name: dialect.insert(_words).on_conflict_do_nothing()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_their_ids: Any = bindparam("ids", expanding=True)
_NO_WORDS = delete(_words).where(_words.c.redemption_id.in_(_their_ids))
_NO_NAMES = _NO_WORDS.where(_words.c.is_viewer)
_ORDERS = select(_redemptions.c.id, _redemptions.c.order_id).where(
    _redemptions.c.shop == bindparam("its_shop"),
    _redemptions.c.order_id.in_(bindparam("order_ids", expanding=True)),
)
_SHOWN = (
    select(_segments.c.started_at, _segments.c.ended_at, _products.c.sku)
    .join(_products, _products.c.id == _segments.c.product_id)
    .where(_segments.c.live_id == bindparam("its_live"))
    .order_by(_segments.c.started_at.desc())
)


class LogUpkeep:
    """Keeps the log's side tables; used by what writes redemptions, in the same transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._shown: dict[int, Sequence[Any]] = {}

    def source(self, offer: Offer, grant: Grant | None, ordered_at: datetime) -> tuple[str, str]:
        """The channel and the product that a redemption counts for."""
        at = grant.granted_at if grant else ordered_at
        sku = product_sold(offer, self._on_screen(offer.live_id, at))
        return grant.channel if grant else NOWHERE, sku

    def index_orders(self, shop: str, order_ids: Sequence[str]) -> None:
        """Make orders findable by their numbers."""
        if not order_ids:
            return
        mine = self._connection.execute(_ORDERS, {"its_shop": shop, "order_ids": order_ids})
        self._add_words((word, row.id, False) for row in mine for word in beginnings(row.order_id))

    def index_viewers(self, names: Mapping[int, str]) -> None:
        """Make redemptions, by their ids, findable by their viewers' names as well."""
        self._add_words((word, id, True) for id, name in names.items() for word in beginnings(name))

    def forget_viewers(self, redemption_ids: Sequence[int]) -> None:
        """Let redemptions be found by no viewer's name any more."""
        for start in range(0, len(redemption_ids), _AT_A_TIME):
            self._connection.execute(_NO_NAMES, {"ids": redemption_ids[start : start + _AT_A_TIME]})

    def forget_words(self, redemption_ids: Sequence[int]) -> None:
        """Take redemptions that go out of the search."""
        self._connection.execute(_NO_WORDS, {"ids": redemption_ids})

    def mark(self, hours: Iterable[int]) -> None:
        """Note that redemptions of these hours are written in this transaction."""
        rows = [{"hour": hour} for hour in sorted(set(hours))]
        if rows:
            self._connection.execute(_MARK, rows)

    def _add_words(self, found: Iterable[tuple[str, int, bool]]) -> None:
        rows = [
            {"word": word.encode(), "redemption_id": id, "is_viewer": is_viewer}
            for word, id, is_viewer in found
        ]
        if rows:
            self._connection.execute(_NEW_WORDS[self._connection.dialect.name], rows)

    def _on_screen(self, live_id: int, at: datetime) -> str | None:
        if live_id not in self._shown:
            self._shown[live_id] = self._connection.execute(_SHOWN, {"its_live": live_id}).all()
        for row in self._shown[live_id]:
            if row.started_at <= at:
                return None if row.ended_at is not None and row.ended_at <= at else str(row.sku)
        return None
