"""A filter of the log as conditions on redemptions, or on the sums that stand for them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, UnaryExpression, any_, func, select
from sqlalchemy.sql.operators import custom_op

from domain.beginnings import sought
from domain.redemption import Verdict
from domain.redemption_log import (
    MOST_FOUND,
    SHORTEST_SEARCH,
    LogFilter,
    SearchTooWide,
    hour_of,
    is_whole_hour,
)
from domain.sentences import sentence
from domain.shop import OrderState
from store.hour_sums import LEVELS, level_of
from store.tables import OfferRow, RedemptionRow, RedemptionWordRow, table_of

_offers = table_of(OfferRow)
_redemptions = table_of(RedemptionRow)
_words = table_of(RedemptionWordRow)

Condition = ColumnElement[bool]


class Conditions:
    """What `wanted` says, for one connection.

    PostgreSQL finds the short way by its statistics. SQLite keeps none, so we say which index it may use: a +
    before a column takes its indexes away (sqlite.org/optoverview.html, «Disqualifying WHERE-clause terms»).
    Raises `SearchTooWide` for a search that is too short, or finds a good part of the log.
    """

    def __init__(self, connection: Connection, wanted: LogFilter) -> None:
        self._wanted = wanted
        self._is_sqlite = connection.dialect.name == "sqlite"
        self.found = _search(connection, wanted)
        self._equal = sorted(_equal(wanted), key=lambda pair: _rank(*pair))

    @property
    def leader(self) -> str:
        """The column whose one value tells most; empty when none is named."""
        return self._equal[0][0] if self._equal else ""

    def of_rows(self, *, is_led: bool = False, is_by_time: bool = False) -> list[Condition]:
        """The conditions on redemptions. On SQLite the index of the `leader` may be used only when `is_led`,
        one of the times only when `is_by_time`."""
        conditions = [self.column(name, is_shown=False) == value for name, value in self._equal]
        if is_led and self._equal:
            name, value = self._equal[0]
            conditions[0] = _redemptions.c[name] == value
        at = self.column("ordered_at", is_shown=is_by_time)
        if self._wanted.since is not None:
            conditions.append(at >= self._wanted.since)
        if self._wanted.until is not None:
            conditions.append(at < self._wanted.until)
        if self._wanted.mechanic is not None:
            conditions.append(self.column("offer_id", is_shown=False).in_(self._offers()))
        if self.found is not None:
            conditions.append(self._is_found(self.found))
        return conditions

    def of_sums(self, sums: Table, group: str) -> list[Condition]:
        """The conditions on sums: those of the hours that are wanted whole, no finer than is needed for the
        filter and for sums by `group`."""
        wanted = self._wanted
        named = {group, *(name for name, _ in self._equal)}
        if wanted.mechanic is not None or group == "mechanic":
            named.add("offer_id")
        conditions = [sums.c.level == level_of(named)]
        indexed = [name for name, _ in self._equal if name in ("live_id", *LEVELS)][:1]
        conditions += [self._shown(sums.c[name], name in indexed) == value for name, value in self._equal]
        if wanted.since is not None:
            conditions.append(sums.c.hour >= hour_of(wanted.since) + (not is_whole_hour(wanted.since)))
        if wanted.until is not None:
            conditions.append(sums.c.hour < hour_of(wanted.until))
        if wanted.mechanic is not None:
            conditions.append(self._shown(sums.c.offer_id, False).in_(self._offers()))
        return conditions

    def broken_hours(self) -> list[int]:
        """The hours of which only a part is wanted: they are read row by row."""
        ends = (self._wanted.since, self._wanted.until)
        return [hour_of(end) for end in ends if end is not None and not is_whole_hour(end)]

    def column(self, name: str, *, is_shown: bool) -> ColumnElement[Any]:
        """A column of the redemptions; unless `is_shown`, SQLite does not see that it has an index."""
        return self._shown(_redemptions.c[name], is_shown)

    def _is_found(self, found: Select[Any]) -> Condition:
        """The condition that a row is among what is found.

        PostgreSQL would rather read all rows than look some thousand up; of an array it expects a few.
        """
        if self._is_sqlite:
            return _redemptions.c.id.in_(found)
        return _redemptions.c.id == any_(func.array(found.scalar_subquery()))

    def _shown(self, column: ColumnElement[Any], is_shown: bool) -> ColumnElement[Any]:
        if is_shown or not self._is_sqlite:
            return column
        return UnaryExpression(column, operator=custom_op("+"), type_=column.type)

    def _offers(self) -> Select[Any]:
        return select(_offers.c.id).where(_offers.c.mechanic == self._wanted.mechanic)


def _equal(wanted: LogFilter) -> Iterator[tuple[str, Any]]:
    for name in ("live_id", "offer_id", "sku", "verdict", "state", "channel"):
        value = getattr(wanted, name)
        if value is not None:
            yield name, value


def _rank(name: str, value: object) -> int:
    """How little a value tells: almost every order is placed and valid, and there are few channels."""
    if value in (Verdict.VALID, OrderState.PLACED):
        return 9
    return ("live_id", "offer_id", "sku", "verdict", "state", "channel").index(name)


def _search(connection: Connection, wanted: LogFilter) -> Select[Any] | None:
    """The ids of what is searched for; None when nothing is."""
    if not wanted.search.strip():
        return None
    words = sought(wanted.search).encode()
    if len(sought(wanted.search)) < SHORTEST_SEARCH:
        raise SearchTooWide(
            sentence(
                "Type at least {least} characters of the order number or of the name.", least=SHORTEST_SEARCH
            )
        )
    # No byte of UTF-8 is 0xff, so that it comes after whatever may follow.
    found = select(_words.c.redemption_id).where(_words.c.word >= words, _words.c.word < words + b"\xff")
    if not wanted.is_by_name:
        found = found.where(_words.c.is_viewer.is_(False))
    many = select(func.count()).select_from(found.limit(MOST_FOUND + 1).subquery())
    if connection.execute(many).scalar_one() > MOST_FOUND:
        raise SearchTooWide(
            sentence("More than {most} redemptions begin so: type more of it.", most=MOST_FOUND)
        )
    return found
