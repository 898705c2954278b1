"""Taking the person out of what is old, a part at a time; figures and the ledger stay as they are.

Each method does its part in the unit it is given; begun again, it goes on with what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, or_, select, text, update

from domain.show import LiveState
from store.memories import without_older
from store.pseudonyms import IS_HIDDEN, Pseudonyms
from store.redemption_log import RedemptionLog
from store.tables import AskRow, GrantRow, LinkBindingRow, LiveRow, MemoryRow, OfferRow, SaidRow, table_of

_lives = table_of(LiveRow)
_offers = table_of(OfferRow)
_asks = table_of(AskRow)
_grants = table_of(GrantRow)
_said = table_of(SaidRow)
_links = table_of(LinkBindingRow)
_memories = table_of(MemoryRow)

AT_A_TIME = 500
"""Rows changed in one transaction; also below the parameters that an old SQLite takes."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One row that leads to a viewer, by its id: an ask, or a grant."""

    id: int
    is_grant: bool
    platform: str
    viewer_id: str
    channel: str
    message_id: str


class Forgetting:
    """The forgetting of one unit of work."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms) -> None:
        self._connection = connection
        self._pseudonyms = pseudonyms

    def check(self) -> None:
        """Raise `ActionRequired` when there is no key to hide viewers with."""
        self._pseudonyms.viewer("", "")

    def wordy_asks(self, before: datetime, after_id: int) -> list[int]:
        """The next asks older than `before` that still have a name or words in them."""
        has_words = or_(_asks.c.viewer_name != "", _asks.c.argument != "")
        return self._next(_asks, (_asks.c.at < before) & has_words, after_id)

    def wordy_said(self, before: datetime, after_id: int) -> list[int]:
        """The next messages of ours older than `before` that still have their text: they name viewers."""
        return self._next(_said, (_said.c.at < before) & (_said.c.text != ""), after_id)

    def blank_asks(self, ids: Sequence[int]) -> None:
        """Take names and words out of asks."""
        self._connection.execute(update(_asks).where(_asks.c.id.in_(ids)).values(viewer_name="", argument=""))

    def blank_said(self, ids: Sequence[int]) -> None:
        """Take the text out of messages of ours: that something was said, when and where stays."""
        self._connection.execute(update(_said).where(_said.c.id.in_(ids)).values(text=""))

    def drop_links(self, before: datetime) -> int:
        """Delete which browsers personal links belonged to, of lives closed before; how many."""
        over = select(_lives.c.id).where(_closed_before(before))
        return self._connection.execute(delete(_links).where(_links.c.live_id.in_(over))).rowcount

    def fade_memories(self, before: datetime) -> int:
        """Take out of memories the viewers that they hold the time of, such as that of a whisper, when it is
        older; how many memories."""
        faded = 0
        for row in self._connection.execute(select(_memories).order_by(_memories.c.id)).all():
            value = without_older(row.value, before.timestamp())
            if value != row.value:
                mine = update(_memories).where(_memories.c.id == row.id, _memories.c.value == row.value)
                faded += self._connection.execute(mine.values(value=value)).rowcount
        return faded

    def lives_over(self, before: datetime) -> list[int]:
        """The lives that closed before."""
        return list(self._connection.execute(select(_lives.c.id).where(_closed_before(before))).scalars())

    def traces(self, live_id: int) -> list[Trace]:
        """The rows of a live that lead to viewers, all of a viewer's together."""
        not_hidden = text(f"NOT ({IS_HIDDEN})")
        asks = select(*_columns(_asks)).where(_asks.c.live_id == live_id, not_hidden)
        of_live = select(_offers.c.id).where(_offers.c.live_id == live_id)
        grants = select(*_columns(_grants)).where(_grants.c.offer_id.in_(of_live), not_hidden)
        found = [Trace(row[0], False, *row[1:]) for row in self._connection.execute(asks)]
        found += [Trace(row[0], True, *row[1:]) for row in self._connection.execute(grants)]
        return sorted(found, key=lambda trace: (trace.platform, trace.viewer_id))

    def stray_traces(self, before: datetime, after_id: int) -> list[Trace]:
        """The next asks outside any live that are older and still lead to viewers."""
        due = (_asks.c.live_id.is_(None)) & (_asks.c.at < before) & text(f"NOT ({IS_HIDDEN})")
        statement = select(*_columns(_asks)).where(_asks.c.id > after_id, due)
        rows = self._connection.execute(statement.order_by(_asks.c.id).limit(AT_A_TIME))
        return [Trace(row[0], False, *row[1:]) for row in rows]

    def hide(self, traces: Sequence[Trace], stand_in: str | None = None) -> None:
        """Put each viewer's stand-in in place of them, or `stand_in` for all, and nothing in place of their
        name and words; the log's search finds them no more."""
        for table, is_grant in ((_asks, False), (_grants, True)):
            values = [self._hidden(trace, stand_in) for trace in traces if trace.is_grant is is_grant]
            if values:
                self._connection.execute(_hiding(table), values)
        RedemptionLog(self._connection).reindex([trace.id for trace in traces if trace.is_grant])

    def _hidden(self, trace: Trace, stand_in: str | None) -> dict[str, Any]:
        viewer = stand_in or self._pseudonyms.viewer(trace.platform, trace.viewer_id)
        message = self._pseudonyms.message(trace.channel, trace.message_id)
        return {"of_id": trace.id, "viewer": viewer, "message": message}

    def _next(self, table: Any, due: ColumnElement[bool], after_id: int) -> list[int]:
        statement = select(table.c.id).where(table.c.id > after_id, due).order_by(table.c.id)
        return list(self._connection.execute(statement.limit(AT_A_TIME)).scalars())


def _closed_before(moment: datetime) -> ColumnElement[bool]:
    return (_lives.c.state == LiveState.CLOSED) & (_lives.c.closed_at < moment)


def _columns(table: Any) -> tuple[Any, ...]:
    c = table.c
    return c.id, c.platform, c.viewer_id, c.channel, c.message_id


def _hiding(table: Any) -> Any:
    words = {"argument": ""} if table is _asks else {}
    values = {"viewer_id": bindparam("viewer"), "message_id": bindparam("message"), "viewer_name": ""}
    return update(table).where(table.c.id == bindparam("of_id")).values({**values, **words})
