"""What may be said about a price.

A reduction is announced only against the lowest price of the last 30 days, computed on it and shown beside
it; never when that price is unknown, nor for a product that is out of stock.
Source: Code de la consommation L112-1-1; CJEU C-330/23 «Aldi Süd», 2024-09-26 (read 2026-11).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.money import Money
from domain.show import Discount, Offer, Product


class PriceKind(StrEnum):
    """The ways a price is said."""

    PLAIN = "plain"
    REDUCED = "reduced"
    WITH_CODE = "with_code"
    OUT_OF_STOCK = "out_of_stock"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What to say: the price to pay, and for a reduction what it is less than, by how much.

    `off_percent` is rounded down, so that no reduction is overstated; `reference` and `off` are set for
    `REDUCED` and `WITH_CODE` only.
    """

    kind: PriceKind
    price: Money
    reference: Money | None = None
    off: Money | None = None
    off_percent: int = 0


def discounted(price: Money, discount: Discount) -> Money:
    """`price` with `discount` taken off, never below zero; unchanged when the currencies differ."""
    if discount.percent is not None:
        return price.less_percent(discount.percent)
    if discount.amount is None or discount.amount.currency != price.currency:
        return price
    return Money(max(0, price.amount - discount.amount.amount), price.currency)


def decide_price(product: Product, offers: Iterable[Offer]) -> PriceLine:
    """The line for `product`, given the `offers` whose code every viewer can have at this moment."""
    if product.stock is not None and product.stock <= 0:
        return PriceLine(PriceKind.OUT_OF_STOCK, product.price)
    fitting = [offer.discount for offer in offers if not offer.skus or product.sku in offer.skus]
    prices = [product.price, *(discounted(product.price, discount) for discount in fitting)]
    lowest = min(prices, key=lambda money: money.amount)
    kind = PriceKind.WITH_CODE if lowest.amount < product.price.amount else PriceKind.REDUCED
    return _reduction(kind, lowest, product.reference_price) or PriceLine(PriceKind.PLAIN, product.price)


def _reduction(kind: PriceKind, price: Money, reference: Money | None) -> PriceLine | None:
    if reference is None or reference.currency != price.currency or reference.amount <= price.amount:
        return None
    off = reference.amount - price.amount
    percent = off * 100 // reference.amount
    if percent == 0:
        return None
    return PriceLine(kind, price, reference, Money(off, price.currency), percent)
