"""Shopify's words to ours and back: amounts, times, articles, discounts. Pure.

Source: Shopify's schema of 2026-10 (read 2026-11-26): amounts are written in major units, times in whole
seconds.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision

from domain.money import Money
from domain.shop import ShopOffer
from domain.show import Discount, Product

ONLY_VARIANT = "Default Title"
SOLD = frozenset({"ACTIVE", "UNLISTED"})
EARLIER = timedelta(minutes=5)


class Unreadable(Exception):
    """What Shopify tells does not look as documented."""


def minor(text: object, currency: str) -> Money:
    """A written amount, rounded half up to a minor unit. Raises `Unreadable`."""
    try:
        amount = Decimal(str(text)).scaleb(get_currency_precision(currency))
        return Money(int(amount.quantize(Decimal(1), ROUND_HALF_UP)), currency)
    except (InvalidOperation, ValueError):
        raise Unreadable("amount") from None


def written(amount: Money) -> str:
    """An amount as the shop reads it: `399.90`."""
    digits = get_currency_precision(amount.currency)
    return f"{Decimal(amount.amount).scaleb(-digits):.{digits}f}"


def moment(text: str) -> datetime:
    """A time of Shopify's, aware UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def time_text(at: datetime) -> str:
    """A time as Shopify reads and tells it, in whole seconds: never later than `at`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def gid(kind: str, number: str) -> str:
    """The global id of a thing: `gid://shopify/Order/1`."""
    return f"gid://shopify/{kind}/{number}"


def number_of(id: object) -> str:
    """The number at the end of a global id, or a number itself. Raises `Unreadable`."""
    number = str(id).rpartition("/")[2].partition("?")[0]
    if not number.isdecimal():
        raise Unreadable("id")
    return number


def quoted(text: str) -> str:
    """Text as one word of a search."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def product(variant: Mapping[str, Any], currency: str) -> Product | None:
    """An article as it is sold; None without SKU, or when its product is not on sale.

    `compareAtPrice` is whatever the staff likes to strike out: the lowest price of 30 days comes from a
    metafield of the retailer's alone.
    """
    try:
        of = variant["product"]
        if not variant.get("sku") or of["status"] not in SOLD:
            return None
        name = of["title"] if variant["title"] == ONLY_VARIANT else f"{of['title']} {variant['title']}"
        return Product(
            sku=str(variant["sku"]),
            name=str(name),
            price=minor(variant["price"], currency),
            reference_price=_reference(variant.get("metafield") or of.get("metafield"), currency),
            stock=_stock(variant),
            url=str(of.get("onlineStoreUrl") or ""),
            picture=_picture(of),
        )
    except (KeyError, TypeError, AttributeError):
        raise Unreadable("variant") from None


def _stock(variant: Mapping[str, Any]) -> int | None:
    """Pieces left; None when nobody counts them, or it is sold on without any."""
    if not variant["availableForSale"]:
        return 0
    left = int(variant["sellableOnlineQuantity"])
    return left if variant["inventoryPolicy"] == "DENY" and left > 0 else None


def _picture(of: Mapping[str, Any]) -> str:
    preview = (of.get("featuredMedia") or {}).get("preview") or {}
    return str((preview.get("image") or {}).get("url") or "")


def _reference(found: Mapping[str, Any] | None, currency: str) -> Money | None:
    """The lowest price of 30 days from a metafield: a number, or money with its currency."""
    if not found:
        return None
    try:
        if found["type"] != "money":
            return minor(found["value"], currency)
        told = json.loads(found["value"])
        return minor(told["amount"], currency) if told["currency_code"] == currency else None
    except (Unreadable, ValueError, KeyError, TypeError):
        return None


def start(offer: ShopOffer, now: datetime) -> str:
    """When the offer's codes begin to work; a little ago, for Shopify wants some start."""
    return time_text(offer.starts_at or now - EARLIER)


def discount_input(offer: ShopOffer, code: str, variant_ids: Sequence[str], now: datetime) -> dict[str, Any]:
    """The `DiscountCodeBasicInput` that makes `code` work as the offer says, until the offer's `until`.

    Its limit holds for each of the codes that are added later. The tag is what we know it by.
    """
    items: dict[str, Any] = {"products": {"productVariantsToAdd": list(variant_ids)}}
    return {
        "title": offer.title or offer.name,
        "code": code,
        "tags": [offer.name],
        "startsAt": start(offer, now),
        "endsAt": time_text(offer.until),
        "usageLimit": offer.uses,
        "appliesOncePerCustomer": False,
        "context": {"all": "ALL"},
        "customerGets": {
            "value": _value(offer.discount),
            "items": items if variant_ids else {"all": True},
        },
    }


def _value(discount: Discount) -> dict[str, Any]:
    if discount.amount is not None:
        return {"discountAmount": {"amount": written(discount.amount), "appliesOnEachItem": False}}
    return {"percentage": (discount.percent or 0) / 100}
