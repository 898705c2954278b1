"""Coupons: one by one, and up to a hundred in a batch.

Source: woocommerce 10.0.2, class-wc-rest-coupons-controller.php and class-wc-rest-controller.php.
"""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from standins.shop.model import Coupon, ShopModel
from standins.woocommerce import frames
from standins.woocommerce.auth import problem
from standins.woocommerce.paging import page

LARGEST_BATCH = 100
TYPES = ("percent", "fixed_cart", "fixed_product")


class Wrong(Exception):
    """One coupon cannot be written: an error code, a sentence, a status."""


class Coupons:
    """The `coupons` routes."""

    def __init__(self, model: ShopModel, zone: ZoneInfo, violations: Counter[str]) -> None:
        self._model = model
        self._zone = zone
        self._violations = violations

    def add_routes(self, app: web.Application, base: str) -> None:
        """Serve them under `base`."""
        app.router.add_get(f"{base}/coupons", self._list)
        app.router.add_post(f"{base}/coupons", self._create)
        app.router.add_post(f"{base}/coupons/batch", self._batch)
        one = base + r"/coupons/{id:\d+}"
        app.router.add_get(one, self._get)
        app.router.add_put(one, self._update)
        app.router.add_delete(one, self._delete)

    def write(self, body: dict[str, Any]) -> Coupon:
        """Make or, with an `id`, change a coupon; what the shop ignores is ignored."""
        code = str(body.get("code", "")).casefold()
        known = self._model.coupon(code) if code else None
        if known is not None and known.id != body.get("id"):
            raise Wrong("woocommerce_rest_coupon_code_already_exists", "The coupon code already exists", 400)
        if "id" in body:
            coupon = self._known(body["id"])
        elif code:
            coupon = self._model.add_coupon(code, extra={"discount_type": "fixed_cart"})
        else:
            raise Wrong("rest_missing_callback_param", "Missing parameter(s): code", 400)
        self._rules(coupon, body)
        return coupon

    def _rules(self, coupon: Coupon, body: dict[str, Any]) -> None:
        model = self._model
        coupon.extra |= {name: body[name] for name in (*frames.KEPT, "discount_type") if name in body}
        if "amount" in body or "discount_type" in body:
            is_percent = coupon.extra["discount_type"] == "percent"
            amount = str(body.get("amount", "0"))
            coupon.percent = float(amount) if is_percent else None
            coupon.amount = None if is_percent else frames.minor(amount, model.currency)
        if "usage_limit" in body:
            coupon.usage_limit = body["usage_limit"] or None
        if "product_ids" in body:
            wanted = body["product_ids"]
            coupon.skus = tuple(item.sku for item in model.items.values() if item.id in wanted)
        if "date_expires" in body:
            given = body["date_expires"]
            coupon.ends_at = frames.read_time(given, self._zone) if given else None

    def _known(self, id: int) -> Coupon:
        coupon = self._model.coupons.get(id)
        if coupon is None:
            raise Wrong("woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.", 400)
        return coupon

    def _shown(self, coupon: Coupon) -> dict[str, Any]:
        return frames.coupon(coupon, self._model.items, self._model.currency, self._zone)

    async def _list(self, request: web.Request) -> web.Response:
        found = list(self._model.coupons.values())
        code, search = request.query.get("code", "").casefold(), request.query.get("search", "")
        if code:
            found = [one for one in found if one.code == code]
        if search:
            found = [
                one for one in found if search in one.code or search in str(one.extra.get("description"))
            ]
        found.sort(key=lambda one: one.id, reverse=request.query.get("order") != "asc")
        return page(request, found, self._shown, self._violations)

    async def _create(self, request: web.Request) -> web.Response:
        if request.headers.get("X-HTTP-Method-Override", "").upper() == "GET":
            code = str((await request.json()).get("code", ""))
            found = self._model.coupon(code)
            return web.json_response([self._shown(found)] if found else [])
        return self._answer(await request.json(), 201)

    async def _get(self, request: web.Request) -> web.Response:
        return self._answer({"id": int(request.match_info["id"])}, 200)

    async def _update(self, request: web.Request) -> web.Response:
        return self._answer({**await request.json(), "id": int(request.match_info["id"])}, 200)

    async def _delete(self, request: web.Request) -> web.Response:
        if request.query.get("force") != "true":
            return problem("woocommerce_rest_trash_not_supported", "Coupons do not support trashing.", 501)
        id = int(request.match_info["id"])
        answer = self._answer({"id": id}, 200)
        self._model.drop_coupon(id)
        return answer

    def _answer(self, body: dict[str, Any], status: int) -> web.Response:
        try:
            return web.json_response(self._shown(self.write(body)), status=status)
        except Wrong as wrong:
            return problem(*wrong.args)

    async def _batch(self, request: web.Request) -> web.Response:
        body = await request.json()
        if sum(len(body.get(name, [])) for name in ("create", "update", "delete")) > LARGEST_BATCH:
            self._violations["batch"] += 1
            why = f"Unable to accept more than {LARGEST_BATCH} items for this request."
            return problem("woocommerce_rest_request_entity_too_large", why, 413)
        answer: dict[str, Any] = {}
        for name in ("create", "update"):
            if body.get(name):
                answer[name] = [self._item(one) for one in body[name]]
        if body.get("delete"):
            answer["delete"] = [self._item({"id": id}) for id in body["delete"]]
            for id in body["delete"]:
                self._model.drop_coupon(id)
        return web.json_response(answer)

    def _item(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._shown(self.write(body))
        except Wrong as wrong:
            code, message, status = wrong.args
            error = {"code": code, "message": message, "data": {"status": status}}
            return {"id": body.get("id", 0), "error": error}
