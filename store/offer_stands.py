"""How the offers of a live stand, all in a few statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from domain.offer_stand import OfferStand
from domain.shop import OrderState
from domain.show import CodeState, OfferKind
from store.offers import offer_of
from store.tables import CodeRow, GrantRow, OfferRow, RedemptionRow, table_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_grants = table_of(GrantRow)
_redemptions = table_of(RedemptionRow)
# Written out: an engine uses a partial index only where it sees that the index holds all that is asked for.
_FREE = text("state = 'created'")


class OfferStands:
    """The offers of one unit of work, looked at from outside."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_live(self, live_id: int, now: datetime) -> list[OfferStand]:
        """Those of one live, the newest first."""
        wanted = select(_offers).where(_offers.c.live_id == live_id).order_by(_offers.c.id.desc())
        return self._stands(self._connection.execute(wanted).all(), now)

    def of(self, offer_id: int, now: datetime) -> OfferStand | None:
        """That of one offer, None when there is none."""
        rows = self._connection.execute(select(_offers).where(_offers.c.id == offer_id)).all()
        return next(iter(self._stands(rows, now)), None)

    def _stands(self, rows: Sequence[Row[Any]], now: datetime) -> list[OfferStand]:
        ids = [row.id for row in rows]
        codes = self._counts(_codes, ids)
        free = self._counts(_codes, ids, _FREE)
        granted = self._counts(_grants, ids)
        # Looked for only where not every code is free or granted: it means reading them all.
        others = [id for id in codes if codes[id] > free.get(id, 0) + granted.get(id, 0)]
        drawn = self._counts(_codes, others, _codes.c.state == CodeState.DRAWN)
        redeemed = self._counts(_redemptions, ids, _redemptions.c.state != OrderState.CANCELLED)
        return [
            OfferStand(
                offer=offer_of(row),
                codes=codes.get(row.id, 0),
                free=free.get(row.id, 0),
                drawn=drawn.get(row.id, 0),
                granted=granted.get(row.id, 0),
                redeemed=redeemed.get(row.id, 0),
                left=_left(row, free.get(row.id, 0)),
                alive=self._alive(row, now) if row.dies_at is not None else 0,
            )
            for row in rows
        ]

    def _counts(self, table: Any, ids: Sequence[int], *conditions: Any) -> dict[int, int]:
        if not ids:
            return {}
        wanted = select(table.c.offer_id, func.count()).where(table.c.offer_id.in_(ids), *conditions)
        return {row[0]: row[1] for row in self._connection.execute(wanted.group_by(table.c.offer_id))}

    def _alive(self, row: Row[Any], now: datetime) -> int:
        if row.kind is OfferKind.SHARED:
            return int(row.leased_until is not None and row.leased_until > now)
        living = select(func.count()).where(_codes.c.offer_id == row.id, _codes.c.leased_until > now)
        return self._connection.execute(living).scalar_one()


def _left(row: Row[Any], free: int) -> int | None:
    if row.ended_at is not None:
        return 0
    remaining: int | None = row.remaining
    if row.kind is OfferKind.SHARED:
        return remaining
    return free if remaining is None else min(free, remaining)
