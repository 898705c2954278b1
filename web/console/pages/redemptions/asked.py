"""What a marketer asks of the log, and how that stands in the page's address, to keep, send and export."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from commands.money import locale_of
from domain.beginnings import sought
from domain.people import Right, User
from domain.plaintext import one_line
from domain.redemption import Verdict
from domain.redemption_log import MOST_FOUND, SHORTEST_SEARCH, LogFilter, MaySee, ShareBy, SortBy
from domain.shop import OrderState
from domain.show import Live, Mechanic
from web.console.texts import say

NARROWING = ("live", "channel", "sku", "offer", "mechanic", "verdict", "state", "search")
"""What narrows the log, beside its days."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters, the days from `first` to `last` (both included), the order, what revenue is shared by."""

    live: int | None = None
    channel: str | None = None
    sku: str | None = None
    offer: int | None = None
    mechanic: Mechanic | None = None
    verdict: Verdict | None = None
    state: OrderState | None = None
    first: date | None = None
    last: date | None = None
    search: str = ""
    share: ShareBy = ShareBy.CHANNEL
    sort: SortBy = SortBy.ORDERED_AT
    up: bool = False

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The names of the filters that are set; `days` for `first` and `last`."""
        usual = {name: getattr(_USUAL, name) for name in NARROWING}
        names = tuple(name for name in NARROWING if getattr(self, name) != usual[name])
        return (*names, "days") if self.first or self.last else names

    def without(self, name: str) -> "Asked":
        """The same without the filter `name`, as `narrowed` calls it."""
        if name == "days":
            return replace(self, first=None, last=None)
        return self._with(name, getattr(_USUAL, name)) if name in NARROWING else self

    def having(self, name: str, text: str) -> "Asked":
        """The same with one thing as an address tells it; what is none of ours changes nothing."""
        try:
            return self._with(name, _READ[name](text))
        except (KeyError, ValueError, OverflowError):
            return self

    def _with(self, name: str, value: Any) -> "Asked":
        changed: dict[str, Any] = {name: value}
        return replace(self, **changed)

    def cleared(self) -> "Asked":
        """No filter; in the same order."""
        return Asked(share=self.share, sort=self.sort, up=self.up)

    def wanted(self, timezone: str, *, by_name: bool) -> LogFilter:
        """The filter for the store; days begin at midnight in `timezone`. `by_name`: also by viewers."""
        return LogFilter(
            live_id=self.live,
            channel=self.channel,
            sku=self.sku,
            offer_id=self.offer,
            mechanic=self.mechanic,
            verdict=self.verdict,
            state=self.state,
            since=_midnight(self.first, timezone) if self.first else None,
            until=_midnight(self.last + timedelta(days=1), timezone) if self.last else None,
            search=self.search,
            is_by_name=by_name,
        )

    def query(self) -> str:
        """As the query of an address; empty for what one sees first."""
        usual = asdict(_USUAL)
        said = {name: value for name, value in asdict(self).items() if value != usual[name]}
        return urlencode({name: _word(value) for name, value in said.items()})


def asked_in(query: Mapping[str, str]) -> Asked:
    """What the query of an address asks; a value that is none of ours is passed over."""
    asked = _USUAL
    for one in fields(Asked):
        if one.name in query:
            asked = asked.having(one.name, query[one.name])
    return asked


def may_see(user: User) -> MaySee:
    """What of the log a user sees whole."""
    return MaySee(codes=user.may(Right.SEE_CODES), viewers=user.may(Right.SEE_VIEWERS))


def zone_of(asked: Asked, live: Live | None, timezone: str) -> str:
    """Whose clocks days are told by: those of the live that is asked for, else the installation's."""
    return live.timezone if asked.live is not None and live is not None else timezone


def why_too_wide(language: str, search: str) -> str:
    """What is said of a search that would find a good part of the log."""
    if len(sought(search)) < SHORTEST_SEARCH:
        return say(language, "redemptions.search_short", least=SHORTEST_SEARCH)
    most = format_decimal(MOST_FOUND, locale=locale_of(language))
    return say(language, "redemptions.search_wide", most=most)


_USUAL = Asked()
_READ: Mapping[str, Callable[[str], Any]] = {
    "live": lambda text: _number(text),
    "channel": one_line,
    "sku": one_line,
    "offer": lambda text: _number(text),
    "mechanic": Mechanic,
    "verdict": Verdict,
    "state": OrderState,
    "first": lambda text: _day(text),
    "last": lambda text: _day(text),
    "search": lambda text: one_line(text[:80]),
    "share": ShareBy,
    "sort": SortBy,
    "up": lambda text: text == "1",
}


def _number(text: str) -> int:
    """The number of a live or an offer; raises `ValueError` for one that no table can hold."""
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError
    return number


def _day(text: str) -> date:
    """A day; raises `ValueError` for one so far away that no clock tells its midnights."""
    day = date.fromisoformat(text)
    if not 1970 <= day.year < 9_000:
        raise ValueError
    return day


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else str(value)


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone))
