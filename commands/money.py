"""Amounts, percentages and times of day as people of a language read them."""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_time
from babel.numbers import format_currency, format_percent, get_currency_precision

from domain.money import Money


@lru_cache(maxsize=4096)
def say_money(money: Money, language: str) -> str:
    """`money` in `language`: «499,99 €» in fr, «€499.99» in en; the currency decides the decimals."""
    value = Decimal(money.amount).scaleb(-get_currency_precision(money.currency))
    return format_currency(value, money.currency, locale=locale_of(language))


@lru_cache(maxsize=512)
def say_percent(percent: int, language: str) -> str:
    """`percent` (0-100) in `language`: «20 %» in fr, «20%» in en."""
    return format_percent(Decimal(percent) / 100, locale=locale_of(language))


def say_time(at: datetime, timezone: str, language: str) -> str:
    """The time of day of `at` (aware) on the clocks of `timezone`: «21:30» in fr, «9:30 PM» in en."""
    return format_time(at, "short", tzinfo=ZoneInfo(timezone), locale=locale_of(language))


def say_date(at: datetime, timezone: str, language: str) -> str:
    """The day and time of `at` (aware) in `timezone`: «jeudi 3 décembre 2026, 20:00» in fr."""
    return format_datetime(at, "EEEE d MMMM y, HH:mm", tzinfo=ZoneInfo(timezone), locale=locale_of(language))


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The locale for a language tag such as `fr` or `fr-CA`; English when it is unknown."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
