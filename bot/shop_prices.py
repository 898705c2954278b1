"""Prices and stock as the shop has them, kept fresh while a live is on."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from domain.errors import ActionRequired
from domain.ports import Shop
from domain.product_rules import refreshed
from domain.sentences import sentence
from domain.show import LiveState, Product
from store.database import Database

SKUS = 50
SHOWN = 5
log = structlog.get_logger()


class ShopPrices:
    """The products of one shop in our database. What the shop sells in another currency than ours is left as
    it was, until a person settles it."""

    def __init__(self, database: Database, shop: Shop, now: Callable[[], datetime]) -> None:
        self._database = database
        self._shop = shop
        self._now = now
        self._turn = 0
        self._foreign: dict[str, str] = {}
        self.told_at: dict[str, datetime] = {}
        """When the shop last told a product's price and stock, by SKU, as far as this process asked."""

    def refresh(self) -> None:
        """Take over prices and stock: of the products on screen, and of some others in turn."""
        with self._database.unit(read_only=True) as unit:
            lives = [live for live in unit.lives.list() if live.state is LiveState.OPEN]
            shown = [sku for live in lives if (sku := unit.segments.on_screen(live.id))]
            skus = [product.sku for product in unit.products.list()] if lives else []
        if not skus:
            return
        start = self._turn % len(skus)
        self._turn = start + SKUS
        wanted = list(dict.fromkeys([*shown, *skus[start : start + SKUS]]))
        self.take_over(self._shop.products(wanted))

    def compare(self) -> tuple[int, int]:
        """Ask the shop for some of our products, and write nothing: how many were asked for, and found.
        Raises as `check` does."""
        with self._database.unit(read_only=True) as unit:
            ours = {product.sku: product.price.currency for product in unit.products.list()[:SKUS]}
        found = [one for one in self._shop.products(list(ours)) if one.sku in ours] if ours else []
        for product in found:
            self._note(product, ours[product.sku])
        self.check()
        return len(ours), len(found)

    def take_over(self, products: Sequence[Product]) -> None:
        """Write the shop's prices and stock of the products that we have."""
        with self._database.unit() as unit:
            ours = {product.sku: product for product in unit.products.list()}
            known = [product for product in products if product.sku in ours]
            for product in known:
                self._note(product, ours[product.sku].price.currency)
            fresh = [refreshed(ours[product.sku], product) for product in known]
            unit.products.save([one for one in fresh if one != ours[one.sku]], self._now())
        taken = (product.sku for product in known if product.sku not in self._foreign)
        self.told_at.update(dict.fromkeys(taken, self._now()))

    def check(self) -> None:
        """Raise `ActionRequired` while the shop sells something in another currency than ours."""
        if not self._foreign:
            return
        skus, currencies = sorted(self._foreign), sorted(set(self._foreign.values()))
        more = sentence(" and {count} more", count=len(skus) - SHOWN) if len(skus) > SHOWN else ""
        raise ActionRequired(
            sentence(
                "The shop sells {skus}{more} in {currencies}, unlike our list: these prices are left "
                "as they were. Set the shop's currency, or import the products again.",
                skus=", ".join(skus[:SHOWN]),
                more=more,
                currencies=", ".join(currencies),
            )
        )

    def _note(self, product: Product, ours: str) -> None:
        currency = product.price.currency
        if currency == ours:
            self._foreign.pop(product.sku, None)
        elif self._foreign.get(product.sku) != currency:
            self._foreign[product.sku] = currency
            log.warning("price_in_other_currency", sku=product.sku, currency=currency)
