"""The codes of unique offers. They are secrets: no error of this module shows a whole one."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, func, select, update

from domain.errors import Refusal
from domain.sentences import sentence
from domain.show import CodeState, OfferKind
from store.refusals import refusing
from store.tables import CodeRow, OfferRow, table_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)

_AT_A_TIME = 10_000
_LOOKED_UP = 500  # SQLite before 3.32 takes 999 parameters in a statement
_NAMED = 5
"""How many of the codes in the way a refusal names; a person finds the pattern in five."""

_SQLITE_ADD = """
    INSERT INTO codes (offer_id, code, folded, state)
    SELECT ?, value, lower(value), ? FROM json_each(?) WHERE true ORDER BY key ON CONFLICT (code) DO NOTHING
"""
_SQLITE_ELSEWHERE = """
    SELECT value FROM json_each(?) AS given JOIN codes ON codes.code = given.value
    WHERE codes.offer_id <> ? ORDER BY given.key
"""
_POSTGRES_ADD = """
    INSERT INTO codes (offer_id, code, folded, state)
    SELECT %s, code, lower(code), %s FROM unnest(%s::text[]) WITH ORDINALITY AS given (code, place)
    ORDER BY place
    ON CONFLICT (code) DO NOTHING
"""
_POSTGRES_ELSEWHERE = """
    SELECT given.code FROM unnest(%s::text[]) WITH ORDINALITY AS given (code, place)
    JOIN codes ON codes.code = given.code WHERE codes.offer_id <> %s ORDER BY place
"""


class Codes:
    """The codes of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"

    def add(self, offer_id: int, codes: Iterable[str], state: CodeState = CodeState.CREATED) -> int:
        """How many codes were new to this offer; those it has already are left alone.

        In the state `drawn` they are still to be put in the shop, and nobody is granted one before.

        So an import that broke off can simply be given again. Raises `Refusal`, with nothing
        added, for an empty code, an offer that takes none, or a code of another offer.
        """
        self._must_take_codes(offer_id)
        added = 0
        with refusing(self._connection):
            for chunk in _chunks(codes):
                added += self._add_chunk(offer_id, chunk, state)
        return added

    def move(self, from_offer_id: int, to_offer_id: int, count: int) -> int:
        """How many of at most `count` free codes went from one offer to another of the same live.

        Codes that another process is granting at this moment stay where they are.
        """
        free = select(_codes.c.id).where(
            _codes.c.offer_id == from_offer_id, _codes.c.state == CodeState.CREATED
        )
        free = free.order_by(_codes.c.id).limit(count).with_for_update(skip_locked=True)
        moving = update(_codes).where(_codes.c.id.in_(free)).values(offer_id=to_offer_id)
        return self._connection.execute(moving).rowcount

    def _must_take_codes(self, offer_id: int) -> None:
        kind = self._connection.execute(select(_offers.c.kind).where(_offers.c.id == offer_id)).scalar()
        if kind is None:
            raise Refusal(sentence("There is no offer {id}.", id=offer_id))
        if kind is not OfferKind.UNIQUE:
            raise Refusal(sentence("Offer {id} has one code for everybody and takes no others.", id=offer_id))

    def _add_chunk(self, offer_id: int, chunk: list[str], state: CodeState) -> int:
        values = json.dumps(chunk) if self._is_sqlite else chunk
        add = _SQLITE_ADD if self._is_sqlite else _POSTGRES_ADD
        elsewhere = _SQLITE_ELSEWHERE if self._is_sqlite else _POSTGRES_ELSEWHERE
        added = self._connection.exec_driver_sql(add, (offer_id, state.value, values)).rowcount
        # Looked up afterwards: a code that another process added meanwhile is seen too.
        taken = self._connection.exec_driver_sql(elsewhere, (values, offer_id)).scalars().all()
        if taken:
            shown = ", ".join(masked(code) for code in taken[:_NAMED])
            more = ", …" if len(taken) > _NAMED else ""
            raise Refusal(
                sentence(
                    "{count} of these codes belong to another offer: {shown}{more}.",
                    count=len(taken),
                    shown=shown,
                    more=more,
                )
            )
        return added

    def page(
        self, offer_id: int, offset: int, limit: int, state: CodeState | None = None
    ) -> Sequence[tuple[str, CodeState, datetime | None]]:
        """Some codes of an offer, each with its state and until when it works in the shop, as far as it is
        known; in the order they were added."""
        wanted = select(_codes.c.code, _codes.c.state, _codes.c.leased_until)
        wanted = wanted.where(_codes.c.offer_id == offer_id)
        if state is not None:
            wanted = wanted.where(_codes.c.state == state)
        ordered = wanted.order_by(_codes.c.id).offset(offset).limit(limit)
        return [(code, how, until) for code, how, until in self._connection.execute(ordered)]

    def count(self, offer_id: int, state: CodeState | None = None) -> int:
        """How many codes the offer has, in one state or in all."""
        wanted = select(func.count()).select_from(_codes).where(_codes.c.offer_id == offer_id)
        if state is not None:
            wanted = wanted.where(_codes.c.state == state)
        return self._connection.execute(wanted).scalar_one()

    def offers_of(self, codes: Sequence[str]) -> dict[str, int]:
        """The offers that have these codes, by code; those that nobody has are left out."""
        found: dict[str, int] = {}
        for start in range(0, len(codes), _LOOKED_UP):
            part = codes[start : start + _LOOKED_UP]
            wanted = select(_codes.c.code, _codes.c.offer_id).where(_codes.c.code.in_(part))
            found.update({row.code: row.offer_id for row in self._connection.execute(wanted)})
        return found

    def list(self, offer_id: int) -> list[tuple[str, CodeState]]:
        """The codes of an offer with their states, in the order they were added."""
        statement = select(_codes.c.code, _codes.c.state).where(_codes.c.offer_id == offer_id)
        return [(code, state) for code, state in self._connection.execute(statement.order_by(_codes.c.id))]


def masked(code: str) -> str:
    """A code as it may be shown: enough to find it in a list, too little to use it."""
    return f"{code[:2]}…" if len(code) >= 8 else "…"


def _chunks(codes: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(codes)
    while chunk := list(islice(rest, _AT_A_TIME)):
        yield chunk
