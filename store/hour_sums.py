"""Ready sums of whole hours of the log, made anew where redemptions were written since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, case, delete, func, insert, select

from domain.shop import OrderState
from store.tables import RedemptionRow, RedemptionSumRow, StaleHourRow, table_of

if TYPE_CHECKING:
    from store.database import Database

_redemptions = table_of(RedemptionRow)
_sums = table_of(RedemptionSumRow)
_stale = table_of(StaleHourRow)

_AT_A_TIME = 300
_HOURS_AT_A_TIME = 25
_MARKS_AT_A_TIME = 10_000
LEVELS = ("offer_id", "channel", "sku")
"""What sums are told apart by, or not: bit by bit of their `level`."""
_NONE = {"offer_id": 0, "channel": "", "sku": ""}
_ALWAYS = ("hour", "live_id", "verdict", "state", "currency")
_MONEY = ("discount", "total", "refunded", "net")
_is_cancelled = _redemptions.c.state == OrderState.CANCELLED
_SUMMED = (
    select(
        *(_redemptions.c[name] for name in (*_ALWAYS, *LEVELS)),
        func.count().label("uses"),
        *(func.sum(case((_is_cancelled, 0), else_=_redemptions.c[name])).label(name) for name in _MONEY),
    )
    .where(_redemptions.c.is_alone)
    .group_by(*(_redemptions.c[name] for name in (*_ALWAYS, *LEVELS)))
)


def level_of(columns: Collection[str]) -> int:
    """The level of the sums that are told apart by these of offer, channel and product, and by no more."""
    return sum(1 << place for place, name in enumerate(LEVELS) if name in columns)


@dataclass(frozen=True, slots=True)
class SummedHours:
    """Hours, counted from 1970, the ids of the marks that they had, and the rows of their sums."""

    hours: Sequence[int]
    marks: Sequence[int]
    rows: Sequence[dict[str, Any]]


class HourSums:
    """The ready sums of one unit of work.

    They are read in one unit and written in another, so that nobody who writes waits for the reading: what
    is committed in between leaves a mark that was not seen, and stays.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self) -> SummedHours:
        """What some of the hours in which redemptions were written come to; no hour: all is summed up."""
        marks = select(_stale.c.id, _stale.c.hour).order_by(_stale.c.id).limit(_MARKS_AT_A_TIME)
        marked = self._connection.execute(marks).all()
        hours = sorted({row.hour for row in marked})[:_HOURS_AT_A_TIME]
        found = self._connection.execute(_SUMMED.where(_redemptions.c.hour.in_(hours))) if hours else ()
        rows = rolled_up([dict(row._mapping) for row in found])
        return SummedHours(hours, [row.id for row in marked if row.hour in hours], rows)

    def write(self, summed: SummedHours) -> None:
        """Keep these sums, unless somebody was faster: then a mark is gone, and newer sums may stand."""
        marks = _parts(summed.marks)
        if not all(self._stands(part) for part in marks):
            return
        self._connection.execute(delete(_sums).where(_sums.c.hour.in_(summed.hours)))
        if summed.rows:
            self._connection.execute(insert(_sums), summed.rows)
        for part in marks:
            self._connection.execute(delete(_stale).where(_stale.c.id.in_(part)))

    def _stands(self, marks: Sequence[int]) -> bool:
        mine = select(_stale.c.id).where(_stale.c.id.in_(marks)).order_by(_stale.c.id)
        return len(self._connection.execute(mine.with_for_update()).all()) == len(marks)


def rolled_up(finest: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sums told apart by offer, channel and product, as sums of each level."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in finest:
        for level in range(1 << len(LEVELS)):
            apart = {
                name: one[name] if level >> place & 1 else _NONE[name] for place, name in enumerate(LEVELS)
            }
            named = {"level": level, **{name: one[name] for name in _ALWAYS}, **apart}
            row = rows.setdefault(tuple(named.values()), {**named, "uses": 0, **dict.fromkeys(_MONEY, 0)})
            for name in ("uses", *_MONEY):
                row[name] += int(one[name])
    return list(rows.values())


def sum_up_hours(database: Database) -> None:
    """Sum up every hour in which redemptions were written, some at a time."""
    while True:
        with database.unit(read_only=True) as unit:
            summed = unit.hour_sums.read()
        if not summed.hours:
            return
        with database.unit() as unit:
            unit.hour_sums.write(summed)


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _AT_A_TIME] for start in range(0, len(ids), _AT_A_TIME)]
