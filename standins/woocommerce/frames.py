"""The small shop's things as WooCommerce's JSON, and back. Amounts are strings, times without a zone.

Source: woocommerce 10.0.2, REST v3 controllers.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from standins.shop.model import Coupon, Item, PlacedOrder

STATUSES = {"placed": "processing"}
KEPT = ("description", "meta_data", "individual_use", "limit_usage_to_x_items", "usage_limit_per_user")


def money(amount: int, currency: str) -> str:
    """Minor units as WooCommerce writes them: `399.90`."""
    digits = get_currency_precision(currency)
    return f"{amount / 10**digits:.{digits}f}"


def minor(text: str, currency: str) -> int:
    """Minor units of a written amount."""
    return int(Decimal(text or "0").scaleb(get_currency_precision(currency)))


def gmt(moment: datetime) -> str:
    """A time in UTC, without saying so, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A time by the site's clock, without saying so."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def read_time(text: str, zone: ZoneInfo) -> datetime:
    """A time as it is written to the shop: by the site's clock unless it names an offset."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def product(item: Item, currency: str, root: str) -> dict[str, Any]:
    """A simple product."""
    price = money(item.price, currency)
    return {
        "id": item.id,
        "name": item.name.replace("&", "&amp;"),
        "slug": item.slug,
        "permalink": f"{root}/product/{item.slug}",
        "images": [{"id": item.id, "src": f"{root}/pictures/{item.slug}.svg", "alt": ""}],
        "type": "simple",
        "status": "publish",
        "sku": item.sku,
        "price": price,
        "regular_price": price,
        "sale_price": "",
        "on_sale": False,
        "manage_stock": True,
        "stock_quantity": item.stock,
        "stock_status": "instock" if item.stock > 0 else "outofstock",
    }


def coupon(one: Coupon, items: dict[str, Item], currency: str, zone: ZoneInfo) -> dict[str, Any]:
    """A coupon as it is read; both times of its end are told, though but one can be written."""
    amount = f"{one.percent:.2f}" if one.percent is not None else money(one.amount or 0, currency)
    shown: dict[str, Any] = {
        "id": one.id,
        "code": one.code,
        "amount": amount,
        "status": "publish",
        "discount_type": one.extra.get("discount_type", "fixed_cart"),
        "date_expires": local(one.ends_at, zone) if one.ends_at else None,
        "date_expires_gmt": gmt(one.ends_at) if one.ends_at else None,
        "usage_count": one.used,
        "usage_limit": one.usage_limit,
        "product_ids": [items[sku].id for sku in one.skus if sku in items],
        "description": "",
        "meta_data": [],
    }
    return shown | {name: one.extra[name] for name in KEPT if name in one.extra}


def order(one: PlacedOrder, root: str, zone: ZoneInfo) -> dict[str, Any]:
    """An order, with the person in it as WooCommerce tells them."""
    currency = one.currency
    return {
        "id": one.id,
        "number": str(one.id),
        "status": STATUSES.get(one.status, one.status),
        "currency": currency,
        "total": money(one.total, currency),
        "total_tax": money(0, currency),
        "discount_total": money(sum(one.discounts.values()), currency),
        "discount_tax": money(0, currency),
        "date_created": local(one.ordered_at, zone),
        "date_created_gmt": gmt(one.ordered_at),
        "date_modified": local(one.changed_at, zone),
        "date_modified_gmt": gmt(one.changed_at),
        "customer_id": 0,
        "customer_ip_address": "203.0.113.7",
        "billing": {
            "first_name": "Zoé",
            "last_name": "Delacroix",
            "address_1": "3 rue des Lilas",
            "postcode": "33000",
            "city": "Bordeaux",
            "country": "FR",
            "email": one.email,
            "phone": "+33600000000",
        },
        "shipping": {"first_name": "Zoé", "last_name": "Delacroix", "address_1": "3 rue des Lilas"},
        "payment_method": "cod",
        "line_items": [_line(number, one) for number in range(len(one.lines))],
        "coupon_lines": [_used(one, code) for code in one.codes],
        "refunds": [
            {"id": one.id * 1000 + number, "reason": "", "total": "-" + money(amount, currency)}
            for number, amount in enumerate(one.refunds, 1)
        ],
        "_links": {"self": [{"href": f"{root}/wp-json/wc/v3/orders/{one.id}"}]},
    }


def _line(number: int, one: PlacedOrder) -> dict[str, Any]:
    line = one.lines[number]
    full = money(line.item.price * line.quantity, one.currency)
    return {
        "id": number + 1,
        "sku": line.item.sku,
        "quantity": line.quantity,
        "subtotal": full,
        "total": full,
    }


def _used(one: PlacedOrder, code: str) -> dict[str, Any]:
    off = one.discounts.get(code, 0)
    tax = off // 6
    return {
        "id": one.id * 100,
        "code": code,
        "discount": money(off - tax, one.currency),
        "discount_tax": money(tax, one.currency),
    }


def only(found: dict[str, Any], fields: str) -> dict[str, Any]:
    """The `_fields` of an answer, such as `id,billing.email`; all of them when none is named."""
    if not fields:
        return found
    kept: dict[str, Any] = {}
    for name in fields.split(","):
        head, _, rest = name.partition(".")
        if head in found:
            within = only(found[head], rest) if rest else found[head]
            kept[head] = {**kept.get(head, {}), **within} if rest else within
    return kept
