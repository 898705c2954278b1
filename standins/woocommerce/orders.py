"""Orders and refunds.

Source: woocommerce 10.0.2, class-wc-rest-orders-controller.php; `modified_after` and `modified_before` are
exclusive and know whole seconds.
"""

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from standins.shop.model import PlacedOrder, ShopModel
from standins.woocommerce import frames
from standins.woocommerce.auth import problem
from standins.woocommerce.paging import page

FROM_SHOP = {"processing": "placed"}


class Orders:
    """The `orders` routes. `root` is the site's address."""

    def __init__(self, model: ShopModel, zone: ZoneInfo, violations: Counter[str]) -> None:
        self.root = ""
        self._model = model
        self._zone = zone
        self._violations = violations

    def add_routes(self, app: web.Application, base: str) -> None:
        """Serve them under `base`."""
        one = base + r"/orders/{id:\d+}"
        app.router.add_get(f"{base}/orders", self._list)
        app.router.add_get(one, self._get)
        app.router.add_put(one, self._update)
        app.router.add_delete(one, self._delete)
        app.router.add_get(f"{one}/refunds", self._refunds)
        app.router.add_post(f"{one}/refunds", self._refund)

    def shown(self, order: PlacedOrder) -> dict[str, Any]:
        """The order as it is told, in webhooks too."""
        return frames.order(order, self.root, self._zone)

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        found = list(self._model.orders.values())
        if "modified_after" in query:
            after = self._moment(query["modified_after"], query)
            found = [one for one in found if after < one.changed_at.replace(microsecond=0)]
        if "modified_before" in query:
            before = self._moment(query["modified_before"], query)
            found = [one for one in found if one.changed_at.replace(microsecond=0) < before]
        statuses = query.get("status", "any").split(",")
        if "any" not in statuses:
            found = [one for one in found if self.shown(one)["status"] in statuses]
        else:
            found = [one for one in found if one.status != "trash"]
        found.sort(key=self._sort_key(query.get("orderby", "date")), reverse=query.get("order") != "asc")
        return page(request, found, self.shown, self._violations)

    def _sort_key(self, orderby: str) -> Any:
        if orderby == "modified":
            return lambda one: (one.changed_at.replace(microsecond=0), one.id)
        return lambda one: (one.ordered_at.replace(microsecond=0), one.id)

    def _moment(self, text: str, query: Any) -> datetime:
        zone = ZoneInfo("UTC") if query.get("dates_are_gmt") == "true" else self._zone
        return frames.read_time(text, zone)

    def _known(self, request: web.Request) -> PlacedOrder | None:
        return self._model.orders.get(int(request.match_info["id"]))

    async def _get(self, request: web.Request) -> web.Response:
        order = self._known(request)
        if order is None:
            return problem("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)
        return web.json_response(frames.only(self.shown(order), request.query.get("_fields", "")))

    async def _update(self, request: web.Request) -> web.Response:
        order = self._known(request)
        if order is None:
            return problem("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 400)
        status = (await request.json()).get("status", "")
        if status == "cancelled":
            self._model.cancel(order.id)
        elif status:
            order.status = FROM_SHOP.get(status, status)
            self._model.change(order)
        return web.json_response(self.shown(order))

    async def _delete(self, request: web.Request) -> web.Response:
        order = self._known(request)
        if order is None:
            return problem("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)
        self._model.delete(order.id)
        return web.json_response(self.shown(order))

    async def _refunds(self, request: web.Request) -> web.Response:
        order = self._known(request)
        return web.json_response(self.shown(order)["refunds"] if order else [])

    async def _refund(self, request: web.Request) -> web.Response:
        order = self._known(request)
        if order is None:
            return problem("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)
        self._model.refund(order.id, frames.minor((await request.json())["amount"], order.currency))
        return web.json_response(self.shown(order)["refunds"][-1], status=201)
