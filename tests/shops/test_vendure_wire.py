"""What Vendure tells of an order, read without the shop."""

from typing import Any

import pytest

from domain.money import Money
from domain.shop import OrderState
from shops.vendure import wire

ORDER: dict[str, Any] = {
    "code": "T_1",
    "type": "Regular",
    "state": "PaymentSettled",
    "currencyCode": "EUR",
    "totalWithTax": 8_000,
    "orderPlacedAt": "2026-11-23T19:00:00Z",
    "updatedAt": "2026-11-23T19:00:01Z",
    "customer": {"id": "7"},
    "promotions": [{"id": "1", "couponCode": "NQEM7QWE"}, {"id": "2", "couponCode": None}],
    "discounts": [],
    "payments": [],
}


def off(promotion: str, *amounts: int) -> list[dict[str, Any]]:
    return [{"adjustmentSource": f"PROMOTION:{promotion}", "amountWithTax": -amount} for amount in amounts]


def test_a_code_that_took_nothing_off_was_not_used() -> None:
    assert () == wire.order(ORDER, str).uses
    assert () == wire.order({**ORDER, "discounts": off("2", 500)}, str).uses


def test_what_a_code_took_off_line_by_line_adds_up() -> None:
    (use,) = wire.order({**ORDER, "discounts": off("1", 1_500, 500) + off("2", 70)}, str).uses
    assert ("NQEM7QWE", Money(2_000, "EUR")) == (use.code, use.discount)


@pytest.mark.parametrize(
    ("refunds", "refunded", "state"),
    [
        ([(3_000, "Pending")], 0, OrderState.PLACED),
        ([(3_000, "Settled"), (2_000, "Settled")], 5_000, OrderState.PLACED),
        ([(3_000, "Settled"), (5_000, "Settled")], 8_000, OrderState.REFUNDED),
    ],
)
def test_settled_refunds_add_up(refunds: list[tuple[int, str]], refunded: int, state: OrderState) -> None:
    told = [
        {"total": total, "state": settled, "updatedAt": "2026-11-23T20:00:00Z"} for total, settled in refunds
    ]
    payment = {"amount": 8_000, "state": "Settled", "updatedAt": "2026-11-23T19:00:00Z", "refunds": told}
    order = wire.order({**ORDER, "payments": [payment]}, str)
    assert (Money(refunded, "EUR"), state) == (order.refunded, order.state)
    assert order.version > wire.order(ORDER, str).version


def test_carts_drafts_and_the_parts_of_sellers_are_nobodys_orders() -> None:
    assert wire.is_ours(ORDER)
    assert not wire.is_ours({**ORDER, "orderPlacedAt": None})
    assert not wire.is_ours({**ORDER, "type": "Seller"})
