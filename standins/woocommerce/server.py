"""WooCommerce on loopback: REST v3, the Store API and a storefront over one small shop.

Source: woocommerce 10.0.2 (read), and a running one (observed).
"""

import asyncio
import itertools
import time
from collections import Counter, deque
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from standins.loopback import Loopback
from standins.shop.model import Line, PlacedOrder, ShopModel
from standins.woocommerce import frames
from standins.woocommerce.auth import Key, problem
from standins.woocommerce.carts import Carts
from standins.woocommerce.coupons import Coupons
from standins.woocommerce.faults import Faults
from standins.woocommerce.orders import Orders
from standins.woocommerce.paging import page
from standins.woocommerce.store_api import StoreApi
from standins.woocommerce.storefront import Storefront
from standins.woocommerce.webhooks import Webhooks

BASE = "/wp-json/wc/v3"


class WooCommerceStandin(Loopback):
    """A shop called `name` in the time zone `zone`; `model` is what stands behind it.

    `violations` counts what must never happen; `asked` has the address of each call of REST v3. A call above
    `per_second` (None: without bound) is served and counted.
    """

    def __init__(self, model: ShopModel, *, name: str = "La Boutique", zone: str = "Europe/Paris") -> None:
        super().__init__()
        self.model = model
        self.name = name
        self.zone = ZoneInfo(zone)
        self.key = Key()
        self.faults = Faults()
        self.violations: Counter[str] = Counter()
        self.asked: list[str] = []
        self.per_second: int | None = None
        self.url = ""
        self.orders = Orders(model, self.zone, self.violations)
        self.webhooks = Webhooks(self.orders.shown, self.faults, self.violations)
        self._coupons = Coupons(model, self.zone, self.violations)
        carts = Carts(model)
        self._store_api = StoreApi(model, carts)
        self._storefront = Storefront(model, carts, name)
        self._recent: deque[float] = deque()
        self._draft_ids = itertools.count(900_001)
        model.told.append(self.webhooks.tell)

    def app(self) -> web.Application:
        """The site."""
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/wp-json/", self._index)
        app.router.add_get(f"{BASE}/products", self._products)
        app.router.add_get(BASE + "/settings/general", self._settings)
        app.router.add_get(BASE + "/settings/general/{id}", self._setting)
        for part in (self._coupons, self.orders, self.webhooks):
            part.add_routes(app, BASE)
        self._store_api.add_routes(app)
        self._storefront.add_routes(app)
        return app

    def addressed(self, place: str) -> None:
        """The site's address."""
        self.url = self.orders.root = self.webhooks.root = f"http://{place}"

    async def stop(self) -> None:
        """Stop listening, and give up webhooks on their way."""
        await self.webhooks.sender.close()
        await super().stop()

    def draft(self) -> PlacedOrder:
        """A cart at the checkout: an order by its look, and none."""
        now, item = self.model.now(), next(iter(self.model.items.values()))
        id = next(self._draft_ids)
        order = PlacedOrder(id, [Line(item, 1)], [], {}, "", self.model.currency, now, now, "checkout-draft")
        self.model.orders[id] = order
        return order

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.faults.slow_s:
            await asyncio.sleep(self.faults.slow_s)
        if self.faults.is_down or self.faults.strikes("broken"):
            sorry = "<h1>Briefly unavailable for scheduled maintenance.</h1>"
            again = {"Retry-After": "600"} if self.faults.is_down else {}
            status = 503 if self.faults.is_down else 500
            return web.Response(status=status, text=sorry, content_type="text/html", headers=again)
        if self.faults.is_html:
            return web.Response(text="<!doctype html><title>One moment</title>", content_type="text/html")
        if request.path.startswith(BASE):
            refusal = self._refusal(request)
            if refusal is not None:
                return refusal
        response: web.StreamResponse = await handler(request)
        response.headers["Date"] = format_datetime(self.model.now(), usegmt=True)
        if self.faults.strikes("broken_after_taking"):
            return web.Response(status=502, text="Bad gateway")
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        self.asked.append(request.path_qs)
        now = time.monotonic()
        self._recent.append(now)
        while self._recent[0] <= now - 1:
            self._recent.popleft()
        if self.per_second is not None and len(self._recent) > self.per_second:
            self.violations["rate"] += 1
        refusal = self.key.refusal(request)
        if refusal is not None:
            self.violations["unauthenticated"] += 1
        return refusal

    async def _index(self, _: web.Request) -> web.Response:
        index = {"name": self.name, "url": self.url, "timezone_string": self.zone.key, "gmt_offset": 1}
        return web.json_response(index)

    async def _products(self, request: web.Request) -> web.Response:
        query = request.query
        found = list(self.model.items.values())
        if "sku" in query:
            wanted = query["sku"].split(",")
            found = [item for item in found if item.sku in wanted]
        if query.get("search"):
            found = [item for item in found if query["search"].casefold() in item.name.casefold()]
        if "include" in query:
            ids = {int(id) for id in query["include"].split(",")}
            found = [item for item in found if item.id in ids]
        currency = self.model.currency
        return page(request, found, lambda item: frames.product(item, currency, self.url), self.violations)

    async def _settings(self, _: web.Request) -> web.Response:
        return web.json_response([self._currency()])

    async def _setting(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != "woocommerce_currency":
            return problem("rest_setting_setting_invalid", "Invalid setting.", 404)
        return web.json_response(self._currency())

    def _currency(self) -> dict[str, Any]:
        return {"id": "woocommerce_currency", "label": "Currency", "value": self.model.currency}
