"""WooCommerce's JSON to our words, and back. What tells a person ends here.

Source: WooCommerce REST v3; amounts are strings in major units, `…_gmt` times are UTC without saying so.
"""

import html
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision

from domain.money import Money
from domain.shop import CodeUse, Order, OrderState, ShopOffer, version_at
from domain.show import Discount, Product

MARK = "bateleur_offer"
DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
STATES = {
    "cancelled": OrderState.CANCELLED,
    "failed": OrderState.CANCELLED,
    "trash": OrderState.CANCELLED,
    "refunded": OrderState.REFUNDED,
}
ORDER_FIELDS = (
    "id,status,currency,total,coupon_lines,refunds,date_created_gmt,date_modified_gmt,billing.email"
)
_STEP = {OrderState.PLACED: 0, OrderState.CANCELLED: 500, OrderState.REFUNDED: 900}


class Unreadable(Exception):
    """The shop's answer does not look as documented."""


def minor(text: object, currency: str) -> Money:
    """A written amount, rounded half up to a minor unit. Raises `Unreadable`."""
    try:
        amount = Decimal(str(text)).scaleb(get_currency_precision(currency))
        return Money(int(amount.quantize(Decimal(1), ROUND_HALF_UP)), currency)
    except InvalidOperation:
        raise Unreadable("amount") from None


def written(amount: Money) -> str:
    """An amount as the shop reads it: `399.90`."""
    digits = get_currency_precision(amount.currency)
    return f"{Decimal(amount.amount).scaleb(-digits):.{digits}f}"


def read_gmt(text: str) -> datetime:
    """A `…_gmt` time, aware."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def write_gmt(moment: datetime) -> str:
    """A time as `…_gmt` fields and `modified_after` have it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def write_end(moment: datetime, zone: tzinfo) -> str:
    """A time as `date_expires` reads it: by the site's clock, with its offset, so that the hour that comes
    twice in autumn is told apart."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def product(found: Mapping[str, Any], currency: str) -> Product | None:
    """A product or variation; None for one that has no SKU or no price."""
    sku, price = str(found.get("sku") or ""), found.get("price")
    if not sku or price in ("", None):
        return None
    stock: int | None = None
    if found.get("stock_status") == "outofstock":
        stock = 0
    elif found.get("manage_stock") and found.get("stock_quantity") is not None:
        stock = max(0, int(float(found["stock_quantity"])))
    name = html.unescape(str(found.get("name") or sku))
    pictures = found.get("images") or [found.get("image") or {}]
    return Product(
        sku,
        name,
        minor(price, currency),
        stock=stock,
        url=str(found.get("permalink") or ""),
        picture=str(pictures[0].get("src") or ""),
    )


def order(found: Mapping[str, Any], pseudonym: Callable[[str], str]) -> Order | None:
    """An order; None for a draft. Raises `Unreadable`."""
    try:
        if found["status"] in DRAFTS:
            return None
        return _order(found, pseudonym)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable("order") from None


def _order(found: Mapping[str, Any], pseudonym: Callable[[str], str]) -> Order:
    currency = str(found["currency"])
    state = STATES.get(str(found["status"]), OrderState.PLACED)
    total = minor(found["total"], currency)
    given_back = [abs(minor(one["total"], currency).amount) for one in found["refunds"]]
    is_whole = state is OrderState.REFUNDED
    refunded = max(sum(given_back), total.amount) if is_whole else sum(given_back)
    email = str((found.get("billing") or {}).get("email") or "").strip().casefold()
    within_second = min(999, _STEP[state] + 10 * len(given_back))
    return Order(
        id=str(found["id"]),
        uses=tuple(_use(line, currency) for line in found["coupon_lines"]),
        total=total,
        refunded=Money(refunded, currency),
        state=state,
        ordered_at=read_gmt(found["date_created_gmt"]),
        version=version_at(read_gmt(found["date_modified_gmt"])) + within_second,
        customer=pseudonym(email) if email else None,
    )


def _use(line: Mapping[str, Any], currency: str) -> CodeUse:
    discount = Decimal(str(line["discount"])) + Decimal(str(line.get("discount_tax") or "0"))
    return CodeUse(str(line["code"]), minor(discount, currency))


def coupon_rules(offer: ShopOffer, product_ids: list[int], zone: tzinfo) -> dict[str, Any]:
    """What every coupon of the offer has; an amount off certain products is taken off one piece."""
    return {
        **_discount(offer.discount, bool(product_ids)),
        "product_ids": product_ids,
        "usage_limit": offer.uses,
        "date_expires": write_end(offer.until, zone),
        "description": f"{offer.name} {offer.title}".strip(),
        "meta_data": [{"key": MARK, "value": offer.name}],
    }


def _discount(discount: Discount, has_products: bool) -> dict[str, Any]:
    if discount.percent is not None:
        return {"discount_type": "percent", "amount": str(discount.percent)}
    amount = written(discount.amount) if discount.amount else "0"
    if not has_products:
        return {"discount_type": "fixed_cart", "amount": amount}
    return {"discount_type": "fixed_product", "amount": amount, "limit_usage_to_x_items": 1}


def is_of(coupon: Mapping[str, Any], offer_name: str) -> bool:
    """Whether a coupon is one of the offer's, by its mark or the first word of its description."""
    marks = [one.get("value") for one in coupon.get("meta_data") or [] if one.get("key") == MARK]
    return offer_name in (*marks, str(coupon.get("description") or "").partition(" ")[0])
