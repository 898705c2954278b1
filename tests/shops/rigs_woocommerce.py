"""The stand-in WooCommerce, its adapter, and people who buy through the Store API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from shops.settings import ShopSettings
from shops.woocommerce.shop import WooCommerce, open_shop
from standins.shop.model import ShopModel
from standins.woocommerce.server import WooCommerceStandin
from tests.shops.catching import Hooks
from tests.shops.rig import Refused, Rig, pseudonym
from tests.shops.rigs import RIGS

SECRET = "wc_test_secret"
STORE = "/wp-json/wc/store/v1"


class People:
    """Customers at the Store API, staff behind it."""

    def __init__(self, shop: WooCommerceStandin, session: aiohttp.ClientSession) -> None:
        self.shop = shop
        self.session = session

    async def buy(self, codes: list[str], email: str = "ann@example.com") -> str:
        async with self.session.get(f"{self.shop.url}{STORE}/cart") as opened:
            token = opened.headers["Cart-Token"]
        item = self.shop.model.items["QC-ULTRA"]
        await self._post(token, "cart/add-item", {"id": item.id, "quantity": 1})
        for code in codes:
            await self._post(token, "cart/apply-coupon", {"code": code})
        bought = await self._post(token, "checkout", {"billing_address": {"email": email}})
        return str(bought["order_id"])

    async def _post(self, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"{self.shop.url}{STORE}/{path}"
        async with self.session.post(url, json=body, headers={"Cart-Token": token}) as answer:
            told: dict[str, Any] = await answer.json()
            if told.get("code") == "woocommerce_rest_cart_coupon_error":
                raise Refused(told["message"])
            assert answer.status < 300, told
            return told

    async def cancel(self, order: str) -> None:
        self.shop.model.cancel(int(order))

    async def refund(self, order: str, amount: int) -> None:
        self.shop.model.refund(int(order), amount)

    async def pass_time(self, seconds: float) -> None:
        self.shop.model.shift += timedelta(seconds=seconds)

    async def take_off(self, order: str, code: str) -> None:
        self.shop.model.take_code_off(int(order), code)

    async def delete(self, order: str) -> None:
        self.shop.model.delete(int(order))

    async def make_foreign(self, code: str) -> None:
        self.shop.model.add_coupon(code.casefold(), percent=50.0, extra={"discount_type": "percent"})


def adapter(shop: WooCommerceStandin, **changes: Any) -> WooCommerce:
    """The adapter as the retailer sets it."""
    given = {
        "kind": "woocommerce",
        "url": shop.url,
        "key": shop.key.key,
        "secret": shop.key.secret,
        "webhook_secret": SECRET,
        "answer_s": 1.0,
    }
    return open_shop(ShopSettings.model_validate({**given, **changes}), pseudonym)


def a_shop() -> WooCommerceStandin:
    """The shop with its products, not open yet."""
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    model.sell("MUG-RED", "Mug & cuillère", 1290, stock=0)
    return WooCommerceStandin(model)


@asynccontextmanager
async def open_rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A shop of its own for each test."""
    shop, hooks = a_shop(), Hooks()

    def spoil(how: str) -> None:
        shop.faults.is_down = how == "down"
        shop.faults.is_html = how == "html"
        shop.faults.slow_s = 1.5 if how == "slow" else 0.0

    async with hooks, shop, aiohttp.ClientSession() as session:
        adapted = adapter(shop)
        await asyncio.to_thread(adapted.keep_webhook, hooks.url)
        yield Rig(
            kind="woocommerce",
            shop=adapted,
            buyer=People(shop, session),
            webhooks=hooks.caught,
            settle=shop.webhooks.sender.settle,
            violations=shop.violations.total,
            can=RIGS["woocommerce"],
            spoil=spoil,
            stranger=lambda: adapter(shop, secret="cs_other", webhook_secret="other"),
            rotated=lambda: adapter(shop, webhook_secret="new", webhook_secret_old=SECRET),
        )
