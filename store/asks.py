"""The log of what viewers asked, which is also what drops repeats across restarts."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from domain.chat import Role
from domain.show import Ask
from store.columns import in_utc, sqlite_time, storable
from store.tables import AskRow, table_of

Key = tuple[str, str]
_asks = table_of(AskRow)

_SQLITE = """
    INSERT INTO asks (live_id, channel, message_id, platform, viewer_id, viewer_name, role, command,
                      argument, at)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
        json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
        json_extract(value, '$[6]'), json_extract(value, '$[7]'), json_extract(value, '$[8]'),
        json_extract(value, '$[9]')
    FROM json_each(?) WHERE true ORDER BY key ON CONFLICT DO NOTHING RETURNING channel, message_id
"""
# Sorted by key before they get here: two processes that record the same messages then wait for
# each other in one direction only.
_POSTGRES = """
    INSERT INTO asks (live_id, channel, message_id, platform, viewer_id, viewer_name, role, command,
                      argument, at)
    SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                         %s::text[], %s::text[], %s::timestamptz[])
    ON CONFLICT DO NOTHING RETURNING channel, message_id
"""
_SQLITE_ANSWERED = """
    UPDATE asks SET answered_at = ? WHERE answered_at IS NULL AND (channel, message_id) IN (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))
"""
_POSTGRES_ANSWERED = """
    UPDATE asks SET answered_at = %s FROM unnest(%s::text[], %s::text[]) AS said (channel, message_id)
    WHERE asks.answered_at IS NULL AND asks.channel = said.channel AND asks.message_id = said.message_id
"""


class Asks:
    """The asks of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, asks: Sequence[Ask]) -> set[Key]:
        """The (channel, message id) of those never recorded before, by any process; they are now."""
        if not asks:
            return set()
        is_sqlite = self._connection.dialect.name == "sqlite"
        statement = _SQLITE if is_sqlite else _POSTGRES
        values = (_as_json(asks),) if is_sqlite else _as_arrays(asks)
        rows = self._connection.exec_driver_sql(statement, values).all()
        return {(channel, id) for channel, id in rows}

    def mark_answered(self, keys: Iterable[Key], now: datetime) -> None:
        """Note that the asks of these (channel, message id) are answered, or that they get no answer."""
        wanted = sorted(set(keys))
        if not wanted:
            return
        if self._connection.dialect.name == "sqlite":
            values: tuple[object, ...] = (sqlite_time(now), json.dumps(wanted))
            self._connection.exec_driver_sql(_SQLITE_ANSWERED, values)
        else:
            channels, ids = zip(*wanted, strict=True)
            self._connection.exec_driver_sql(_POSTGRES_ANSWERED, (in_utc(now), list(channels), list(ids)))

    def unanswered(self, live_id: int, since: datetime) -> list[Ask]:
        """What was asked in a live from `since` on and not answered, the oldest first."""
        of_live = (_asks.c.live_id == live_id) & (_asks.c.at >= in_utc(since))
        waiting = select(_asks).where(of_live, _asks.c.answered_at.is_(None)).order_by(_asks.c.id)
        return [ask_of(row) for row in self._connection.execute(waiting)]


def ask_of(row: Row[Any]) -> Ask:
    """The ask in a row of theirs."""
    return Ask(
        live_id=row.live_id,
        channel=row.channel,
        message_id=row.message_id,
        platform=row.platform,
        viewer_id=row.viewer_id,
        viewer_name=row.viewer_name,
        role=Role[row.role.upper()],
        command=row.command,
        argument=row.argument,
        at=row.at,
    )


def _as_json(asks: Sequence[Ask]) -> str:
    return json.dumps([(*_words(ask), sqlite_time(ask.at)) for ask in asks])


def _as_arrays(asks: Sequence[Ask]) -> tuple[list[object], ...]:
    in_order = sorted(asks, key=lambda ask: (ask.channel, ask.message_id))
    return tuple(map(list, zip(*((*_words(ask), in_utc(ask.at)) for ask in in_order), strict=True)))


def _words(ask: Ask) -> tuple[object, ...]:
    return (
        ask.live_id,
        ask.channel,
        ask.message_id,
        ask.platform,
        ask.viewer_id,
        storable(ask.viewer_name),
        ask.role.name.lower(),
        ask.command,
        storable(ask.argument),
    )
