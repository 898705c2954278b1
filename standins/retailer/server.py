"""A retailer's own platform on loopback: catalogue, promotions, redemptions, webhooks, over one small shop.

Source: `docs/retailer-api.md`, which is our convention.
"""

import asyncio
import hashlib
import time
from collections import Counter, deque
from email.utils import formatdate
from typing import Any
from xml.sax.saxutils import escape

from aiohttp import web

from standins.loopback import Loopback
from standins.retailer.faults import Faults
from standins.retailer.problems import problem
from standins.retailer.promotions import Promotions
from standins.retailer.redemptions import Redemptions
from standins.retailer.signing import is_signed
from standins.shop.model import Item, ShopModel

BASE = "/api"
FEED = "/catalogue.xml"
LARGEST_BODY = 1_000_000


class RetailerStandin(Loopback):
    """The platform in front of `model`. `secret` signs the calls to it.

    `violations` counts what must never happen; `feeds` how often the catalogue was sent (`whole`) and was
    found `unchanged`. More than `per_second` calls (None: without bound) are answered with 429.
    """

    def __init__(self, model: ShopModel) -> None:
        super().__init__()
        self.model = model
        self.secret = "whsec_cmV0YWlsZXItcGxhdGZvcm0tc2VjcmV0LTAx"  # noqa: S105 - a stand-in's
        self.faults = Faults()
        self.violations: Counter[str] = Counter()
        self.feeds: Counter[str] = Counter()
        self.per_second: int | None = None
        self.has_etag = True
        self.url = self.api_url = self.feed_url = ""
        self.promotions = Promotions(model, self.faults, self.violations)
        self.redemptions = Redemptions(model, self.faults, self.violations)
        self._recent: deque[float] = deque()
        self._ids: set[str] = set()
        model.told.append(self.redemptions.tell)

    def app(self) -> web.Application:
        """The platform."""
        app = web.Application(middlewares=[self._guarded], client_max_size=LARGEST_BODY)
        app.router.add_get(FEED, self._feed)
        self.promotions.add_routes(app, BASE)
        self.redemptions.add_routes(app, BASE)
        return app

    def addressed(self, place: str) -> None:
        """Its addresses."""
        self.url = f"http://{place}"
        self.api_url, self.feed_url = self.url + BASE, self.url + FEED

    async def stop(self) -> None:
        """Stop listening, and give up webhooks on their way."""
        await self.redemptions.sender.close()
        await super().stop()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.faults.slow_s:
            await asyncio.sleep(self.faults.slow_s)
        if self.faults.is_down or self.faults.strikes("broken"):
            return web.Response(status=502, text="<h1>Bad gateway</h1>", content_type="text/html")
        if self.faults.is_html:
            return web.Response(text="<!doctype html><title>One moment</title>", content_type="text/html")
        refusal = await self._refusal(request) if request.path.startswith(BASE) else None
        if refusal is not None:
            return refusal
        response: web.StreamResponse = await handler(request)
        if self.faults.strikes("broken_after_taking"):
            return web.Response(status=502, text="Bad gateway")
        return response

    async def _refusal(self, request: web.Request) -> web.Response | None:
        if not is_signed(self.secret, request.headers, await request.read()):
            self.violations["unsigned"] += 1
            return problem(401, "bad-signature", "The call is not signed.")
        if request.headers["webhook-id"] in self._ids:
            self.violations["replayed"] += 1
            return problem(401, "replayed", "That id has been used.")
        self._ids.add(request.headers["webhook-id"])
        if self.faults.strikes("throttled"):
            return self._wait(self.faults.pause_s)
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if self.per_second is not None and len(self._recent) >= self.per_second:
            return self._wait(1.0)
        self._recent.append(now)
        return None

    def _wait(self, seconds: float) -> web.Response:
        return problem(429, "too-fast", "Wait a little.", **{"Retry-After": f"{seconds:g}"})

    async def _feed(self, request: web.Request) -> web.Response:
        raw = self._catalogue().encode()
        tag = f'"{hashlib.sha256(raw).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Last-Modified": formatdate(0, usegmt=True)} if self.has_etag else {}
        if self.has_etag and request.headers.get("If-None-Match") == tag:
            self.feeds["unchanged"] += 1
            return web.Response(status=304, headers=headers)
        self.feeds["whole"] += 1
        return web.Response(body=raw, content_type="application/xml", headers=headers)

    def _catalogue(self) -> str:
        items = "".join(self._item(item) for item in self.model.items.values())
        space = 'xmlns:g="http://base.google.com/ns/1.0"'
        return f'<?xml version="1.0"?><rss version="2.0" {space}><channel>{items}</channel></rss>'

    def _item(self, item: Item) -> str:
        price = f"{item.price / 100:.2f} {self.model.currency}"
        there = "in_stock" if item.stock > 0 else "out_of_stock"
        return (
            f"<item><g:id>{escape(item.sku)}</g:id><title>{escape(item.name)}</title>"
            f"<link>{self.url}/p/{item.id}</link><g:price>{price}</g:price>"
            f"<g:availability>{there}</g:availability></item>"
        )
