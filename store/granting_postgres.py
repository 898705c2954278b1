"""Granting on PostgreSQL, where any number of processes grant at once.

Locks are always taken in one order, so that nobody waits in a circle: the offer, codes by id,
viewers by key. Nobody waits for a code while holding a viewer (see `store.grants`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from domain.show import Grant, LiveState, OfferKind
from store.columns import in_utc, storable
from store.granting import FreeCode, Head, Key, Pair, grant_from

_HEAD = """
    SELECT o.kind, o.remaining, o.shared_code, o.starts_at, o.ends_at, o.ended_at, l.state
    FROM offers o JOIN lives l ON l.id = o.live_id WHERE o.id = %s
"""
_KEPT = "FOR SHARE"
_RESERVED = "FOR NO KEY UPDATE OF o FOR SHARE OF l"
_HELD = """
    SELECT g.id, g.offer_id, g.platform, g.viewer_id, g.viewer_name, g.channel, g.message_id,
        coalesce(c.code, o.shared_code), g.granted_at, g.delivery
    FROM unnest(%s::text[], %s::text[]) AS w (platform, viewer_id)
        JOIN grants g ON g.offer_id = %s AND g.platform = w.platform AND g.viewer_id = w.viewer_id
        JOIN offers o ON o.id = g.offer_id LEFT JOIN codes c ON c.id = g.code_id
"""
_FREE = """
    SELECT id, code FROM codes WHERE offer_id = %s AND state = 'created' ORDER BY id LIMIT %s
    FOR NO KEY UPDATE
"""
_INSERT = """
    INSERT INTO grants (offer_id, code_id, platform, viewer_id, viewer_name, channel, message_id,
        granted_at, delivery)
    SELECT %s, w.*, %s, 'owed'
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS w
    ON CONFLICT ON CONSTRAINT uq_grants_viewer DO NOTHING RETURNING platform, viewer_id, id
"""
_SPEND = "UPDATE codes SET state = 'granted' WHERE id = ANY(%s::int[]) AND offer_id = %s"
_TAKE = "UPDATE offers SET remaining = remaining - %s WHERE id = %s"


class PostgresEngine:
    """See `store.granting.Engine`."""

    def __init__(self, connection: Connection) -> None:
        self._run = connection.exec_driver_sql

    def head_locked(self, offer_id: int, *, is_bounded: bool) -> Head | None:
        # Reserved at once: two who share a lock and both want it for themselves wait in a circle.
        row = self._run(_HEAD + (_RESERVED if is_bounded else _KEPT), (offer_id,)).first()
        if row is None:
            return None
        kind, remaining, shared_code, starts_at, ends_at, ended_at, state = row
        return Head(OfferKind(kind), remaining, shared_code, starts_at, ends_at, ended_at, LiveState(state))

    def held(self, offer_id: int, keys: Sequence[Key]) -> list[Grant]:
        platforms, viewers = [list(column) for column in zip(*keys, strict=True)]
        rows = self._run(_HELD, (platforms, viewers, offer_id))
        return [grant_from(words, at.astimezone(UTC), state) for *words, at, state in rows]

    def free_codes_locked(self, offer_id: int, count: int, *, wait: bool) -> list[FreeCode]:
        statement = _FREE if wait else f"{_FREE} SKIP LOCKED"
        return [(id, code) for id, code in self._run(statement, (offer_id, count)).all()]

    def insert(self, offer_id: int, pairs: Sequence[Pair], now: datetime) -> dict[Key, int]:
        rows = sorted(
            (claim.platform, claim.viewer_id, storable(claim.viewer_name), claim.channel,
             claim.message_id, code_id)
            for claim, code_id, _ in pairs
        )  # fmt: skip
        platforms, viewers, names, channels, messages, codes = [list(c) for c in zip(*rows, strict=True)]
        values = (offer_id, in_utc(now), codes, platforms, viewers, names, channels, messages)
        return {(platform, viewer): id for platform, viewer, id in self._run(_INSERT, values).all()}

    def spend(self, offer_id: int, code_ids: Sequence[int]) -> None:
        self._run(_SPEND, (list(code_ids), offer_id))

    def take(self, offer_id: int, count: int) -> None:
        self._run(_TAKE, (count, offer_id))
