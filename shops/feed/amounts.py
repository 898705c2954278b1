"""Amounts as people and programs write them."""

import re
from decimal import Decimal

from babel.numbers import get_currency_precision, list_currencies

from domain.money import Money
from shops.flaws import Flaw

GROUPED = re.compile(r"\d{1,3}(?:(?P<group>[.,])\d{3})(?:(?P=group)\d{3})*(?!(?P=group))[.,]\d+")
MOST = 10**12


def money(amount: str, currency: str, *, may_be_nothing: bool = False) -> Money:
    """`amount` as people write it («499,99», «1 499.99», «1.499,99»); raises `Flaw`."""
    if not amount.strip():
        raise Flaw("price_missing")
    currency = a_currency(currency)
    digits = re.sub(r"[\s\u00a0\u202f']", "", amount)
    if grouped := GROUPED.fullmatch(digits):
        digits = digits.replace(grouped["group"], "")
    try:
        minor = Decimal(digits.replace(",", ".")).scaleb(get_currency_precision(currency))
    except ArithmeticError:
        raise Flaw("no_price", text=amount) from None
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 <= minor <= MOST:
        raise Flaw("no_price_in", text=amount, currency=currency)
    if not minor and not may_be_nothing:
        raise Flaw("no_price_in", text=amount, currency=currency)
    return Money(int(minor), currency)


def a_currency(text: str) -> str:
    """An ISO 4217 code; raises `Flaw`."""
    currency = text.strip().upper()
    if currency not in list_currencies():
        raise Flaw("no_currency", text=text.strip())
    return currency


def minor_units(text: str) -> int:
    """A whole amount in minor units; raises `ValueError` with a sentence."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal()) or int(digits[:14]) > MOST:
        raise ValueError(f"«{text}» is no amount in minor units")
    return int(digits)
