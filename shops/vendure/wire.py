"""Vendure's words to ours and back. Pure. Money is integer minor units on both sides."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.money import Money
from domain.shop import CodeUse, Order, OrderState, ShopOffer, version_at
from domain.show import Discount, Product

PROMOTION = "PROMOTION:"


def product(variant: Mapping[str, Any], settings: Mapping[str, Any]) -> Product:
    """A variant as it is sold. `settings` are the shop's `globalSettings`, which variants may leave it to."""
    return Product(
        sku=variant["sku"],
        name=variant["name"],
        price=Money(variant["priceWithTax"], variant["currencyCode"]),
        stock=_stock(variant, settings),
        picture=_picture(variant),
    )


def is_sold(variant: Mapping[str, Any]) -> bool:
    """Whether customers see the variant."""
    return bool(variant["enabled"] and variant["product"]["enabled"])


def _picture(variant: Mapping[str, Any]) -> str:
    """Where its picture is; empty when there is none, or when the shop tells it without an address."""
    for holder in (variant, variant["product"]):
        preview = str((holder.get("featuredAsset") or {}).get("preview") or "")
        if preview.startswith(("https://", "http://")):
            return preview
    return ""


def _stock(variant: Mapping[str, Any], settings: Mapping[str, Any]) -> int | None:
    """Pieces that can still be sold, over all stock locations; None when nobody counts them."""
    tracked = variant["trackInventory"]
    if tracked == "FALSE" or (tracked == "INHERIT" and not settings["trackInventory"]):
        return None
    is_global = variant["useGlobalOutOfStockThreshold"]
    threshold = settings["outOfStockThreshold"] if is_global else variant["outOfStockThreshold"]
    free = sum(level["stockOnHand"] - level["stockAllocated"] for level in variant["stockLevels"])
    return max(0, int(free - threshold))


def start(offer: ShopOffer) -> str | None:
    """When the offer's codes begin to work, as Vendure reads it; None: at once."""
    return offer.starts_at.isoformat() if offer.starts_at else None


def promotion(offer: ShopOffer, code: str, variant_ids: Sequence[str], language: str) -> dict[str, Any]:
    """The `CreatePromotionInput` that makes `code` work as the offer says, until the offer's `until`."""
    return {
        "enabled": True,
        "couponCode": code,
        "startsAt": start(offer),
        "endsAt": offer.until.isoformat(),
        "usageLimit": offer.uses,
        "conditions": _conditions(offer.discount, variant_ids),
        "actions": [_action(offer.discount, variant_ids)],
        "translations": [{"languageCode": language, "name": offer.name, "description": offer.title}],
    }


def _conditions(discount: Discount, variant_ids: Sequence[str]) -> list[dict[str, Any]]:
    """An amount off a product is an amount off the order that has one: Vendure knows no other."""
    if discount.amount is None or not variant_ids:
        return []
    return [_operation("contains_products", minimum="1", productVariantIds=_ids(variant_ids))]


def _action(discount: Discount, variant_ids: Sequence[str]) -> dict[str, Any]:
    if discount.amount is not None:
        return _operation("order_fixed_discount", discount=str(discount.amount.amount))
    percent = str(discount.percent)
    if not variant_ids:
        return _operation("order_percentage_discount", discount=percent)
    return _operation("products_percentage_discount", discount=percent, productVariantIds=_ids(variant_ids))


def _operation(code: str, **values: str) -> dict[str, Any]:
    return {
        "code": code,
        "arguments": [{"name": name, "value": value} for name, value in values.items()],
    }


def _ids(ids: Sequence[str]) -> str:
    return "[" + ",".join(f'"{id}"' for id in ids) + "]"


def order(found: Mapping[str, Any], pseudonym: Callable[[str], str]) -> Order:
    """A placed order, of the Admin API or of our plugin.

    The discount of a cancelled order is nothing, and its total what is left of it: Vendure counts it anew.
    """
    currency = found["currencyCode"]
    customer = found.get("customer")
    refunded = sum(refund["total"] for refund in _refunds(found) if refund["state"] == "Settled")
    return Order(
        id=found["code"],
        uses=_uses(found, currency),
        total=Money(found["totalWithTax"], currency),
        refunded=Money(refunded, currency),
        state=_state(found, refunded),
        ordered_at=moment(found["orderPlacedAt"]),
        version=_version(found),
        customer=pseudonym(customer["id"]) if customer else None,
    )


def is_ours(found: Mapping[str, Any]) -> bool:
    """Whether it is an order that a customer placed: neither a cart, nor a draft, nor the part of one that
    a seller on a marketplace sees."""
    return bool(found["orderPlacedAt"]) and found["type"] != "Seller"


def moment(text: str) -> datetime:
    """A time of Vendure's, aware UTC."""
    return datetime.fromisoformat(text)


def _uses(found: Mapping[str, Any], currency: str) -> tuple[CodeUse, ...]:
    """Codes that took something off: a code alone on an order may have done nothing."""
    taken: dict[str, int] = {}
    for discount in found["discounts"]:
        source = str(discount["adjustmentSource"])
        taken[source] = taken.get(source, 0) - discount["amountWithTax"]
    return tuple(
        CodeUse(promotion["couponCode"], Money(taken[PROMOTION + promotion["id"]], currency))
        for promotion in found["promotions"]
        if promotion["couponCode"] and PROMOTION + promotion["id"] in taken
    )


def _state(found: Mapping[str, Any], refunded: int) -> OrderState:
    if found["state"] == "Cancelled":
        return OrderState.CANCELLED
    paid = sum(payment["amount"] for payment in found["payments"] if payment["state"] == "Settled")
    return OrderState.REFUNDED if 0 < paid <= refunded else OrderState.PLACED


def _refunds(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [refund for payment in found["payments"] for refund in payment["refunds"]]


def _version(found: Mapping[str, Any]) -> int:
    """The last change, in milliseconds, and one more for each step that cannot be undone.

    A refund does not always move the order's own time; and some databases keep whole seconds, in which an
    order may be placed, given back and cancelled.
    """
    refunds = _refunds(found)
    times = [found["updatedAt"], *(one["updatedAt"] for one in (*found["payments"], *refunds))]
    settled: int = sum(refund["state"] == "Settled" for refund in refunds)
    steps: int = len(refunds) + settled + (found["state"] == "Cancelled")
    return max(version_at(moment(text)) for text in times) + steps
