"""The stand-in PrestaShop, its adapter, and people who buy there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from shops.prestashop.shop import PrestaShop, open_shop
from shops.settings import ShopSettings
from standins.prestashop.server import PrestaShopStandin
from standins.shop.model import NotAccepted, PlacedOrder, ShopModel
from tests.shops.rig import Opened, Refused, Rig, pseudonym
from tests.shops.rigs import RIGS


class People:
    """Customers of the shop and its staff."""

    def __init__(self, shop: PrestaShopStandin) -> None:
        self.shop = shop

    async def buy(self, codes: list[str], email: str = "ann@example.com") -> str:
        try:
            return self.shop.book.buy(codes, email, "QC-ULTRA")
        except NotAccepted as why:
            raise Refused(str(why)) from None

    async def cancel(self, order: str) -> None:
        """PrestaShop gives no use back."""
        self.shop.model.cancel(self._order(order).id, gives_back=False)

    async def refund(self, order: str, amount: int) -> None:
        self.shop.model.refund(self._order(order).id, amount)

    async def pass_time(self, seconds: float) -> None:
        self.shop.model.shift += timedelta(seconds=seconds)

    async def take_off(self, order: str, code: str) -> None:
        self.shop.model.take_code_off(self._order(order).id, code)

    async def delete(self, order: str) -> None:
        self.shop.model.delete(self._order(order).id)

    async def make_foreign(self, code: str) -> None:
        self.shop.model.add_coupon(code, percent=50.0)

    def _order(self, reference: str) -> PlacedOrder:
        return self.shop.book.of(reference)[0]


def adapter(shop: PrestaShopStandin, **changes: Any) -> PrestaShop:
    """The adapter as the retailer sets it."""
    given = {"kind": "prestashop", "url": shop.url, "key": shop.key, "answer_s": 1.0}
    return open_shop(ShopSettings.model_validate({**given, **changes}), pseudonym)


def a_shop() -> PrestaShopStandin:
    """The shop with its products, not open yet."""
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    model.sell("MUG-RED", "Mug & cuillère", 1290, stock=0)
    return PrestaShopStandin(model)


def open_rig(request: pytest.FixtureRequest) -> Opened:
    """A shop of its own for each test."""
    return _opened()


@asynccontextmanager
async def _opened() -> AsyncIterator[Rig]:
    shop = a_shop()

    def spoil(how: str) -> None:
        shop.faults.is_down = how == "down"
        shop.faults.is_html = how == "html"
        shop.faults.slow_s = 1.5 if how == "slow" else 0.0

    async with shop:
        yield Rig(
            kind="prestashop",
            shop=adapter(shop),
            buyer=People(shop),
            violations=shop.violations.total,
            can=RIGS["prestashop"],
            spoil=spoil,
            stranger=lambda: adapter(shop, key="X" * 32),
        )
