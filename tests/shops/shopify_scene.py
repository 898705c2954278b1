"""The stand-in Shopify with all that the tests of its traps need."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from domain.shop import CodeMade, Notice, Order, ShopCode, ShopOffer
from shops.shopify.shop import Shopify
from standins.shop.model import Line, PlacedOrder
from standins.shopify.discounts import Discount
from standins.shopify.server import ShopifyStandin
from tests.shops.catching import Hooks
from tests.shops.rigs_shopify import a_shop, adapter
from tests.shops.test_shop_contract import an_offer, flat, new_codes

MINUTE_AGO = timedelta(minutes=1)


@dataclass
class Scene:
    """The stand-in, its adapter, and where it sends its webhooks."""

    shop: ShopifyStandin
    adapter: Shopify
    hooks: Hooks

    async def made(self, offer: ShopOffer, codes: Sequence[str]) -> list[CodeMade]:
        return await flat(self.adapter.create_offer(offer, codes))

    async def put(self, offer: ShopOffer, count: int = 1) -> list[ShopCode]:
        """New codes, in the shop."""
        return [ShopCode(one.code, one.shop_id or "") for one in await self.made(offer, new_codes(count))]

    async def extended(self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime) -> list[ShopCode]:
        return await flat(self.adapter.extend(replace(offer, until=until), codes, until))

    @property
    def discount(self) -> Discount:
        """The only discount there is."""
        [one] = self.shop.discounts.known.values()
        return one

    def count(self, operation: str) -> int:
        """How often it was asked for."""
        return self.shop.asked.count(operation)

    async def notices(self) -> list[Notice]:
        await self.shop.webhooks.sender.settle()
        now = datetime.now(UTC)
        return [self.adapter.read_webhook(headers, body, now) for headers, body in self.hooks.caught]

    async def poll(self) -> list[Order]:
        since = datetime.now(UTC) - MINUTE_AGO
        pages = await asyncio.to_thread(lambda: list(self.adapter.orders_since(since)))
        return [order for page in pages for order in page.orders]

    async def poll_one(self) -> Order:
        [order] = await self.poll()
        return order

    def fill(self, count: int, changed_at: datetime) -> None:
        """Put orders in the shop that all changed at one time."""
        item = self.shop.model.items["QC-ULTRA"]
        first = max(self.shop.model.orders, default=10_000) + 1
        for id in range(first, first + count):
            self.shop.model.orders[id] = PlacedOrder(
                id, [Line(item, 1)], [], {}, "ann@example.com", "EUR", changed_at, changed_at
            )


@asynccontextmanager
async def open_scene() -> AsyncIterator[Scene]:
    """A shop of its own for a test."""
    async with Hooks() as hooks, a_shop() as shop:
        yield Scene(shop, adapter(shop, answer_s=10), hooks)


__all__ = ["Scene", "an_offer", "flat", "new_codes", "open_scene"]
