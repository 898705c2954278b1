"""The products of a live, in the order in which they will be shown."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from domain.errors import Refusal
from domain.sentences import sentence
from store.products import Products
from store.tables import LiveProductRow, table_of

_live_products = table_of(LiveProductRow)


class LiveProducts:
    """The products of the lives of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, live_id: int) -> tuple[str, ...]:
        """The SKUs of the live's own products, in their order; empty when none were chosen for it."""
        mine = select(_live_products.c.sku).where(_live_products.c.live_id == live_id)
        return tuple(self._connection.execute(mine.order_by(_live_products.c.place)).scalars())

    def put(self, live_id: int, skus: Sequence[str]) -> None:
        """Give the live these products and no others, in this order; a SKU given again is left out.

        Raises `Refusal` for a product that does not exist, nothing changed.
        """
        wanted = list(dict.fromkeys(skus))
        known = Products(self._connection).some(wanted)
        for sku in wanted:
            if sku not in known:
                raise Refusal(sentence("There is no product {sku}.", sku=sku))
        self._connection.execute(delete(_live_products).where(_live_products.c.live_id == live_id))
        rows = [{"live_id": live_id, "sku": sku, "place": place} for place, sku in enumerate(wanted)]
        if rows:
            self._connection.execute(insert(_live_products), rows)
