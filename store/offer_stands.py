"""How the offers of a live stand, all in a few statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from domain.offer_stand import OfferStand
from domain.shop import OrderState
from domain.show import CodeState, OfferKind
from store.offers import offer_of
from store.tables import CodeRow, GrantRow, OfferRow, RedemptionRow, table_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_grants = table_of(GrantRow)
_redemptions = table_of(RedemptionRow)


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
        codes = self._codes(ids)
        granted = self._counts(_grants, ids)
        redeemed = self._counts(_redemptions, ids, _redemptions.c.state != OrderState.CANCELLED)
        return [
            OfferStand(
                offer=offer_of(row),
                codes=codes[row.id],
                granted=granted.get(row.id, 0),
                redeemed=redeemed.get(row.id, 0),
                left=_left(row, codes[row.id]),
                alive=self._alive(row, now) if row.dies_at is not None else 0,
            )
            for row in rows
        ]

    def _codes(self, ids: Sequence[int]) -> Mapping[int, Mapping[CodeState, int]]:
        counted: dict[int, dict[CodeState, int]] = defaultdict(dict)
        wanted = select(_codes.c.offer_id, _codes.c.state, func.count()).where(_codes.c.offer_id.in_(ids))
        grouped = wanted.group_by(_codes.c.offer_id, _codes.c.state)
        for offer_id, state, count in self._connection.execute(grouped):
            counted[offer_id][state] = count
        return counted

    def _counts(self, table: Any, ids: Sequence[int], *conditions: Any) -> dict[int, int]:
        wanted = select(table.c.offer_id, func.count()).where(table.c.offer_id.in_(ids), *conditions)
        return {row[0]: row[1] for row in self._connection.execute(wanted.group_by(table.c.offer_id))}

    def _alive(self, row: Row[Any], now: datetime) -> int:
        if row.kind is OfferKind.SHARED:
            return int(row.leased_until is not None and row.leased_until > now)
        living = select(func.count()).where(_codes.c.offer_id == row.id, _codes.c.leased_until > now)
        return self._connection.execute(living).scalar_one()


def _left(row: Row[Any], codes: Mapping[CodeState, int]) -> int | None:
    if row.ended_at is not None:
        return 0
    remaining: int | None = row.remaining
    if row.kind is OfferKind.SHARED:
        return remaining
    free = codes.get(CodeState.CREATED, 0)
    return free if remaining is None else min(free, remaining)
