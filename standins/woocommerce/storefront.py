"""The shop as people see it: products, a cart, a coupon, a checkout, in French and English."""

from decimal import Decimal
from typing import Any

from aiohttp import web
from babel.numbers import format_currency, get_currency_precision
from jinja2 import Environment, PackageLoader

from standins.shop.model import Item, ShopModel
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
    """The pages of the shop `name`. Any page takes a coupon on with `?coupon=CODE`, and then shows itself
    without it, so that no code stays in the browser's history."""

    def __init__(self, model: ShopModel, carts: Carts, name: str) -> None:
        self._model = model
        self._carts = carts
        self._name = name

    def add_routes(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get("/", self._front)
        app.router.add_get("/product/{slug}", self._product)
        app.router.add_get("/pictures/{slug}.svg", self._picture)
        app.router.add_get("/cart", self._cart)
        app.router.add_post("/cart", self._change)
        app.router.add_post("/checkout", self._check_out)
        app.router.add_get("/thanks", self._thanks)

    async def _front(self, request: web.Request) -> web.Response:
        return await self._shown(request, "front.html")

    async def _cart(self, request: web.Request) -> web.Response:
        return await self._shown(request, "cart.html")

    async def _product(self, request: web.Request) -> web.Response:
        slug = request.match_info["slug"]
        return await self._shown(request, "product.html", item=self._item(slug))

    async def _picture(self, request: web.Request) -> web.Response:
        picture = PAGES.get_template("picture.svg").render(item=self._item(request.match_info["slug"]))
        return web.Response(text=picture, content_type="image/svg+xml")

    def _item(self, slug: str) -> Item:
        item = next((one for one in self._model.items.values() if one.slug == slug), None)
        if item is None:
            raise web.HTTPNotFound
        return item

    async def _thanks(self, request: web.Request) -> web.Response:
        _, cart = self._opened(request)
        if cart.bought is None:
            raise web.HTTPSeeOther("/")
        return await self._shown(request, "thanks.html", order=cart.bought)

    async def _shown(self, request: web.Request, page: str, **about: Any) -> web.Response:
        token, cart = self._opened(request)
        code = request.query.get("coupon", "").strip()
        if code:
            self._apply(request, cart, code)
            return self._go(request, token, str(request.rel_url.without_query_params("coupon")))
        return self._with_cookies(request, token, self._page(request, cart, page, **about))

    async def _change(self, request: web.Request) -> web.Response:
        token, cart = self._opened(request)
        form = await request.post()
        item = self._model.items.get(str(form.get("sku", "")))
        if item is not None and item.stock > 0:
            self._carts.add(cart, item.sku, 1)
        elif form.get("coupon"):
            self._apply(request, cart, str(form["coupon"]).strip())
        elif form.get("remove") in cart.codes:
            cart.codes.remove(str(form["remove"]))
        elif form.get("drop") in cart.pieces:
            del cart.pieces[str(form["drop"])]
        return self._go(request, token, "/cart")

    async def _check_out(self, request: web.Request) -> web.Response:
        token, cart = self._opened(request)
        email = str((await request.post()).get("email", "")).strip()
        text = TEXTS[_language(request)]
        if not cart.pieces or "@" not in email:
            cart.said = {"wrong": text["no_email"]} if cart.pieces else {}
            return self._go(request, token, "/cart")
        try:
            self._carts.buy(cart, email)
        except CouponRefused as refused:
            cart.said = {"wrong": text["gone"] + text[refused.reason]}
            return self._go(request, token, "/cart")
        return self._go(request, token, "/thanks")

    def _opened(self, request: web.Request) -> tuple[str, Cart]:
        return self._carts.open(request.cookies.get(COOKIE))

    def _apply(self, request: web.Request, cart: Cart, code: str) -> None:
        text = TEXTS[_language(request)]
        try:
            self._carts.apply(cart, code)
        except CouponRefused as refused:
            cart.said = {"wrong": text[refused.reason]}
        else:
            cart.said = {"good": text["applied"]} if cart.pieces else {}

    def _page(self, request: web.Request, cart: Cart, page: str, **about: Any) -> web.Response:
        language = _language(request)
        lines, discounts = self._carts.lines(cart), self._carts.discounts(cart)
        full = sum(line.item.price * line.quantity for line in lines)
        said, cart.said = cart.said, {}
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
            **said,
            **about,
        )
        return web.Response(text=shown, content_type="text/html", headers={"Cache-Control": "no-store"})

    def _go(self, request: web.Request, token: str, path: str) -> web.Response:
        return self._with_cookies(request, token, web.Response(status=303, headers={"Location": path}))

    def _with_cookies(self, request: web.Request, token: str, response: web.Response) -> web.Response:
        response.set_cookie(COOKIE, token, httponly=True, samesite="Lax")
        if request.query.get("lang") in TEXTS:
            response.set_cookie("lang", request.query["lang"], samesite="Lax")
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
