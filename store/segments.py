"""What was on screen and what was said about prices: the record of a live."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from domain.errors import Refusal
from domain.money import Money
from domain.sentences import sentence
from domain.show import AnnouncedPrice
from store.money import money, price_columns
from store.tables import AnnouncedPriceRow, LiveRow, ProductRow, SegmentRow, table_of

_lives = table_of(LiveRow)
_products = table_of(ProductRow)
_segments = table_of(SegmentRow)
_announced = table_of(AnnouncedPriceRow)


class Segments:
    """Which product is on screen, live by live."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_on_screen(self, live_id: int, sku: str, now: datetime) -> None:
        """Begin a segment and end the one before; nothing changes if `sku` is on screen already.

        Raises `Refusal` for a live or a product that does not exist.
        """
        lock = select(_lives.c.id).where(_lives.c.id == live_id).with_for_update(key_share=True)
        if self._connection.execute(lock).first() is None:
            raise Refusal(sentence("There is no live {id}.", id=live_id))
        found = select(_products.c.id).where(_products.c.sku == sku)
        product_id = self._connection.execute(found).scalar_one_or_none()
        if product_id is None:
            raise Refusal(sentence("There is no product {sku}.", sku=sku))
        if self.on_screen(live_id) == sku:
            return
        running = (_segments.c.live_id == live_id) & _segments.c.ended_at.is_(None)
        self._connection.execute(update(_segments).where(running).values(ended_at=now))
        values = {"live_id": live_id, "product_id": product_id, "started_at": now}
        self._connection.execute(insert(_segments), values)

    def on_screen(self, live_id: int) -> str | None:
        """The SKU of the product on screen, None when there is none."""
        statement = (
            select(_products.c.sku)
            .join(_segments, _segments.c.product_id == _products.c.id)
            .where(_segments.c.live_id == live_id, _segments.c.ended_at.is_(None))
        )
        return self._connection.execute(statement).scalar_one_or_none()


class Announced:
    """The evidence of every price said in a chat."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, prices: Sequence[AnnouncedPrice]) -> None:
        """Keep what was announced."""
        rows = [
            {
                "live_id": said.live_id,
                "channel": said.channel,
                "sku": said.sku,
                "text": said.text,
                "at": said.at,
                **price_columns(said.price, said.reference_price),
            }
            for said in prices
        ]
        if rows:
            self._connection.execute(insert(_announced), rows)

    def list(self, live_id: int) -> list[AnnouncedPrice]:
        """What was announced in a live, in order."""
        rows = self._connection.execute(
            select(_announced).where(_announced.c.live_id == live_id).order_by(_announced.c.id)
        )
        return [
            AnnouncedPrice(
                live_id=row.live_id,
                channel=row.channel,
                sku=row.sku,
                price=Money(row.price, row.currency),
                reference_price=money(row.reference_price, row.reference_currency),
                text=row.text,
                at=row.at,
            )
            for row in rows
        ]
