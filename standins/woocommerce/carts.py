"""What customers have put together and not bought yet; the storefront and the Store API share it."""

import secrets
from dataclasses import dataclass, field

from standins.shop.model import Line, NotAccepted, PlacedOrder, ShopModel

REASONS = {
    "expired": 'Coupon "{code}" has expired.',
    "used": 'Usage limit for coupon "{code}" has been reached.',
    "idle": "Sorry, this coupon is not applicable to the selected products.",
}
UNKNOWN = 'Coupon "{code}" does not exist.'


class CouponRefused(Exception):
    """A coupon is not taken: `reason` in a word, the text as WooCommerce says it."""

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(REASONS.get(reason, UNKNOWN).format(code=code))
        self.reason = reason


@dataclass(slots=True)
class Cart:
    """Pieces by SKU, and coupon codes. `said` is what its next page tells; `bought` the last order."""

    pieces: dict[str, int] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    bought: PlacedOrder | None = None


class Carts:
    """The carts of a shop, by their tokens."""

    def __init__(self, model: ShopModel) -> None:
        self._model = model
        self._carts: dict[str, Cart] = {}

    def open(self, token: str | None) -> tuple[str, Cart]:
        """The cart of `token`, or a new one with a token of its own."""
        if token is None or token not in self._carts:
            token = secrets.token_urlsafe(16)
            self._carts[token] = Cart()
        return token, self._carts[token]

    def lines(self, cart: Cart) -> list[Line]:
        """What lies in the cart."""
        return [Line(self._model.items[sku], pieces) for sku, pieces in cart.pieces.items()]

    def add(self, cart: Cart, sku: str, pieces: int) -> None:
        """Put something in."""
        cart.pieces[sku] = cart.pieces.get(sku, 0) + pieces

    def apply(self, cart: Cart, code: str) -> int:
        """Take a coupon on; what it takes off in minor units. Raises `CouponRefused`.

        An empty cart keeps the code until something lies in it.
        """
        lines = self.lines(cart)
        off = self._quoted(code, lines)
        if lines and not off:
            raise CouponRefused("idle", code)
        if code.casefold() not in cart.codes:
            cart.codes.append(code.casefold())
        return off

    def discounts(self, cart: Cart) -> dict[str, int]:
        """What each coupon of the cart takes off now; one that serves no more is dropped."""
        found: dict[str, int] = {}
        for code in list(cart.codes):
            try:
                found[code] = self._quoted(code, self.lines(cart))
            except CouponRefused:
                cart.codes.remove(code)
        return found

    def buy(self, cart: Cart, email: str) -> PlacedOrder:
        """Turn the cart into an order. Raises `CouponRefused`, the coupon dropped and nothing bought."""
        lines = self.lines(cart)
        for code in list(cart.codes):
            try:
                if not self._quoted(code, lines):
                    raise CouponRefused("idle", code)
            except CouponRefused:
                cart.codes.remove(code)
                raise
        order = self._model.check_out(cart.codes, email, lines=lines)
        cart.pieces, cart.codes, cart.bought = {}, [], order
        return order

    def _quoted(self, code: str, lines: list[Line]) -> int:
        try:
            return sum(self._model.quote([code], lines).values())
        except NotAccepted as refused:
            raise CouponRefused(str(refused), code) from None
