"""The stand-in Shopify, its adapter, and people who buy there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from shops.settings import ShopSettings
from shops.shopify.shop import Shopify, open_shop
from standins.shop.model import NotAccepted, ShopModel
from standins.shopify.server import ShopifyStandin
from tests.shops.catching import Hooks
from tests.shops.rig import Refused, Rig, pseudonym
from tests.shops.rigs import RIGS


class People:
    """Customers at the checkout, staff behind it."""

    def __init__(self, shop: ShopifyStandin) -> None:
        self.shop = shop

    async def buy(self, codes: list[str], email: str = "ann@example.com") -> str:
        try:
            return str(self.shop.model.check_out(codes, email, "QC-ULTRA").id)
        except NotAccepted as why:
            raise Refused(str(why)) from None

    async def cancel(self, order: str) -> None:
        self.shop.model.cancel(int(order))

    async def refund(self, order: str, amount: int) -> None:
        self.shop.model.refund(int(order), amount)

    async def pass_time(self, seconds: float) -> None:
        self.shop.model.shift += timedelta(seconds=seconds)

    async def take_off(self, order: str, code: str) -> None:
        self.shop.orders.take_code_off(int(order), code)

    async def delete(self, order: str) -> None:
        self.shop.model.delete(int(order))

    async def make_foreign(self, code: str) -> None:
        self.shop.discounts.make(code, percent=50.0)


def adapter(shop: ShopifyStandin, **changes: Any) -> Shopify:
    """The adapter as the retailer sets it: an app's client id and secret."""
    given = {
        "kind": "shopify",
        "url": shop.url,
        "key": shop.app_in_shop.client_id,
        "secret": shop.app_in_shop.client_secret,
        "answer_s": 1.0,
    }
    return open_shop(ShopSettings.model_validate({**given, **changes}), pseudonym)


def a_shop() -> ShopifyStandin:
    """The shop with its products, not open yet."""
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    model.sell("MUG-RED", "Mug & cuillère", 1290, stock=0)
    return ShopifyStandin(model)


@asynccontextmanager
async def open_rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A shop of its own for each test."""
    shop, hooks = a_shop(), Hooks()
    secret = shop.app_in_shop.client_secret

    def spoil(how: str) -> None:
        shop.faults.is_down = how == "down"
        shop.faults.is_html = how == "html"
        shop.faults.slow_s = 1.5 if how == "slow" else 0.0

    async with hooks, shop:
        await asyncio.to_thread(adapter(shop, answer_s=10).keep_webhook, hooks.url)
        yield Rig(
            kind="shopify",
            shop=adapter(shop),
            buyer=People(shop),
            webhooks=hooks.caught,
            settle=shop.webhooks.sender.settle,
            violations=shop.violations.total,
            can=RIGS["shopify"],
            spoil=spoil,
            stranger=lambda: adapter(shop, secret="other"),
            rotated=lambda: adapter(shop, webhook_secret="new", webhook_secret_old=secret),
        )
