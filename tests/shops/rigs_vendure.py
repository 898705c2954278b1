"""A real Vendure for the contract suite: its clock is the machine's, and it does not break on command."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from shops.settings import ShopSettings
from shops.vendure.shop import open_shop
from tests.shops.rig import Opened, Refused, Rig, pseudonym
from tests.vendure.catcher import Catcher, Posted, catching
from tests.vendure.people import Shopper, Staff
from tests.vendure.server import Vendure


class VendureBuyer:
    """Customers who come to the shop one by one, and its staff."""

    def __init__(self, shop: Vendure, staff: Staff) -> None:
        self._shop = shop
        self._staff = staff
        self.orders: list[str] = []

    async def buy(self, codes: list[str], email: str = "ann@example.com") -> str:
        return await asyncio.to_thread(self._buy, codes, email)

    async def cancel(self, order: str) -> None:
        await asyncio.to_thread(self._staff.cancel, order)

    async def refund(self, order: str, amount: int) -> None:
        await asyncio.to_thread(self._staff.refund, order, amount)

    async def make_foreign(self, code: str) -> None:
        await asyncio.to_thread(lambda: self._staff.make_coupon(code, percent=50))

    async def pass_time(self, seconds: float) -> None:
        raise AssertionError("A real shop's clock does not jump.")

    async def take_off(self, order: str, code: str) -> None:
        raise AssertionError("Orders are not edited here.")

    async def delete(self, order: str) -> None:
        raise AssertionError("Vendure deletes no order.")

    def _buy(self, codes: list[str], email: str) -> str:
        with Shopper(self._shop) as shopper:
            shopper.put("QC-ULTRA")
            before = 0
            for code in codes:
                coupon = shopper.apply_coupon(code)
                if coupon.refusal or coupon.discount <= before:
                    raise Refused(coupon.refusal)
                before = coupon.discount
            bought = shopper.check_out(email)
            if bought.refusal:
                raise Refused(bought.refusal)
            self.orders.append(bought.code)
            return bought.code


def open_rig(request: pytest.FixtureRequest) -> Opened:
    """The worker's Vendure."""
    return _opened(request.getfixturevalue("vendure"))


@asynccontextmanager
async def _opened(vendure: Vendure) -> AsyncIterator[Rig]:
    settings = ShopSettings(
        kind="vendure",
        url=vendure.url,
        key=SecretStr(vendure.username),
        secret=SecretStr(vendure.password),
        webhook_secret=SecretStr(vendure.webhook_secret),
    )
    other = SecretStr("another")
    strange = settings.model_copy(update={"secret": other, "webhook_secret": other})
    rotated = settings.model_copy(
        update={"webhook_secret": other, "webhook_secret_old": settings.webhook_secret}
    )
    with Staff(vendure) as staff, catching(vendure.webhook_port) as catcher:
        buyer, webhooks = VendureBuyer(vendure, staff), list[tuple[dict[str, str], bytes]]()
        yield Rig(
            kind="vendure",
            shop=open_shop(settings, pseudonym),
            buyer=buyer,
            webhooks=webhooks,
            settle=lambda: asyncio.to_thread(_await_orders, buyer.orders, catcher, webhooks),
            stranger=lambda: open_shop(strange, pseudonym),
            rotated=lambda: open_shop(rotated, pseudonym),
        )


def _await_orders(orders: list[str], catcher: Catcher, webhooks: list[tuple[dict[str, str], bytes]]) -> None:
    """What was posted of each order, once something was of every one."""
    own = [catcher.first(_holding(order)) for order in orders]
    webhooks[:] = [(dict(one.headers), one.body) for one in own]


def _holding(text: str) -> Callable[[Posted], bool]:
    return lambda posted: text.encode() in posted.body
