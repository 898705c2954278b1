"""The Store API's cart, for customers without a browser.

Source: observed on WooCommerce 10.0.2; amounts are strings of minor units.
"""

import html
from typing import Any

from aiohttp import web

from standins.shop.model import ShopModel
from standins.woocommerce.auth import problem
from standins.woocommerce.carts import Cart, Carts, CouponRefused

BASE = "/wp-json/wc/store/v1"
REFUSED = "woocommerce_rest_cart_coupon_error"


class StoreApi:
    """The cart of a `Cart-Token`."""

    def __init__(self, model: ShopModel, carts: Carts) -> None:
        self._model = model
        self._carts = carts

    def add_routes(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_get(f"{BASE}/cart", self._get)
        app.router.add_post(f"{BASE}/cart/add-item", self._add)
        app.router.add_post(f"{BASE}/cart/apply-coupon", self._apply)
        app.router.add_post(f"{BASE}/checkout", self._check_out)

    async def _get(self, request: web.Request) -> web.Response:
        return self._shown(*self._cart(request))

    async def _add(self, request: web.Request) -> web.Response:
        token, cart = self._cart(request)
        body = await request.json()
        item = next((one for one in self._model.items.values() if one.id == body.get("id")), None)
        if item is None:
            return problem("woocommerce_rest_cart_invalid_product", "This product cannot be added.", 400)
        self._carts.add(cart, item.sku, int(body.get("quantity", 1)))
        return self._shown(token, cart, 201)

    async def _apply(self, request: web.Request) -> web.Response:
        token, cart = self._cart(request)
        try:
            self._carts.apply(cart, str((await request.json()).get("code", "")))
        except CouponRefused as refused:
            return problem(REFUSED, html.escape(str(refused)), 400)
        return self._shown(token, cart)

    async def _check_out(self, request: web.Request) -> web.Response:
        _, cart = self._cart(request)
        if not cart.pieces:
            return problem("woocommerce_rest_cart_empty", "Cannot create order from empty cart.", 400)
        email = str((await request.json()).get("billing_address", {}).get("email", ""))
        if "@" not in email:
            return problem("rest_invalid_param", "Invalid parameter(s): billing_address", 400)
        try:
            order = self._carts.buy(cart, email)
        except CouponRefused as refused:
            return problem(REFUSED, html.escape(str(refused)), 409)
        return web.json_response({"order_id": order.id, "status": "processing"})

    def _cart(self, request: web.Request) -> tuple[str, Cart]:
        return self._carts.open(request.headers.get("Cart-Token"))

    def _shown(self, token: str, cart: Cart, status: int = 200) -> web.Response:
        discounts = self._carts.discounts(cart)
        lines = self._carts.lines(cart)
        full = sum(line.item.price * line.quantity for line in lines)
        body: dict[str, Any] = {
            "items": [
                {"id": line.item.id, "sku": line.item.sku, "quantity": line.quantity} for line in lines
            ],
            "coupons": [
                {"code": code, "totals": {"total_discount": str(off)}} for code, off in discounts.items()
            ],
            "totals": {
                "total_price": str(full - sum(discounts.values())),
                "currency_code": self._model.currency,
            },
        }
        return web.json_response(body, status=status, headers={"Cart-Token": token})
