"""The demo's shop: a stand-in WooCommerce with pages to buy on, and a crowd that buys with its codes."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Callable, Sequence

from pydantic import SecretStr

from bot.demo.chats import YOU
from domain.show import Grant, Product
from shops.settings import ShopSettings
from standins.shop.model import NotAccepted, ShopModel
from standins.woocommerce.server import WooCommerceStandin
from store.database import Database

LOOK_S = 0.3
BUYS, BUYS_TWICE, CANCELS, GIVES_BACK = 0.45, 0.1, 0.06, 0.06
"""Of those who have a code, so many buy, try it a second time; of those who bought, so many cancel, and
send a part back."""


def shop_of(products: Sequence[Product]) -> WooCommerceStandin:
    """A shop that sells `products`."""
    model = ShopModel()
    for product in products:
        model.sell(product.sku, product.name, product.price.amount, product.stock or 0)
    return WooCommerceStandin(model)


def settings_of(shop: WooCommerceStandin) -> ShopSettings:
    """How Bateleur reaches it."""
    return ShopSettings(
        kind="woocommerce",
        url=shop.url,
        key=SecretStr(shop.key.key),
        secret=SecretStr(shop.key.secret),
        webhook_secret=SecretStr(secrets.token_urlsafe()),
    )


def page_of(shop: WooCommerceStandin, product: Product) -> str:
    """The address of the product's page in the shop."""
    return f"{shop.url}/product/{shop.model.items[product.sku].slug}"


def picture_of(shop: WooCommerceStandin, product: Product) -> str:
    """Where its picture is."""
    return f"{shop.url}/pictures/{shop.model.items[product.sku].slug}.svg"


class Buyers:
    """The part of the crowd that buys, as grants come in. `told` hears of each order."""

    def __init__(
        self, model: ShopModel, database: Database, live: int, told: Callable[[str, str], None], sku: str
    ) -> None:
        self._model = model
        self._database = database
        self._live = live
        self._told = told
        self._sku = sku
        self._dice = random.Random(11)
        self._seen: set[int] = set()

    async def run(self) -> None:
        """Buy until cancelled."""
        while True:
            for grant in await asyncio.to_thread(self._new_grants):
                if grant.viewer_id != YOU.id and self._dice.random() < BUYS:
                    self._buy(grant)
                    await asyncio.sleep(0.01)
            await asyncio.sleep(LOOK_S)

    def orders_with_codes(self) -> int:
        """How many orders carry a code."""
        return sum(bool(order.codes) for order in self._model.orders.values())

    def living_codes(self) -> int:
        """How many codes the shop would still take."""
        now = self._model.now()
        return sum(
            coupon.is_on and (coupon.ends_at is None or coupon.ends_at > now)
            for coupon in self._model.coupons.values()
        )

    def _new_grants(self) -> list[Grant]:
        with self._database.unit(read_only=True) as unit:
            offers = unit.offers.list(self._live)
            grants = [grant for offer in offers for grant in unit.grants.list(offer.id)]
        new = [grant for grant in grants if grant.id not in self._seen]
        self._seen |= {grant.id for grant in new}
        return new

    def _buy(self, grant: Grant) -> None:
        email = f"{grant.viewer_id}@example.com"
        try:
            order = self._model.check_out([grant.code], email, self._sku)
        except NotAccepted:
            return
        self._told("The shop", f"order {order.id} with a code, {order.total / 100:.2f} {order.currency}")
        if self._dice.random() < BUYS_TWICE:
            with contextlib.suppress(NotAccepted):
                self._model.check_out([grant.code], email, self._sku)
        if self._dice.random() < CANCELS:
            self._model.cancel(order.id)
        elif self._dice.random() < GIVES_BACK:
            self._model.refund(order.id, order.total // 4)
