"""The stand-in retailer's platform, our adapter, and people who buy there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from shops.feed.shop import FeedShop, open_shop
from shops.settings import ShopSettings
from standins.retailer.server import RetailerStandin
from standins.shop.model import NotAccepted, ShopModel
from tests.shops.catching import Hooks
from tests.shops.rig import Refused, Rig, pseudonym
from tests.shops.rigs import RIGS

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER = "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVy"


class People:
    """Customers, and the staff behind the counter."""

    def __init__(self, model: ShopModel) -> None:
        self.model = model

    async def buy(self, codes: list[str], email: str = "ann@example.com") -> str:
        try:
            return str(self.model.check_out(codes, email, "QC-ULTRA").id)
        except NotAccepted as why:
            raise Refused(str(why)) from None

    async def cancel(self, order: str) -> None:
        self.model.cancel(int(order))

    async def refund(self, order: str, amount: int) -> None:
        self.model.refund(int(order), amount)

    async def pass_time(self, seconds: float) -> None:
        self.model.shift += timedelta(seconds=seconds)

    async def take_off(self, order: str, code: str) -> None:
        self.model.take_code_off(int(order), code)

    async def delete(self, order: str) -> None:
        self.model.delete(int(order))

    async def make_foreign(self, code: str) -> None:
        self.model.add_coupon(code, percent=50.0)


def a_retailer() -> RetailerStandin:
    """The platform with its products, not open yet."""
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    model.sell("MUG-RED", "Mug & cuillère", 1290, stock=0)
    return RetailerStandin(model)


def adapter(retailer: RetailerStandin, **changes: Any) -> FeedShop:
    """The adapter as the retailer sets it."""
    given = {
        "kind": "feed",
        "url": retailer.api_url,
        "codes": retailer.api_url,
        "products": retailer.feed_url,
        "key": retailer.secret,
        "webhook_secret": SECRET,
        "answer_s": 1.0,
    }
    return open_shop(ShopSettings.model_validate({**given, **changes}), pseudonym)


@asynccontextmanager
async def open_rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """A platform of its own for each test."""
    retailer, hooks = a_retailer(), Hooks()

    def spoil(how: str) -> None:
        retailer.faults.is_down = how == "down"
        retailer.faults.is_html = how == "html"
        retailer.faults.slow_s = 1.5 if how == "slow" else 0.0

    async with hooks, retailer:
        retailer.redemptions.hook_url, retailer.redemptions.secrets = hooks.url, (SECRET,)
        yield Rig(
            kind="feed",
            shop=adapter(retailer),
            buyer=People(retailer.model),
            webhooks=hooks.caught,
            settle=retailer.redemptions.sender.settle,
            violations=retailer.violations.total,
            can=RIGS["feed"],
            spoil=spoil,
            stranger=lambda: adapter(retailer, key=OTHER, webhook_secret=OTHER),
            rotated=lambda: adapter(retailer, webhook_secret=OTHER, webhook_secret_old=SECRET),
        )
