"""Figures, times and texts of a report, as people of a language read them."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from commands.money import locale_of, say_money
from commands.texts.catalogue import Catalogue
from domain.money import Money
from domain.rates import Rate
from domain.report import Takings

UNKNOWN = "—"


class Words:
    """How a report speaks, in one language."""

    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self._catalogue = catalogue
        self.language = catalogue.language(language)
        self._locale = locale_of(self.language)

    def say(self, key: str, **values: str | int) -> str:
        """The text of `report.key`."""
        return self._catalogue.say(self.language, f"report.{key}", **values)

    def pair(self, name: str, value: str) -> str:
        """A name and its value, as a colon is written in the language."""
        return self.say("pair", name=name, value=value)

    def count(self, number: int | None) -> str:
        """«2 400» in fr; a dash for what is not known."""
        return UNKNOWN if number is None else format_decimal(number, locale=self._locale)

    def percent(self, rate: float) -> str:
        """A rate (0-1) as «16 %», with one decimal below a tenth: «6,2 %»."""
        rounded = round(rate, 3 if rate < 0.0995 else 2)
        return format_percent(rounded, locale=self._locale, decimal_quantization=False)

    def rate(self, rate: Rate | None) -> str:
        """The rate seen; a dash for what is not known."""
        return UNKNOWN if rate is None else self.percent(rate.value)

    def interval(self, rate: Rate | None) -> str:
        """Between which rates the true one lies: «14 % à 18 %»."""
        if rate is None:
            return ""
        return self.say("interval", low=self.percent(rate.low), high=self.percent(rate.high))

    def money(self, amount: int, currency: str) -> str:
        """An amount in minor units."""
        return say_money(Money(amount, currency), self.language)

    def net(self, takings: Mapping[str, Takings]) -> str:
        """What is left after refunds, in every currency."""
        return " + ".join(self.money(one.net, currency) for currency, one in takings.items()) or UNKNOWN

    def refunded(self, takings: Mapping[str, Takings]) -> str:
        """What was given back, in every currency; empty for nothing."""
        given = {currency: one for currency, one in takings.items() if one.refunded}
        return " + ".join(self.money(one.refunded, currency) for currency, one in given.items())

    def basket(self, takings: Mapping[str, Takings]) -> str:
        """What an order left on average after refunds, in every currency."""
        each = (self.money(round(one.net / one.orders), currency) for currency, one in takings.items())
        return " + ".join(each) or UNKNOWN

    def clock(self, at: datetime, timezone: str) -> str:
        """The time of day on the clocks of `timezone`."""
        return format_time(at, "short", tzinfo=ZoneInfo(timezone), locale=self._locale)

    def exact_clock(self, at: datetime, timezone: str) -> str:
        """The time of day with its seconds."""
        return format_time(at, "medium", tzinfo=ZoneInfo(timezone), locale=self._locale)

    def day(self, at: datetime, timezone: str) -> str:
        """The day, in full."""
        return format_date(at.astimezone(ZoneInfo(timezone)).date(), "full", locale=self._locale)

    def date(self, at: datetime, timezone: str) -> str:
        """The day, short."""
        return format_date(at.astimezone(ZoneInfo(timezone)).date(), "medium", locale=self._locale)
