"""How our codes stand in the shop: which are still to be put there, until when they work, which must end.

A shared code is kept with its offer, unique ones in rows of their own; here both are codes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, text, update

from domain.shop import CodeMade, ShopCode
from domain.show import CodeState, OfferKind
from store.tables import CodeRow, OfferRow, table_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)

_IS_DRAWN = text("codes.state = 'drawn'")
"""As the partial index has it, word for word: SQLite uses that only then."""
_LIVING = (CodeState.CREATED, CodeState.GRANTED)
_AT_A_TIME = 500  # SQLite before 3.32 takes 999 parameters in a statement


class ShopCodes:
    """The shop's side of the codes, in one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, offer_id: int) -> list[str]:
        """The codes of an offer that are still to be put in the shop, in the order they were drawn."""
        shared = select(_offers.c.shared_code).where(_offers.c.id == offer_id, _offers.c.is_due)
        drawn = select(_codes.c.code).where(_codes.c.offer_id == offer_id, _IS_DRAWN)
        found = [*self._connection.execute(shared).scalars()]
        return [*found, *self._connection.execute(drawn.order_by(_codes.c.id)).scalars()]

    def due_offers(self) -> list[int]:
        """The offers with codes that are still to be put in the shop."""
        drawn = select(_codes.c.offer_id).where(_IS_DRAWN).distinct()
        shared = select(_offers.c.id).where(_offers.c.is_due)
        return sorted(
            {*self._connection.execute(drawn).scalars(), *self._connection.execute(shared).scalars()}
        )

    def made(self, offer_id: int, made: Sequence[CodeMade], until: datetime) -> None:
        """Note that codes are in the shop until `until`, to be granted from now on; those that the shop did
        not take are dead, and a shared one ends its offer."""
        there = [one for one in made if one.shop_id is not None]
        values = [{"of_code": one.code, "id_there": one.shop_id} for one in there]
        if values:
            mine = update(_codes).where(
                _codes.c.offer_id == offer_id,
                _codes.c.code == bindparam("of_code"),
                _codes.c.state == CodeState.DRAWN,
            )
            created = mine.values(state=CodeState.CREATED, shop_id=bindparam("id_there"), leased_until=until)
            self._connection.execute(created, values)
            shared = update(_offers).where(
                _offers.c.id == offer_id, _offers.c.shared_code == bindparam("of_code")
            )
            done = shared.values(is_due=False, shop_id=bindparam("id_there"), leased_until=until)
            self._connection.execute(done, values)
        for part in _parts([one.code for one in made if one.shop_id is None]):
            refused = update(_codes).where(
                _codes.c.offer_id == offer_id, _codes.c.code.in_(part), _codes.c.state == CodeState.DRAWN
            )
            self._connection.execute(refused.values(state=CodeState.DEAD))
            gone = update(_offers).where(_offers.c.id == offer_id, _offers.c.shared_code.in_(part))
            self._connection.execute(
                gone.values(is_due=False, ended_at=func.coalesce(_offers.c.ended_at, until))
            )

    def living(self, offer_id: int) -> int:
        """How many codes of the offer are in the shop and not dead."""
        where = (_codes.c.offer_id == offer_id, _codes.c.shop_id.is_not(None), _codes.c.state.in_(_LIVING))
        unique = self._connection.execute(select(func.count()).select_from(_codes).where(*where)).scalar_one()
        return int(unique) + len(self._shared(offer_id, _offers.c.leased_until.is_not(None)))

    def to_move(
        self, offer_id: int, before: datetime, after: datetime, *, granted_only: bool = False
    ) -> list[ShopCode]:
        """The living codes whose end in the shop comes before `before` or after `after`: those in viewers'
        hands first, then in the order in which they will be granted."""
        states = (CodeState.GRANTED,) if granted_only else _LIVING
        due, of_shared = (
            or_(one.c.leased_until < before, one.c.leased_until > after) for one in (_codes, _offers)
        )
        return self._shared(offer_id, of_shared) + self._unique(offer_id, states, due)

    def to_end(self, offer_id: int, now: datetime, *, ungranted_only: bool = False) -> list[ShopCode]:
        """The codes that still work in the shop after `now`, redeemed ones too: a cancelled order gives the
        use back."""
        states = (CodeState.CREATED,) if ungranted_only else (*_LIVING, CodeState.REDEEMED, CodeState.DEAD)
        shared = [] if ungranted_only else self._shared(offer_id, _offers.c.leased_until > now)
        return shared + self._unique(offer_id, states, _codes.c.leased_until > now)

    def leased(self, offer_id: int, codes: Iterable[ShopCode], until: datetime) -> None:
        """Note that codes work in the shop until `until`, and no longer."""
        for part in _parts([code.code for code in codes]):
            mine = update(_codes).where(_codes.c.offer_id == offer_id, _codes.c.code.in_(part))
            self._connection.execute(mine.values(leased_until=until))
            shared = update(_offers).where(_offers.c.id == offer_id, _offers.c.shared_code.in_(part))
            self._connection.execute(shared.values(leased_until=until))

    def give_up(self, offer_id: int) -> None:
        """Mark as dead what was never put in the shop."""
        drawn = update(_codes).where(_codes.c.offer_id == offer_id, _codes.c.state == CodeState.DRAWN)
        self._connection.execute(drawn.values(state=CodeState.DEAD))
        self._connection.execute(update(_offers).where(_offers.c.id == offer_id).values(is_due=False))

    def bury(self, offer_id: int, now: datetime) -> None:
        """Mark as dead the codes of the offer that no longer work in the shop at `now`."""
        lapsed = or_(_codes.c.leased_until <= now, _codes.c.leased_until.is_(None))
        dead = update(_codes).where(_codes.c.offer_id == offer_id, _codes.c.state.in_(_LIVING), lapsed)
        self._connection.execute(dead.values(state=CodeState.DEAD))
        self.give_up(offer_id)

    def _shared(self, offer_id: int, *conditions: ColumnElement[bool]) -> list[ShopCode]:
        statement = select(_offers.c.shared_code, _offers.c.shop_id).where(
            _offers.c.id == offer_id,
            _offers.c.kind == OfferKind.SHARED,
            _offers.c.shop_id.is_not(None),
            *conditions,
        )
        return [ShopCode(code, shop_id) for code, shop_id in self._connection.execute(statement)]

    def _unique(
        self, offer_id: int, states: Sequence[CodeState], *conditions: ColumnElement[bool]
    ) -> list[ShopCode]:
        statement = select(_codes.c.code, _codes.c.shop_id).where(
            _codes.c.offer_id == offer_id,
            _codes.c.state.in_(states),
            _codes.c.shop_id.is_not(None),
            *conditions,
        )
        granted_first = statement.order_by(_codes.c.state != CodeState.GRANTED, _codes.c.id)
        return [ShopCode(code, shop_id) for code, shop_id in self._connection.execute(granted_first)]


def _parts(items: list[Any]) -> Iterable[list[Any]]:
    return (items[start : start + _AT_A_TIME] for start in range(0, len(items), _AT_A_TIME))
