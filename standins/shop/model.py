"""A small shop: products, coupons, a checkout, orders. The stand-ins of the shops' protocols wrap it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

GONE = "deleted"


class NotAccepted(Exception):
    """The checkout does not take a code; the reason is `unknown`, `expired`, `early`, `used` or `off`."""


@dataclass(slots=True)
class Item:
    """A product of the shop; `price` in minor units, tax included."""

    id: int
    sku: str
    name: str
    price: int
    stock: int = 100
    slug: str = ""


@dataclass(slots=True)
class Coupon:
    """What a code does: `percent` or `amount` (minor units) off `skus` (empty: everything).

    `extra` is what the protocol in front keeps with it and the checkout does not look at.
    """

    id: int
    code: str
    percent: float | None = None
    amount: int | None = None
    skus: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    usage_limit: int | None = None
    used: int = 0
    is_on: bool = True
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Line:
    item: Item
    quantity: int


@dataclass(slots=True)
class PlacedOrder:
    """An order; `discounts` is what each code took off, by its id. Amounts in minor units."""

    id: int
    lines: list[Line]
    codes: list[str]
    discounts: dict[str, int]
    email: str
    currency: str
    ordered_at: datetime
    changed_at: datetime
    status: str = "placed"
    refunds: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """What was to be paid."""
        return sum(line.item.price * line.quantity for line in self.lines) - sum(self.discounts.values())


class ShopModel:
    """The shop behind a stand-in. `shift` moves its clock; `told` are called with (event, order) when an
    order was `created`, `updated` or `deleted`."""

    def __init__(self, currency: str = "EUR") -> None:
        self.currency = currency
        self.shift = timedelta(0)
        self.items: dict[str, Item] = {}
        self.coupons: dict[int, Coupon] = {}
        self.orders: dict[int, PlacedOrder] = {}
        self.told: list[Callable[[str, PlacedOrder], None]] = []
        self._by_code: dict[str, int] = {}
        self._ids = itertools.count(1)

    def now(self) -> datetime:
        """The shop's time, aware UTC."""
        return datetime.now(UTC) + self.shift

    def sell(self, sku: str, name: str, price: int, stock: int = 100) -> Item:
        """Put a product on sale."""
        slug = name.casefold().replace(" ", "-")
        item = self.items[sku] = Item(next(self._ids), sku, name, price, stock, slug)
        return item

    def add_coupon(self, code: str, **rules: object) -> Coupon:
        """A new coupon; of two with one code the checkout knows the first."""
        coupon = Coupon(next(self._ids), code, **rules)  # type: ignore[arg-type]
        self.coupons[coupon.id] = coupon
        self._by_code.setdefault(code.casefold(), coupon.id)
        return coupon

    def coupon(self, code: str) -> Coupon | None:
        """The coupon of that code, in whatever case."""
        return self.coupons.get(self._by_code.get(code.casefold(), 0))

    def drop_coupon(self, id: int) -> bool:
        """Take a coupon out of the shop; False when it is not there."""
        coupon = self.coupons.pop(id, None)
        if coupon and self._by_code.get(coupon.code.casefold()) == id:
            del self._by_code[coupon.code.casefold()]
        return coupon is not None

    def quote(self, codes: list[str], lines: list[Line]) -> dict[str, int]:
        """What each code takes off `lines` now, by its code; raises `NotAccepted`. Nothing is bought."""
        return {coupon.code: _off(coupon, lines) for coupon in [self._usable(code) for code in codes]}

    def check_out(
        self,
        codes: list[str],
        email: str = "ann@example.com",
        sku: str | None = None,
        quantity: int = 1,
        lines: list[Line] | None = None,
    ) -> PlacedOrder:
        """Buy `lines`, or a product (the first one unless said), with `codes`; raises `NotAccepted`, nothing
        bought."""
        item = self.items[sku] if sku else next(iter(self.items.values()))
        lines = lines or [Line(item, quantity)]
        used = [self._usable(code) for code in codes]
        discounts = {coupon.code: _off(coupon, lines) for coupon in used}
        now = self.now()
        order = PlacedOrder(
            next(self._ids), lines, [c.code for c in used], discounts, email, self.currency, now, now
        )
        for coupon in used:
            coupon.used += 1
        for line in lines:
            line.item.stock -= line.quantity
        self.orders[order.id] = order
        self.tell("created", order)
        return order

    def cancel(self, id: int, *, gives_back: bool = True) -> None:
        """Cancel an order; `gives_back`: its codes may be used again."""
        order = self.orders[id]
        order.status = "cancelled"
        for code in order.codes if gives_back else []:
            coupon = self.coupon(code)
            if coupon is not None:
                coupon.used -= 1
        self.change(order)

    def refund(self, id: int, amount: int) -> None:
        """Give `amount` back; with all given back the order is refunded."""
        order = self.orders[id]
        order.refunds.append(amount)
        if sum(order.refunds) >= order.total:
            order.status = "refunded"
        self.change(order)

    def take_code_off(self, id: int, code: str) -> None:
        """Edit an order: it no longer carries `code`."""
        order = self.orders[id]
        order.codes = [one for one in order.codes if one.casefold() != code.casefold()]
        order.discounts = {c: n for c, n in order.discounts.items() if c.casefold() != code.casefold()}
        self.change(order)

    def delete(self, id: int) -> None:
        """Take an order out of the shop for good."""
        self.tell(GONE, self.orders.pop(id))

    def change(self, order: PlacedOrder) -> None:
        """Note that an order has changed, and tell."""
        order.changed_at = self.now()
        self.tell("updated", order)

    def tell(self, event: str, order: PlacedOrder) -> None:
        """Tell whoever listens."""
        for told in self.told:
            told(event, order)

    def _usable(self, code: str) -> Coupon:
        coupon = self.coupon(code)
        if coupon is None:
            raise NotAccepted("unknown")
        now = self.now()
        if not coupon.is_on:
            raise NotAccepted("off")
        if coupon.starts_at is not None and now < coupon.starts_at:
            raise NotAccepted("early")
        if coupon.ends_at is not None and now >= coupon.ends_at:
            raise NotAccepted("expired")
        if coupon.usage_limit is not None and coupon.used >= coupon.usage_limit:
            raise NotAccepted("used")
        return coupon


def _off(coupon: Coupon, lines: list[Line]) -> int:
    fitting = sum(
        line.item.price * line.quantity for line in lines if not coupon.skus or line.item.sku in coupon.skus
    )
    if coupon.percent is not None:
        return round(fitting * coupon.percent / 100)
    return min(fitting, coupon.amount or 0)
