"""The small shop's things as Shopify tells them: as GraphQL objects, and as REST orders in webhooks.

Source: Shopify's schema of 2026-10; its REST order as webhooks carry it. Amounts are written in major units,
times to the second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from standins.shop.model import Item, Line, PlacedOrder

PARIS = ZoneInfo("Europe/Paris")


@dataclass(slots=True)
class Peculiar:
    """What an order has that the small shop does not know: a test, paid for in another currency (and how much
    of it for one of the shop's), an automatic discount too, the codes that were taken off it again."""

    is_test: bool = False
    abroad: tuple[str, Decimal] | None = None
    automatic: int = 0
    taken_off: dict[str, int] = field(default_factory=dict)


def instant(moment: datetime) -> str:
    """A time as the Admin API tells it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local(moment: datetime) -> str:
    """A time as webhooks tell it: by the shop's clock, with its offset."""
    return moment.astimezone(PARIS).isoformat(timespec="seconds")


def time_of(text: str) -> datetime:
    """A time as it is told to the shop."""
    return datetime.fromisoformat(text).astimezone(UTC)


def numbered(id: str, kind: str) -> int:
    """The number of a global id; 0 for another kind's, or none."""
    of, _, number = id.removeprefix("gid://shopify/").partition("/")
    return int(number) if of == kind and number.isdecimal() else 0


def amount(minor: int, currency: str) -> str:
    """Minor units as Shopify writes them: `399.9`, and `399.90` in webhooks."""
    digits = get_currency_precision(currency)
    return f"{Decimal(minor).scaleb(-digits):.{digits}f}"


def variant(
    item: Item, currency: str, root: str, metafields: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """An article, the only one of its product. `metafields`: type and value by `namespace.key`."""

    def metafield(_: Any, key: str, namespace: str = "") -> dict[str, str] | None:
        found = metafields.get(f"{namespace}.{key}")
        return {"type": found[0], "value": found[1]} if found else None

    picture = {"__typename": "MediaImage", "id": f"gid://shopify/MediaImage/{item.id}"}
    picture["preview"] = {"image": {"url": f"{root}/pictures/{item.slug}.png"}}  # type: ignore[assignment]
    return {
        "__typename": "ProductVariant",
        "id": f"gid://shopify/ProductVariant/{item.id}",
        "sku": item.sku,
        "title": "Default Title",
        "displayName": f"{item.name} - Default Title",
        "price": amount(item.price, currency),
        "compareAtPrice": amount(item.price * 2, currency),
        "availableForSale": item.stock > 0,
        "inventoryQuantity": item.stock,
        "sellableOnlineQuantity": max(0, item.stock),
        "inventoryPolicy": "DENY",
        "metafield": metafield,
        "product": {
            "id": f"gid://shopify/Product/{item.id}",
            "title": item.name,
            "handle": item.slug,
            "status": "ACTIVE",
            "onlineStoreUrl": f"{root}/products/{item.slug}",
            "featuredMedia": picture,
            "metafield": lambda *_, **__: None,
        },
    }


class Sheet:
    """One order's figures, from which both forms are written."""

    def __init__(self, order: PlacedOrder, own: Peculiar) -> None:
        self.order = order
        self.own = own
        self.off = {**order.discounts, **own.taken_off}
        self.still_off = {} if order.status in ("cancelled", "refunded") else dict(order.discounts)
        self.total = order.total - own.automatic
        self.refunded = sum(order.refunds)

    def applications(self) -> list[str | None]:
        """The discounts in their order: a code each, None for the automatic one."""
        return [*self.off, *([None] if self.own.automatic else [])]

    def allocations(self) -> list[list[tuple[int, int]]]:
        """For each line what each discount, by its index, takes off it."""
        shares = [*self.off.values(), *([self.own.automatic] if self.own.automatic else [])]
        found: list[list[tuple[int, int]]] = [[] for _ in self.order.lines]
        for index, share in enumerate(shares):
            for line, part in enumerate(_parts(share, self.order.lines)):
                if part:
                    found[line].append((index, part))
        return found

    def paid(self) -> str:
        """The financial status."""
        if not self.refunded:
            return "PAID"
        return "REFUNDED" if self.refunded >= self.total else "PARTIALLY_REFUNDED"

    def monies(self, minor: int) -> tuple[dict[str, str], dict[str, str]]:
        """An amount in the shop's currency, and in the buyer's."""
        shop = {"amount": amount(minor, self.order.currency), "currency": self.order.currency}
        if self.own.abroad is None:
            return shop, shop
        currency, rate = self.own.abroad
        return shop, {"amount": amount(int(minor * rate), currency), "currency": currency}


def _parts(share: int, lines: Sequence[Line]) -> list[int]:
    """A discount over lines by their worth; what rounding leaves is the last one's."""
    worth = [line.item.price * line.quantity for line in lines]
    parts = [share * one // sum(worth) for one in worth]
    parts[-1] += share - sum(parts)
    return parts


def graphql_order(order: PlacedOrder, own: Peculiar, page: Any) -> dict[str, Any]:
    """An order of the Admin API; `page` cuts its lists."""
    sheet = Sheet(order, own)

    def bag(minor: int) -> dict[str, Any]:
        shop, buyer = sheet.monies(minor)
        named = [{"amount": one["amount"], "currencyCode": one["currency"]} for one in (shop, buyer)]
        return {"shopMoney": named[0], "presentmentMoney": named[1]}

    applied = [_application(index, code) for index, code in enumerate(sheet.applications())]
    lines = [
        {
            "id": f"gid://shopify/LineItem/{order.id}{number:03}",
            "sku": line.item.sku,
            "quantity": line.quantity,
            "currentQuantity": line.quantity,
            "discountAllocations": [
                {"allocatedAmountSet": bag(part), "discountApplication": applied[index]}
                for index, part in parts
            ],
        }
        for number, (line, parts) in enumerate(zip(order.lines, sheet.allocations(), strict=True))
    ]
    codes = list(sheet.off)
    return {
        "__typename": "Order",
        "id": f"gid://shopify/Order/{order.id}",
        "name": f"#{order.id}",
        "test": own.is_test,
        "edited": bool(own.taken_off),
        "createdAt": instant(order.ordered_at),
        "updatedAt": instant(order.changed_at),
        "cancelledAt": instant(order.changed_at) if order.status == "cancelled" else None,
        "currencyCode": order.currency,
        "presentmentCurrencyCode": own.abroad[0] if own.abroad else order.currency,
        "displayFinancialStatus": sheet.paid(),
        "discountCode": codes[0] if codes else None,
        "discountCodes": codes,
        "totalPriceSet": bag(sheet.total),
        "totalDiscountsSet": bag(sum(sheet.off.values()) + own.automatic),
        "currentTotalDiscountsSet": bag(sum(sheet.still_off.values())),
        "totalRefundedSet": bag(sheet.refunded),
        "discountApplications": lambda _, first=0, after=None: page(applied, first, after),
        "lineItems": lambda _, first=0, after=None: page(lines, first, after),
    }


def _application(index: int, code: str | None) -> dict[str, Any]:
    if code is None:
        return {"__typename": "AutomaticDiscountApplication", "index": index, "title": "Member price"}
    return {"__typename": "DiscountCodeApplication", "index": index, "code": code}
