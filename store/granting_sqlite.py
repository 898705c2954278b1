"""Granting on SQLite. The unit holds the write lock, so nobody else is at work meanwhile."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from domain.show import Grant, LiveState, OfferKind
from store.columns import from_sqlite_time, sqlite_time, storable
from store.granting import FreeCode, Head, Key, Pair, grant_from

_HEAD = """
    SELECT o.kind, o.remaining, o.shared_code, o.starts_at, o.ends_at, o.ended_at, l.state
    FROM offers o JOIN lives l ON l.id = o.live_id WHERE o.id = ?
"""
# CROSS JOIN fixes the order: a look-up per viewer, never a walk over every grant.
_HELD = """
    SELECT g.id, g.offer_id, g.platform, g.viewer_id, g.viewer_name, g.channel, g.message_id,
        coalesce(c.code, o.shared_code), g.granted_at, g.delivery
    FROM json_each(?) AS w CROSS JOIN grants g
        JOIN offers o ON o.id = g.offer_id LEFT JOIN codes c ON c.id = g.code_id
    WHERE g.offer_id = ? AND g.platform = json_extract(w.value, '$[0]')
        AND g.viewer_id = json_extract(w.value, '$[1]')
"""
# The index is named: by another one of the offer's, every code granted before would be walked past.
_FREE = """
    SELECT id, code FROM codes INDEXED BY ix_codes_free
    WHERE offer_id = ? AND state = 'created' ORDER BY id LIMIT ?
"""
_NEXT_ID = "SELECT coalesce(max(id), 0) + 1 FROM grants"
_INSERT = """
    INSERT INTO grants (id, offer_id, code_id, platform, viewer_id, viewer_name, channel, message_id,
        granted_at, delivery)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'owed')
"""
_SPEND = """
    UPDATE codes INDEXED BY ix_codes_free SET state = 'granted'
    WHERE offer_id = ? AND state = 'created' AND id <= ?
"""
_TAKE = "UPDATE offers SET remaining = remaining - ? WHERE id = ?"


class SqliteEngine:
    """See `store.granting.Engine`."""

    def __init__(self, connection: Connection) -> None:
        self._run = connection.exec_driver_sql

    def head_locked(self, offer_id: int, *, is_bounded: bool) -> Head | None:
        row = self._run(_HEAD, (offer_id,)).first()
        if row is None:
            return None
        kind, remaining, shared_code, starts_at, ends_at, ended_at, state = row
        starts_at, ends_at, ended_at = (
            None if text is None else from_sqlite_time(text) for text in (starts_at, ends_at, ended_at)
        )
        return Head(OfferKind(kind), remaining, shared_code, starts_at, ends_at, ended_at, LiveState(state))

    def held(self, offer_id: int, keys: Sequence[Key]) -> list[Grant]:
        rows = self._run(_HELD, (json.dumps(keys), offer_id))
        return [grant_from(words, from_sqlite_time(at), state) for *words, at, state in rows]

    def free_codes_locked(self, offer_id: int, count: int, *, wait: bool) -> list[FreeCode]:
        return [(id, code) for id, code in self._run(_FREE, (offer_id, count)).all()]

    def insert(self, offer_id: int, pairs: Sequence[Pair], now: datetime) -> dict[Key, int]:
        at = sqlite_time(now)
        first = self._run(_NEXT_ID).scalar_one()  # ours alone to count, see the module's first line
        rows = [
            (id, offer_id, code_id, claim.platform, claim.viewer_id, storable(claim.viewer_name),
             claim.channel, claim.message_id, at)
            for id, (claim, code_id, _) in enumerate(pairs, first)
        ]  # fmt: skip
        self._run(_INSERT, rows)
        return {(row[3], row[4]): row[0] for row in rows}

    def spend(self, offer_id: int, code_ids: Sequence[int]) -> None:
        # They are the first free ones in id order, so the last id names them all.
        self._run(_SPEND, (offer_id, code_ids[-1]))

    def take(self, offer_id: int, count: int) -> None:
        self._run(_TAKE, (count, offer_id))
