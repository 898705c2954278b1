"""What the marketers' log needs beside the redemptions: words to search, marks on hours to be summed anew,
products on screen."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select
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


class LogUpkeep:
    """Keeps the log's side tables; used by what writes redemptions, in the same transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        self._shown: dict[int, list[Any]] = {}

    def source(self, offer: Offer, grant: Grant | None, ordered_at: datetime) -> tuple[str, str]:
        """The channel and the product that a redemption counts for."""
        at = grant.granted_at if grant else ordered_at
        sku = product_sold(offer, self._on_screen(offer.live_id, at))
        return grant.channel if grant else NOWHERE, sku

    def index_orders(self, shop: str, order_ids: Sequence[str]) -> None:
        """Make orders findable by their numbers."""
        mine = select(_redemptions.c.id, _redemptions.c.order_id).where(
            _redemptions.c.shop == shop, _redemptions.c.order_id.in_(order_ids)
        )
        self._add_words(
            (word, row.id, False)
            for row in self._connection.execute(mine)
            for word in beginnings(row.order_id)
        )

    def index_viewers(self, names: Mapping[int, str]) -> None:
        """Make redemptions, by their ids, findable by their viewers' names, and by no others."""
        ids = list(names)
        for start in range(0, len(ids), _AT_A_TIME):
            part = ids[start : start + _AT_A_TIME]
            theirs = _words.c.redemption_id.in_(part) & _words.c.is_viewer
            self._connection.execute(delete(_words).where(theirs))
        self._add_words((word, id, True) for id, name in names.items() for word in beginnings(name))

    def forget_words(self, redemption_ids: Sequence[int]) -> None:
        """Take redemptions that go out of the search."""
        self._connection.execute(delete(_words).where(_words.c.redemption_id.in_(redemption_ids)))

    def mark(self, hours: Iterable[int]) -> None:
        """Note that redemptions of these hours are written in this transaction."""
        rows = [{"hour": hour} for hour in sorted(set(hours))]
        if rows:
            self._connection.execute(insert(_stale), rows)

    def _add_words(self, found: Iterable[tuple[str, int, bool]]) -> None:
        rows = [
            {"word": word.encode(), "redemption_id": id, "is_viewer": is_viewer}
            for word, id, is_viewer in found
        ]
        if rows:
            self._connection.execute(self._dialect.insert(_words).on_conflict_do_nothing(), rows)

    def _on_screen(self, live_id: int, at: datetime) -> str | None:
        if live_id not in self._shown:
            shown = select(_segments.c.started_at, _segments.c.ended_at, _products.c.sku).join(
                _products, _products.c.id == _segments.c.product_id
            )
            shown = shown.where(_segments.c.live_id == live_id).order_by(_segments.c.started_at.desc())
            self._shown[live_id] = list(self._connection.execute(shown))
        for row in self._shown[live_id]:
            if row.started_at <= at:
                return None if row.ended_at is not None and row.ended_at <= at else str(row.sku)
        return None
