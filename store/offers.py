"""Offers, and how much of them is left."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from domain.errors import Refusal
from domain.sentences import sentence
from domain.show import CodeState, DeliveryState, Discount, Mechanic, Offer, OfferCounts, OfferKind
from store.money import money
from store.refusals import refusing
from store.tables import CodeRow, GrantRow, LiveRow, OfferRow, table_of

_lives = table_of(LiveRow)
_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_grants = table_of(GrantRow)


class Offers:
    """The offers of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        live_id: int,
        kind: OfferKind,
        mechanic: Mechanic,
        discount: Discount,
        *,
        quantity: int | None = None,
        skus: Sequence[str] = (),
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        shared_code: str | None = None,
        is_due: bool = False,
    ) -> Offer:
        """A new offer of a live; `is_due`: its shared code is still to be put in the shop.

        Raises `Refusal` for one that contradicts itself.
        """
        if self._connection.execute(select(_lives.c.id).where(_lives.c.id == live_id)).first() is None:
            raise Refusal(sentence("There is no live {id}.", id=live_id))
        values = {
            "live_id": live_id,
            "kind": kind,
            "mechanic": mechanic,
            "percent": discount.percent,
            "amount": discount.amount.amount if discount.amount else None,
            "currency": discount.amount.currency if discount.amount else None,
            "quantity": quantity,
            "remaining": quantity,
            "skus": list(skus),
            "starts_at": starts_at,
            "ends_at": ends_at,
            "shared_code": shared_code,
            "is_due": is_due,
        }
        with refusing(self._connection):
            row = self._connection.execute(insert(_offers).returning(*_offers.c), values).one()
        return offer_of(row)

    def get(self, id: int) -> Offer | None:
        """The offer, or None."""
        row = self._connection.execute(select(_offers).where(_offers.c.id == id)).first()
        return None if row is None else offer_of(row)

    def end(self, id: int, now: datetime) -> Offer:
        """The offer, ended: whoever grants under it now has finished. Raises `Refusal` if it was."""
        ended = update(_offers).where(_offers.c.id == id, _offers.c.ended_at.is_(None))
        row = self._connection.execute(ended.values(ended_at=now).returning(*_offers.c)).first()
        if row is not None:
            return offer_of(row)
        raise Refusal(
            sentence("Offer {id} has already ended.", id=id)
            if self.get(id)
            else sentence("There is no offer {id}.", id=id)
        )

    def kill(self, id: int, now: datetime) -> Offer:
        """The offer, ended, and its codes to die in the shop from `now` on. Raises `Refusal` if they were."""
        dying = update(_offers).where(_offers.c.id == id, _offers.c.dies_at.is_(None))
        values = {"dies_at": now, "ended_at": func.coalesce(_offers.c.ended_at, now)}
        row = self._connection.execute(dying.values(**values).returning(*_offers.c)).first()
        if row is not None:
            return offer_of(row)
        raise Refusal(
            sentence("Offer {id} is already dead.", id=id)
            if self.get(id)
            else sentence("There is no offer {id}.", id=id)
        )

    def take_back(self, id: int) -> bool:
        """Let an offer go whose shared code never got to the shop, as if it had not been added; whether it
        was such a one."""
        due = delete(_offers).where(_offers.c.id == id, _offers.c.shop_id.is_(None))
        return self._connection.execute(due).rowcount == 1

    def left(self, id: int) -> int | None:
        """How many more viewers the offer can serve; 0 once ended, None without bound."""
        row = self._connection.execute(select(_offers).where(_offers.c.id == id)).first()
        if row is None:
            raise Refusal(sentence("There is no offer {id}.", id=id))
        if row.ended_at is not None:
            return 0
        remaining: int | None = row.remaining
        if row.kind is OfferKind.SHARED:
            return remaining
        free = self._count(_codes, _codes.c.offer_id == id, _codes.c.state == CodeState.CREATED)
        return free if remaining is None else min(free, remaining)

    def counts(self, id: int) -> OfferCounts:
        """How the offer stands."""
        return OfferCounts(
            codes=self._count(_codes, _codes.c.offer_id == id),
            granted=self._count(_grants, _grants.c.offer_id == id),
            owed=self._count(_grants, _grants.c.offer_id == id, _grants.c.delivery == DeliveryState.OWED),
            left=self.left(id),
        )

    def _count(self, table: Any, *conditions: Any) -> int:
        return self._connection.execute(
            select(func.count()).select_from(table).where(*conditions)
        ).scalar_one()

    def list(self, live_id: int | None = None) -> list[Offer]:
        """The offers of one live or of all, the oldest first."""
        statement = select(_offers).order_by(_offers.c.id)
        if live_id is not None:
            statement = statement.where(_offers.c.live_id == live_id)
        return [offer_of(row) for row in self._connection.execute(statement)]


def offer_of(row: Row[Any]) -> Offer:
    """The offer in a row of the offers."""
    return Offer(
        id=row.id,
        live_id=row.live_id,
        kind=row.kind,
        mechanic=row.mechanic,
        discount=Discount(percent=row.percent, amount=money(row.amount, row.currency)),
        quantity=row.quantity,
        skus=tuple(row.skus),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        shared_code=row.shared_code,
        is_due=row.is_due,
        dies_at=row.dies_at,
    )
