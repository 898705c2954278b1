"""The log of what viewers asked, which is also what drops repeats across restarts."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection

from domain.show import Ask
from store.columns import in_utc, sqlite_time, storable

Key = tuple[str, str]

_SQLITE = """
    INSERT INTO asks (live_id, channel, message_id, platform, viewer_id, viewer_name, command, argument, at)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
        json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
        json_extract(value, '$[6]'), json_extract(value, '$[7]'), json_extract(value, '$[8]')
    FROM json_each(?) WHERE true ORDER BY key ON CONFLICT DO NOTHING RETURNING channel, message_id
"""
# Sorted by key before they get here: two processes that record the same messages then wait for
# each other in one direction only.
_POSTGRES = """
    INSERT INTO asks (live_id, channel, message_id, platform, viewer_id, viewer_name, command, argument, at)
    SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                         %s::text[], %s::timestamptz[])
    ON CONFLICT DO NOTHING RETURNING channel, message_id
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
        ask.command,
        storable(ask.argument),
    )
