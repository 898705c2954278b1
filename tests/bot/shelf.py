"""A shop without a wire: `ShopModel` behind our port, for what is ours around a shop."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from domain.errors import Fault
from domain.money import Money
from domain.shop import (
    CodeMade,
    CodeUse,
    Notice,
    Order,
    OrderPage,
    OrderState,
    ShopCode,
    ShopOffer,
    ShopTraits,
    version_at,
)
from domain.show import Product
from standins.shop.model import PlacedOrder, ShopModel

Item = TypeVar("Item")


class ShelfShop:
    """Sells one product. `fails_after` parts of work each call breaks with the words `fault`, until it is
    None again."""

    kind = "shelf"

    def __init__(self) -> None:
        self.model = ShopModel()
        self.model.sell("XSX", "Xbox Series X", 49999)
        self.traits = ShopTraits(codes_per_s=1000.0, has_start=True, has_orders=True, sentence="A shelf.")
        self.fails_after: int | None = None
        self.fault = "The shelf has fallen."
        self.calls: list[str] = []
        self.part = 10

    def check(self) -> str:
        return "A shelf."

    def keep_webhook(self, url: str) -> None: ...

    def find_products(self, text: str) -> list[Product]:
        return [self._product(sku) for sku in self.model.items]

    def products(self, skus: Sequence[str]) -> list[Product]:
        return [self._product(sku) for sku in skus if sku in self.model.items]

    def create_offer(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        for part in self._parts("create", codes):
            made = []
            for code in part:
                coupon = self.model.coupon(code)
                if coupon is None:
                    coupon = self.model.add_coupon(
                        code,
                        percent=offer.discount.percent,
                        starts_at=offer.starts_at,
                        ends_at=offer.until,
                        usage_limit=offer.uses,
                    )
                    coupon.extra["name"] = offer.name
                is_ours = coupon.extra.get("name") == offer.name
                made.append(CodeMade(code, str(coupon.id) if is_ours else None, "It is somebody else's."))
            yield made

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        for part in self._parts("extend", codes):
            for code in part:
                coupon = self.model.coupons[int(code.shop_id)]
                coupon.starts_at, coupon.ends_at = offer.starts_at, until
            yield list(part)

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        for part in self._parts("end", codes):
            for code in part:
                self.model.coupons[int(code.shop_id)].is_on = False
            yield list(part)

    def orders_since(self, moment: datetime) -> Iterator[OrderPage]:
        # No look back, as adapters have: what is right without it is right with it.
        changed = sorted(
            (order for order in self.model.orders.values() if order.changed_at >= moment),
            key=lambda order: order.changed_at,
        )
        for part in self._parts("orders", changed):
            yield OrderPage(tuple(told(order) for order in part), part[-1].changed_at)

    def order(self, id: str) -> Order | None:
        order = self.model.orders.get(int(id))
        return told(order) if order else None

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        return Notice(body.decode())

    def _product(self, sku: str) -> Product:
        item = self.model.items[sku]
        return Product(sku, item.name, Money(item.price, self.model.currency), stock=item.stock)

    def _parts(self, name: str, items: Sequence[Item]) -> Iterator[Sequence[Item]]:
        self.calls.append(name)
        for number, start in enumerate(range(0, len(items), self.part)):
            if self.fails_after is not None and number >= self.fails_after:
                raise Fault(self.fault, is_retryable=True)
            yield items[start : start + self.part]


def told(order: PlacedOrder) -> Order:
    """The order as an adapter tells it."""
    return Order(
        id=str(order.id),
        uses=tuple(
            CodeUse(code.lower(), Money(order.discounts[code], order.currency)) for code in order.codes
        ),
        total=Money(order.total, order.currency),
        refunded=Money(sum(order.refunds), order.currency),
        state=OrderState(order.status),
        ordered_at=order.ordered_at,
        version=version_at(order.changed_at),
        customer=order.email,
    )
