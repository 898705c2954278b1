"""Amounts as people and programs write them."""

import re
from decimal import Decimal

from babel.numbers import get_currency_precision, list_currencies

from domain.money import Money

GROUPED = re.compile(r"\d{1,3}(?:(?P<group>[.,])\d{3})(?:(?P=group)\d{3})*(?!(?P=group))[.,]\d+")
MOST = 10**12


def money(amount: str, currency: str, *, may_be_nothing: bool = False) -> Money:
    """`amount` as people write it («499,99», «1 499.99», «1.499,99»); raises `ValueError` with a sentence."""
    if not amount.strip():
        raise ValueError("the price is missing")
    currency = a_currency(currency)
    digits = re.sub(r"[\s\u00a0\u202f']", "", amount)
    if grouped := GROUPED.fullmatch(digits):
        digits = digits.replace(grouped["group"], "")
    try:
        minor = Decimal(digits.replace(",", ".")).scaleb(get_currency_precision(currency))
    except ArithmeticError:
        raise ValueError(f"«{amount}» is no price") from None
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 <= minor <= MOST:
        raise ValueError(f"«{amount}» is no price in {currency}")
    if not minor and not may_be_nothing:
        raise ValueError(f"«{amount}» is no price in {currency}")
    return Money(int(minor), currency)


def a_currency(text: str) -> str:
    """An ISO 4217 code; raises `ValueError` with a sentence."""
    currency = text.strip().upper()
    if currency not in list_currencies():
        raise ValueError(f"«{text.strip()}» is no ISO currency, such as EUR")
    return currency


def minor_units(text: str) -> int:
    """A whole amount in minor units; raises `ValueError` with a sentence."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal()) or int(digits[:14]) > MOST:
        raise ValueError(f"«{text}» is no amount in minor units")
    return int(digits)
