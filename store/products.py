"""Products, and the history of their prices."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from domain.errors import Refusal
from domain.money import Money
from domain.sentences import sentence
from domain.show import PricePoint, Product
from store.money import money, price_columns
from store.refusals import refusing
from store.tables import PriceRow, ProductRow, table_of

_products = table_of(ProductRow)
_prices = table_of(PriceRow)

_AT_A_TIME = 500  # SQLite before 3.32 takes 999 parameters in a statement


class Products:
    """The products of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, products: Iterable[Product], now: datetime) -> None:
        """Add the products, or replace those of the same SKU; a SKU given twice is refused.

        The history gets a line for a new product, and when the price or the reference changed.
        """
        given = list(products)
        twice = _twice(product.sku for product in given)
        if twice is not None:
            raise Refusal(sentence("The SKU {twice} is given twice.", twice=twice))
        rest = iter(given)
        with refusing(self._connection):
            while chunk := list(islice(rest, _AT_A_TIME)):
                self._save_chunk(chunk, now)

    def get(self, sku: str) -> Product | None:
        """The product, or None."""
        row = self._connection.execute(select(_products).where(_products.c.sku == sku)).first()
        return None if row is None else _product(row)

    def prices(self, sku: str) -> list[PricePoint]:
        """What the product cost over time, the oldest first."""
        rows = self._connection.execute(select(_prices).where(_prices.c.sku == sku).order_by(_prices.c.id))
        return [
            PricePoint(
                Money(row.price, row.currency), money(row.reference_price, row.reference_currency), row.at
            )
            for row in rows
        ]

    def _save_chunk(self, chunk: list[Product], now: datetime) -> None:
        known = self._lock([product.sku for product in chunk])
        new = [product for product in chunk if product.sku not in known]
        if new:
            self._connection.execute(insert(_products), [_values(product) for product in new])
        changed = [product for product in chunk if known.get(product.sku, product) != product]
        if changed:
            by_sku = update(_products).where(_products.c.sku == bindparam("of_sku"))
            self._connection.execute(by_sku, [{"of_sku": p.sku, **_values(p)} for p in changed])
        priced = new + [p for p in changed if _priced(known[p.sku]) != _priced(p)]
        if priced:
            rows = [{"sku": p.sku, "at": now, **price_columns(p.price, p.reference_price)} for p in priced]
            self._connection.execute(insert(_prices), rows)

    def _lock(self, skus: list[str]) -> dict[str, Product]:
        # Locked, so that two savers of one product cannot both miss the other's price.
        rows = self._connection.execute(
            select(_products).where(_products.c.sku.in_(skus)).order_by(_products.c.id).with_for_update()
        )
        return {row.sku: _product(row) for row in rows}

    def some(self, skus: Sequence[str]) -> dict[str, Product]:
        """Those of these SKUs that are there, by SKU."""
        found: dict[str, Product] = {}
        for start in range(0, len(skus), _AT_A_TIME):
            wanted = select(_products).where(_products.c.sku.in_(skus[start : start + _AT_A_TIME]))
            found.update({row.sku: _product(row) for row in self._connection.execute(wanted)})
        return found

    def count(self) -> int:
        """How many products there are."""
        return self._connection.execute(select(func.count()).select_from(_products)).scalar_one()

    def names(self) -> Sequence[tuple[str, str, Sequence[str]]]:
        """SKU, name and aliases of every product, in the order of first saving."""
        wanted = select(_products.c.sku, _products.c.name, _products.c.aliases).order_by(_products.c.id)
        return [(sku, name, aliases) for sku, name, aliases in self._connection.execute(wanted)]

    def list(self) -> list[Product]:
        """Every product, in the order of first saving."""
        rows = self._connection.execute(select(_products).order_by(_products.c.id))
        return [_product(row) for row in rows]


def _priced(product: Product) -> tuple[Money, Money | None]:
    return product.price, product.reference_price


def _twice(skus: Iterable[str]) -> str | None:
    seen = set()
    for sku in skus:
        if sku in seen:
            return sku
        seen.add(sku)
    return None


def _values(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "name": product.name,
        "aliases": list(product.aliases),
        "stock": product.stock,
        "url": product.url,
        "picture": product.picture,
        **price_columns(product.price, product.reference_price),
    }


def _product(row: Row[Any]) -> Product:
    return Product(
        sku=row.sku,
        name=row.name,
        price=Money(row.price, row.currency),
        aliases=tuple(row.aliases),
        reference_price=money(row.reference_price, row.reference_currency),
        stock=row.stock,
        url=row.url,
        picture=row.picture,
    )
