"""PrestaShop's webservice on loopback, over one small shop.

Source: PrestaShop `WebserviceRequest` (read), devdocs «Webservice» (2024-03).
"""

import asyncio
import base64
from collections import Counter
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from standins.loopback import Loopback
from standins.prestashop import frames, query
from standins.prestashop.book import Book
from standins.prestashop.cart_rules import CartRules
from standins.prestashop.faults import Faults
from standins.prestashop.frames import Row, Wrong
from standins.shop.model import ShopModel

NODES = {
    "products": ("products", "product"),
    "stock_availables": ("stock_availables", "stock_available"),
    "cart_rules": ("cart_rules", "cart_rule"),
    "orders": ("orders", "order"),
    "order_cart_rules": ("order_cart_rules", "order_cart_rule"),
    "order_slip": ("order_slips", "order_slip"),
    "order_states": ("order_states", "order_state"),
    "currencies": ("currencies", "currency"),
    "languages": ("languages", "language"),
    "configurations": ("configurations", "configuration"),
}
ALL = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"})
READ = frozenset({"GET", "HEAD"})


class PrestaShopStandin(Loopback):
    """A shop in the time zone `zone`; `model` is what stands behind it, `book` what it keeps of orders.

    `rights` are the key's, by resource. `has_patch` False: it is older than PrestaShop 8. `violations` counts
    what must never happen, `addresses` is every path and query it was asked.
    """

    def __init__(self, model: ShopModel, *, zone: str = "Europe/Paris") -> None:
        super().__init__()
        self.model = model
        self.zone = ZoneInfo(zone)
        self.key = "Z" * 32
        self.rights = {name: ALL if name == "cart_rules" else READ for name in NODES}
        self.has_patch = True
        self.faults = Faults()
        self.violations: Counter[str] = Counter()
        self.addresses: list[str] = []
        self.url = ""
        self.cart_rules = CartRules(model, self.zone, self.violations, self.faults)
        self.book = Book(model, self.cart_rules.local)

    def app(self) -> web.Application:
        """The webservice."""
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/api/", self._root)
        app.router.add_route("*", "/api/{resource}", self._resource)
        app.router.add_get("/api/{resource}/{id}", self._one)
        return app

    def addressed(self, place: str) -> None:
        """The shop's address."""
        self.url = f"http://{place}"

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.addresses.append(str(request.rel_url))
        if self.faults.slow_s:
            await asyncio.sleep(self.faults.slow_s)
        if self.faults.is_down or self.faults.strikes("broken"):
            return web.Response(status=503, text="<h1>Maintenance</h1>", content_type="text/html")
        if self.faults.is_html:
            return web.Response(text="<!doctype html><title>One moment</title>", content_type="text/html")
        try:
            self._admit(request)
            response: web.StreamResponse = await handler(request)
        except Wrong as wrong:
            response = frames.refusal(wrong, as_json=_as_json(request))
        if request.method not in READ and self.faults.strikes("broken_after_taking"):
            return web.Response(status=502, text="Bad gateway")
        return response

    def _admit(self, request: web.Request) -> None:
        if self.faults.is_off:
            raise Wrong(503, 22, "The PrestaShop webservice is disabled.")
        given = request.headers.get("Authorization", "")
        if not given.startswith("Basic "):
            raise Wrong(401, 16, "Please enter the authentication key as the login. No password required")
        key = base64.b64decode(given[6:]).decode().partition(":")[0]
        if len(key) != 32:
            raise Wrong(401, 18, "Invalid authentication key format")
        if key != self.key:
            raise Wrong(401, 20, "Authentification key is not active")
        method, resource = request.method, request.match_info.get("resource", "")
        if method not in ALL or (method == "PATCH" and not self.has_patch):
            raise Wrong(405, 23, f"Method {method} is not valid")
        if resource and resource not in NODES:
            raise Wrong(400, 27, f'Resource of type "{resource}" does not exists')
        if resource and not self.rights.get(resource):
            raise Wrong(401, 26, f'Resource of type "{resource}" is not allowed with this authentication key')
        if resource and method not in self.rights[resource]:
            raise Wrong(405, 25, f"Method {method} is not allowed for the resource {resource}")

    async def _root(self, _: web.Request) -> web.Response:
        return frames.rights("La Boutique", {name: of for name, of in self.rights.items() if of})

    async def _resource(self, request: web.Request) -> web.Response:
        resource, as_json = request.match_info["resource"], _as_json(request)
        if request.method in READ:
            asked = dict(request.query)
            try:
                rows = query.found(self._rows(resource, request), asked)
            except Wrong:
                self._note_dates(asked)
                raise
            return frames.listed(
                NODES[resource], query.shown(rows, asked.get("display", "")), as_json=as_json
            )
        return await self._write(request, as_json)

    def _note_dates(self, asked: dict[str, str]) -> None:
        wants = any("date_" in name or "date_" in asked[name] for name in asked if name != "display")
        if wants and "date" not in asked:
            self.violations["dates_without_date_1"] += 1

    async def _one(self, request: web.Request) -> web.Response:
        resource = request.match_info["resource"]
        rows = [row for row in self._rows(resource, request) if row["id"] == request.match_info["id"]]
        if not rows:
            return web.Response(status=404)
        return frames.single(NODES[resource][1], rows[0], as_json=_as_json(request))

    async def _write(self, request: web.Request, as_json: bool) -> web.Response:
        """In JSON, of several entities only the last is told unless `display` is given."""
        changes: dict[str, Callable[[list[Row]], list[Row]]] = {
            "POST": self.cart_rules.create,
            "PUT": self.cart_rules.put,
            "PATCH": self.cart_rules.patch,
        }
        entities = frames.entities(await request.read())
        rows = changes[request.method](entities)
        status = 201 if request.method == "POST" else 200
        many, one = NODES["cart_rules"]
        if len(rows) == 1 or (as_json and "display" not in request.query):
            return frames.single(one, rows[-1], as_json=as_json, status=status)
        return frames.listed((many, one), rows, as_json=as_json, status=status)

    def _rows(self, resource: str, request: web.Request) -> list[Row]:
        if resource == "products":
            return self._products(dict(request.query))
        rows: dict[str, Callable[[], list[Row]]] = {
            "stock_availables": self._stock,
            "cart_rules": self.cart_rules.rows,
            "orders": self.book.orders,
            "order_cart_rules": self.book.cart_rules,
            "order_slip": self.book.order_slips,
            "order_states": self.book.order_states,
            "currencies": lambda: [{"id": "1", "iso_code": self.model.currency, "active": "1"}],
            "languages": lambda: [{"id": id, "active": str(int(id != "3"))} for id in ("1", "2", "3")],
            "configurations": lambda: [{"id": "1", "name": "PS_TIMEZONE", "value": self.zone.key}],
        }
        return rows[resource]()

    def _products(self, asked: dict[str, str]) -> list[Row]:
        """`price` is without tax; `price[NAME][use_tax]=1` adds a node NAME with what customers pay.

        Unless `decimals` are said it has as many as the shop's rounding mode has for a number: 0 for up.
        """
        names = {name.split("[")[1].rstrip("]") for name in asked if name.startswith("price[")}
        return [
            {
                "id": str(item.id),
                "reference": item.sku,
                "name": {"1": item.name, "2": item.name},
                "price": f"{item.price / 120:.6f}",
                "active": "1",
                **{name: _price(item.price, name, asked) for name in names},
            }
            for item in self.model.items.values()
        ]

    def _stock(self) -> list[Row]:
        return [
            {
                "id": str(5000 + item.id),
                "id_product": str(item.id),
                "id_product_attribute": "0",
                "quantity": str(item.stock),
                "out_of_stock": "2",
            }
            for item in self.model.items.values()
        ]


def _price(price: int, name: str, asked: dict[str, str]) -> str:
    taxed = asked.get(f"price[{name}][use_tax]") == "1"
    decimals = int(asked.get(f"price[{name}][decimals]", "0"))
    return f"{round(price / (100 if taxed else 120), decimals):.6f}"


def _as_json(request: web.Request) -> bool:
    return request.query.get("output_format") == "JSON"
