"""The stand-in WooCommerce with all that the tests of its traps need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp

from domain.shop import Notice, Order
from shops.woocommerce.shop import WooCommerce
from standins.shop.model import Line, PlacedOrder
from standins.woocommerce.server import WooCommerceStandin
from tests.shops.catching import Hooks
from tests.shops.rigs_woocommerce import People, a_shop, adapter

MINUTE_AGO = timedelta(minutes=1)


@dataclass
class Scene:
    """The stand-in, its adapter, its customers, and where it sends its webhooks."""

    shop: WooCommerceStandin
    adapter: WooCommerce
    people: People
    hooks: Hooks

    async def notices(self) -> list[Notice]:
        await self.shop.webhooks.sender.settle()
        now = datetime.now(UTC)
        return [self.adapter.read_webhook(headers, body, now) for headers, body in self.hooks.caught]

    async def poll(self) -> list[Order]:
        since = datetime.now(UTC) - MINUTE_AGO
        pages = await asyncio.to_thread(lambda: list(self.adapter.orders_since(since)))
        return [order for page in pages for order in page.orders]

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
    async with Hooks() as hooks, a_shop() as shop, aiohttp.ClientSession() as session:
        yield Scene(shop, adapter(shop, answer_s=10), People(shop, session), hooks)
