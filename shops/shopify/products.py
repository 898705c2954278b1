"""Articles with their prices and stock.

A SKU may be several articles' in Shopify, and a search by it is no exact one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import structlog

from domain.errors import ActionRequired
from domain.sentences import sentence
from domain.show import Product
from shops.shopify import queries, wire
from shops.shopify.admin import Admin

PAGE = queries.VARIANTS_PAGE
log = structlog.get_logger()


class Products:
    """The articles of a shop. `reference`: the metafield with the lowest price of 30 days, written
    `namespace.key`, of the article or else of its product; empty when there is none."""

    def __init__(self, admin: Admin, reference: str) -> None:
        self._admin = admin
        namespace, dot, key = reference.rpartition(".")
        if reference and not (namespace and dot and key):
            raise ActionRequired(
                "BATELEUR_SHOP__REFERENCE is to be namespace.key, such as custom.lowest_30d."
            )
        self._given = {"namespace": namespace, "key": key} if reference else {}
        self._query = queries.variants(has_reference=bool(reference))

    def find(self, text: str) -> list[Product]:
        """Articles by words, a page of them."""
        search = " ".join(wire.quoted(word) for word in text.split()) or None
        page, currency = self._page(search)
        return self._told(page["nodes"], currency)

    def by_sku(self, skus: Sequence[str]) -> list[Product]:
        """The articles of these SKUs; of several with one SKU the first."""
        found: dict[str, Product] = {}
        for variants, currency in self._by_sku(skus):
            for product in self._told(variants, currency):
                found.setdefault(product.sku, product)
        return [found[sku] for sku in dict.fromkeys(skus) if sku in found]

    def ids(self, skus: Sequence[str]) -> list[str]:
        """Shopify's ids of all articles of these SKUs. Without one an offer would be good for less than it
        says, or for everything: raises `ActionRequired`."""
        rows = [row for variants, _ in self._by_sku(skus) for row in variants]
        missing = sorted(set(skus) - {str(row["sku"]) for row in rows})
        if missing:
            raise ActionRequired(
                sentence(
                    "The shop does not sell {missing}: give the offer other products.",
                    missing=", ".join(missing[:5]),
                )
            )
        return [str(row["id"]) for row in rows if row["sku"] in skus]

    def _by_sku(self, skus: Sequence[str]) -> Iterator[tuple[list[dict[str, Any]], str]]:
        wanted = [sku for sku in dict.fromkeys(skus) if sku]
        for start in range(0, len(wanted), PAGE // 2):
            some = wanted[start : start + PAGE // 2]
            search, after = " OR ".join(f"sku:{wire.quoted(sku)}" for sku in some), None
            while True:
                page, currency = self._page(search, after)
                yield [row for row in page["nodes"] if row.get("sku") in some], currency
                if not page["pageInfo"]["hasNextPage"]:
                    break
                after = page["pageInfo"]["endCursor"]

    def _page(self, search: str | None, after: str | None = None) -> tuple[dict[str, Any], str]:
        found = self._admin.ask(self._query, first=PAGE, search=search, after=after, **self._given)
        return found["productVariants"], str(found["shop"]["currencyCode"])

    def _told(self, variants: Sequence[dict[str, Any]], currency: str) -> list[Product]:
        found = []
        for variant in variants:
            try:
                product = wire.product(variant, currency)
            except wire.Unreadable:
                log.warning("product_unreadable", sku=str(variant.get("sku")))
                continue
            if product is not None:
                found.append(product)
        return found
