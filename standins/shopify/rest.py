"""The small shop's orders as webhooks carry them, with the person who buys.

Source: Shopify's REST order and refund, «Webhooks» (read 2026-11-26).
"""

from collections.abc import Iterable
from typing import Any

from standins.shop.model import PlacedOrder
from standins.shopify.frames import Peculiar, Sheet, amount, local


def order(placed: PlacedOrder, own: Peculiar) -> dict[str, Any]:
    """The whole order."""
    sheet = Sheet(placed, own)

    def bag(minor: int) -> dict[str, Any]:
        shop, buyer = sheet.monies(minor)
        named = [{"amount": one["amount"], "currency_code": one["currency"]} for one in (shop, buyer)]
        return {"shop_money": named[0], "presentment_money": named[1]}

    person = {"id": placed.id + 70_000, "email": placed.email, "first_name": "Zoé", "last_name": "Delacroix"}
    return {
        "id": placed.id,
        "admin_graphql_api_id": f"gid://shopify/Order/{placed.id}",
        "email": placed.email,
        "customer": person,
        "billing_address": {"name": "Zoé Delacroix", "address1": "1 rue de la Paix"},
        "name": f"#{placed.id}",
        "test": own.is_test,
        "currency": placed.currency,
        "presentment_currency": own.abroad[0] if own.abroad else placed.currency,
        "created_at": local(placed.ordered_at),
        "updated_at": local(placed.changed_at),
        "cancelled_at": local(placed.changed_at) if placed.status == "cancelled" else None,
        "financial_status": sheet.paid().lower(),
        "total_price": amount(sheet.total, placed.currency),
        "total_price_set": bag(sheet.total),
        "total_discounts_set": bag(sum(sheet.off.values()) + own.automatic),
        "current_total_discounts_set": bag(sum(sheet.still_off.values())),
        "discount_codes": [
            {"code": code, "amount": amount(off, placed.currency), "type": "percentage"}
            for code, off in sheet.off.items()
        ],
        "discount_applications": [
            {"type": "discount_code", "code": code}
            if code
            else {"type": "automatic", "title": "Member price"}
            for code in sheet.applications()
        ],
        "line_items": [
            {
                "id": int(f"{placed.id}{number:03}"),
                "sku": line.item.sku,
                "quantity": line.quantity,
                "price": amount(line.item.price, placed.currency),
                "discount_allocations": [
                    {"amount": amount(part, placed.currency), "discount_application_index": index}
                    | {"amount_set": bag(part)}
                    for index, part in parts
                ],
            }
            for number, (line, parts) in enumerate(zip(placed.lines, sheet.allocations(), strict=True))
        ],
        "refunds": [_refund(placed, sheet, number) for number in range(len(placed.refunds))],
    }


def refund(placed: PlacedOrder, own: Peculiar) -> dict[str, Any]:
    """The last refund of an order: it names its order, and no more of it."""
    return _refund(placed, Sheet(placed, own), len(placed.refunds) - 1)


def _refund(placed: PlacedOrder, sheet: Sheet, number: int) -> dict[str, Any]:
    """Money moves in the buyer's currency."""
    _, buyer = sheet.monies(placed.refunds[number])
    transaction = {"kind": "refund", "status": "success", **buyer}
    return {
        "id": int(f"{placed.id}{number + 900}"),
        "order_id": placed.id,
        "created_at": local(placed.changed_at),
        "transactions": [transaction],
    }


def only(body: dict[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """What `includeFields` leaves of a body; `a.b` is the part `b` of each `a`."""
    kept: dict[str, Any] = {}
    parts: dict[str, list[str]] = {}
    for field in fields:
        name, _, rest = field.partition(".")
        parts.setdefault(name, []).extend([rest] if rest else [])
    for name, inner in parts.items():
        if name in body:
            kept[name] = _inside(body[name], inner)
    return kept


def _inside(value: Any, inner: list[str]) -> Any:
    if not inner:
        return value
    if isinstance(value, list):
        return [only(one, inner) for one in value]
    return only(value, inner) if isinstance(value, dict) else value
