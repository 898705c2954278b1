"""The shop as people see it: products, a cart, a coupon, a checkout, in French and English."""

from decimal import Decimal
from typing import Any

from aiohttp import web
from babel.numbers import format_currency, get_currency_precision
from jinja2 import Environment, PackageLoader

from standins.shop.model import ShopModel
from standins.woocommerce.carts import Cart, Carts, CouponRefused
from standins.woocommerce.storefront_texts import TEXTS

PAGES = Environment(
    loader=PackageLoader("standins.woocommerce", "pages"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
COOKIE = "standin_cart"


class Storefront:
    """The pages of the shop `name`. `/?coupon=CODE` and `/cart?coupon=CODE` take a coupon on."""

    def __init__(self, model: ShopModel, carts: Carts, name: str) -> None:
        self._model = model
        self._carts = carts
        self._name = name

    def add_routes(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get("/", self._front)
        app.router.add_get("/product/{slug}", self._product)
        app.router.add_get("/cart", self._cart_page)
        app.router.add_post("/cart", self._change)
        app.router.add_post("/checkout", self._check_out)

    async def _front(self, request: web.Request) -> web.Response:
        token, cart = self._opened(request)
        said = self._coupon(request, cart)
        return self._page(request, token, cart, "front.html", **said)

    async def _product(self, request: web.Request) -> web.Response:
        token, cart = self._opened(request)
        slug = request.match_info["slug"]
        item = next((one for one in self._model.items.values() if one.slug == slug), None)
        if item is None:
            raise web.HTTPNotFound
        return self._page(request, token, cart, "product.html", item=item, **self._coupon(request, cart))

    async def _cart_page(self, request: web.Request) -> web.Response:
        token, cart = self._opened(request)
        return self._page(request, token, cart, "cart.html", **self._coupon(request, cart))

    async def _change(self, request: web.Request) -> web.Response:
        token, cart = self._opened(request)
        form = await request.post()
        sku, said = str(form.get("sku", "")), {}
        if sku in self._model.items:
            self._carts.add(cart, sku, 1)
        elif form.get("coupon"):
            said = self._applied(request, cart, str(form["coupon"]).strip())
        elif form.get("remove") in cart.codes:
            cart.codes.remove(str(form["remove"]))
        elif form.get("drop") in cart.pieces:
            del cart.pieces[str(form["drop"])]
        return self._page(request, token, cart, "cart.html", **said)

    async def _check_out(self, request: web.Request) -> web.Response:
        token, cart = self._opened(request)
        email = str((await request.post()).get("email", "")).strip()
        text = TEXTS[_language(request)]
        if not cart.pieces or "@" not in email:
            wrong = text["no_email"] if cart.pieces else text["empty"]
            return self._page(request, token, cart, "cart.html", wrong=wrong)
        before = self._carts.lines(cart)
        try:
            order = self._carts.buy(cart, email)
        except CouponRefused as refused:
            return self._page(request, token, cart, "cart.html", wrong=text["gone"] + text[refused.reason])
        return self._page(request, token, cart, "thanks.html", order=order, bought=before)

    def _opened(self, request: web.Request) -> tuple[str, Cart]:
        return self._carts.open(request.cookies.get(COOKIE))

    def _coupon(self, request: web.Request, cart: Cart) -> dict[str, str]:
        code = request.query.get("coupon", "").strip()
        return self._applied(request, cart, code) if code else {}

    def _applied(self, request: web.Request, cart: Cart, code: str) -> dict[str, str]:
        text = TEXTS[_language(request)]
        try:
            self._carts.apply(cart, code)
        except CouponRefused as refused:
            return {"wrong": text.get(refused.reason, text["unknown"])}
        return {"good": text["applied"]}

    def _page(self, request: web.Request, token: str, cart: Cart, page: str, **about: Any) -> web.Response:
        language = _language(request)
        lines, discounts = self._carts.lines(cart), self._carts.discounts(cart)
        full = sum(line.item.price * line.quantity for line in lines)
        shown = PAGES.get_template(page).render(
            t=TEXTS[language],
            language=language,
            shop=self._name,
            items=list(self._model.items.values()),
            lines=lines,
            codes=cart.codes,
            discounts=discounts,
            total=full - sum(discounts.values()),
            pieces=sum(cart.pieces.values()),
            money=lambda amount: _money(amount, self._model.currency, language),
            **about,
        )
        response = web.Response(text=shown, content_type="text/html", headers={"Cache-Control": "no-store"})
        response.set_cookie(COOKIE, token, httponly=True, samesite="Lax")
        if request.query.get("lang") in TEXTS:
            response.set_cookie("lang", language, samesite="Lax")
        return response


def _language(request: web.Request) -> str:
    asked = request.query.get("lang") or request.cookies.get("lang", "")
    if asked in TEXTS:
        return asked
    preferred = request.headers.get("Accept-Language", "fr")[:2].casefold()
    return preferred if preferred in TEXTS else "en"


def _money(amount: int, currency: str, language: str) -> str:
    return format_currency(
        Decimal(amount).scaleb(-get_currency_precision(currency)), currency, locale=language
    )
