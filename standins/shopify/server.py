"""Shopify on loopback: its Admin API over one small shop.

What it understands is in `schema.graphql`, a part of Shopify's own; anything else is refused as Shopify does.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from aiohttp import web
from graphql import DocumentNode, GraphQLError, GraphQLSchema, build_schema, execute_sync, parse, validate

from standins.loopback import Loopback
from standins.shop.model import Item, ShopModel
from standins.shopify import frames
from standins.shopify.auth import App
from standins.shopify.discounts import Discounts
from standins.shopify.faults import Faults
from standins.shopify.jobs import Jobs
from standins.shopify.orders import Orders
from standins.shopify.points import LONGEST_PAGE, MOST_POINTS, Bucket, Costs, used
from standins.shopify.search import Term, found, page
from standins.shopify.webhooks import Webhooks

VERSION = "2026-10"


class ShopifyStandin(Loopback):
    """A shop called `name`; `model` is what stands behind it.

    `violations` counts what must never happen; `asked` has the name of each operation. `bucket` is what may
    be spent: Shopify's smallest plan gives back 100 points a second. `metafields` are the articles', by SKU.
    """

    def __init__(self, model: ShopModel, *, name: str = "La Boutique") -> None:
        super().__init__()
        self.model = model
        self.name = name
        self.url = ""
        self.app_in_shop = App()
        self.faults = Faults()
        self.violations: Counter[str] = Counter()
        self.asked: list[str] = []
        self.points = 0
        self.bucket = Bucket(1000, 100)
        self.metafields: dict[str, dict[str, tuple[str, str]]] = {}
        self.discounts = Discounts(model, self.faults, self.violations)
        self.jobs = Jobs(self.discounts, self.faults, self.violations)
        self.orders = Orders(model, self.faults, self.violations)
        self.webhooks = Webhooks(self.app_in_shop, self.orders, self.faults, VERSION)
        self._schema = _schema()
        self._root = self._fields()
        model.told.append(self.webhooks.tell)

    def app(self) -> web.Application:
        """The shop's addresses."""
        app = web.Application(middlewares=[self._guarded])
        app.router.add_post("/admin/oauth/access_token", self.app_in_shop.give)
        app.router.add_post(f"/admin/api/{VERSION}/graphql.json", self._answer)
        return app

    def addressed(self, place: str) -> None:
        """The shop's address."""
        self.url = f"http://{place}"

    async def stop(self) -> None:
        """Stop listening, and give up what is under way."""
        self.jobs.close()
        await self.webhooks.sender.close()
        await super().stop()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.faults.slow_s:
            await asyncio.sleep(self.faults.slow_s)
        if self.faults.is_down or self.faults.strikes("broken"):
            return web.Response(status=503 if self.faults.is_down else 500, text="Something went wrong")
        if self.faults.is_html:
            return web.Response(text="<!doctype html><title>One moment</title>", content_type="text/html")
        response: web.StreamResponse = await handler(request)
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        if not self.app_in_shop.may_call(request):
            self.violations["unauthenticated"] += 1
            why = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return web.json_response({"errors": why}, status=401)
        body = await request.json()
        variables = body.get("variables") or {}
        try:
            document = parse(body["query"])
            wrong = validate(self._schema, document)
        except GraphQLError as error:
            wrong = [error]
        if wrong:
            self.violations["invalid"] += 1
            return web.json_response({"errors": [{"message": one.message} for one in wrong]})
        self.asked.append(_name(document))
        told = self._paid(document, variables)
        if self.faults.broken_after_taking and self.asked[-1] == self.faults.broken_after_taking:
            self.faults.broken_after_taking = ""
            return web.Response(status=502, text="Bad gateway")
        return web.json_response(told)

    def _paid(self, document: DocumentNode, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What is told within the points that are left."""
        costs = Costs(self._schema, variables)
        cost = costs.of(document)
        if costs.longest_page > LONGEST_PAGE:
            self.violations["first"] += 1
            return {"errors": [{"message": f"first cannot exceed {LONGEST_PAGE}."}]}
        if cost > MOST_POINTS:
            self.violations["cost"] += 1
            return self._refused("MAX_COST_EXCEEDED", cost)
        if self.faults.strikes("throttled"):
            self.bucket.take(self.bucket.left)
            return self._refused("THROTTLED", cost)
        if not self.bucket.take(cost):
            self.violations["throttled"] += 1
            return self._refused("THROTTLED", cost)
        told = execute_sync(self._schema, document, self._root, variable_values=dict(variables)).formatted
        really = cost if "mutation" in _kind(document) else min(cost, used(told.get("data")))
        self.bucket.give_back(cost - really)
        self.points += really
        return {**told, "extensions": {"cost": self._cost(cost, really)}}

    def _refused(self, code: str, cost: int) -> dict[str, Any]:
        error = {"message": code.capitalize(), "extensions": {"code": code}}
        return {"errors": [error], "extensions": {"cost": self._cost(cost, None)}}

    def _cost(self, requested: int, really: int | None) -> dict[str, Any]:
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": really,
            "throttleStatus": self.bucket.status(),
        }

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "shop": self._shop,
            "currentAppInstallation": self._installation,
            "node": lambda _, id: self.discounts.node(self.discounts.get(id)),
            "productVariants": self._variants,
        }
        for part in (self.discounts, self.jobs, self.orders, self.webhooks):
            fields |= part.fields()
        return {name: self._allowed(name, resolve) for name, resolve in fields.items()}

    def _allowed(self, name: str, resolve: Any) -> Any:
        """The operation, refused to an app without its scope."""
        scope = next((scope for word, scope in SCOPES.items() if word in name.casefold()), "")

        def resolved(info: Any, **given: Any) -> Any:
            held = self.app_in_shop.scopes
            if scope and scope not in held and scope.replace("read_", "write_") not in held:
                why = f"Access denied for {name} field."
                raise GraphQLError(why, extensions={"code": "ACCESS_DENIED"})
            return resolve(info, **given)

        return resolved

    def _shop(self, _: Any) -> dict[str, Any]:
        place = self.url.removeprefix("http://")
        return {
            "name": self.name,
            "myshopifyDomain": place,
            "currencyCode": self.model.currency,
            "taxesIncluded": True,
        }

    def _installation(self, _: Any) -> dict[str, Any]:
        return {"accessScopes": [{"handle": one, "description": one} for one in self.app_in_shop.scopes]}

    def _variants(
        self, _: Any, first: int = 0, after: str | None = None, query: str | None = None, **__: Any
    ) -> dict[str, Any]:
        """A search by SKU finds articles whose SKU begins so, too."""
        fits = {
            "sku": lambda item, term: item.sku.casefold().startswith(term.value.casefold()),
            "": _has_word,
        }
        items = found(self.model.items.values(), query, fits, self.violations)
        rows = [
            frames.variant(item, self.model.currency, self.url, self.metafields.get(item.sku, {}))
            for item in items
        ]
        return page(rows, first, after)


SCOPES = {"order": "read_orders", "variants": "read_products", "discount": "read_discounts"}


def _schema() -> GraphQLSchema:
    return build_schema(files("standins.shopify").joinpath("schema.graphql").read_text(encoding="utf-8"))


def _has_word(item: Item, term: Term) -> bool:
    return term.value.casefold() in f"{item.sku} {item.name}".casefold()


def _operation(document: DocumentNode) -> Any:
    return next(one for one in document.definitions if hasattr(one, "operation"))


def _name(document: DocumentNode) -> str:
    named = _operation(document).name
    return str(named.value) if named else ""


def _kind(document: DocumentNode) -> str:
    return str(_operation(document).operation.value)
