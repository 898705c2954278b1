"""Grants: codes given to viewers, each once, and their way to the viewer."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, text, update

from domain.errors import Refusal
from domain.sentences import sentence
from domain.show import Claim, ClaimOutcome, DeliveryState, DeliveryWay, Grant, Offer, OfferKind
from store.columns import in_utc
from store.grant_rows import (
    first_claims,
    grant_of,
    is_owed,
    is_undelivered,
    key_of,
    new_grant,
    outcomes,
    select_grants,
)
from store.granting import Engine, Head, Key, Pair
from store.granting_postgres import PostgresEngine
from store.granting_sqlite import SqliteEngine
from store.pseudonyms import IS_HIDDEN, Pseudonyms
from store.tables import GrantRow, OfferRow, table_of

_offers = table_of(OfferRow)
_grants = table_of(GrantRow)

# Made once: every look at a claim page asks it.
_OF_VIEWER = (
    select_grants()
    .where(
        _offers.c.live_id == bindparam("live_id"),
        _grants.c.platform == bindparam("platform"),
        _grants.c.viewer_id.in_((bindparam("viewer_id"), bindparam("hidden"))),
    )
    .order_by(_grants.c.id)
)

_HIDDEN = select(_grants.c.platform, _grants.c.viewer_id).where(
    _grants.c.offer_id == bindparam("offer_id"), text(IS_HIDDEN)
)

Served = tuple[dict[Key, Grant], dict[Key, Grant]]
"""The grants just made, and those held before, by viewer."""

_AT_A_TIME = 500  # SQLite before 3.32 takes 999 parameters in a statement


class Grants:
    """The grants of one unit of work."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms) -> None:
        self._connection = connection
        self._pseudonyms = pseudonyms
        is_sqlite = connection.dialect.name == "sqlite"
        self._engine: Engine = SqliteEngine(connection) if is_sqlite else PostgresEngine(connection)
        self._is_alone = is_sqlite

    def grant(self, offer: Offer, claims: Sequence[Claim], now: datetime) -> list[ClaimOutcome]:
        """What became of each claim, in the order given; durable once the unit commits.

        The first to claim is served first. A viewer who has a grant, or claims twice, is HELD with
        that grant. EXHAUSTED means that nothing is left to give: no code, no quantity, or the
        offer or its live has ended by now. Raises `Refusal` for an offer that does not exist.
        """
        if not claims:
            return []
        head = self._engine.head_locked(offer.id, is_bounded=offer.quantity is not None)
        if head is None:
            raise Refusal(sentence("There is no offer {id}.", id=offer.id))
        now = in_utc(now)
        asked, claims = claims, self._recognised(offer.id, claims)
        firsts = first_claims(claims)
        if self._is_alone or head.remaining is not None or head.kind is OfferKind.SHARED:
            new, held = self._must_serve(offer.id, head, firsts, now)
        else:
            new, held = self._serve_among_others(offer.id, head, firsts, now)
        found = outcomes(claims, new, held)
        return found if claims is asked else [replace(o, claim=c) for o, c in zip(found, asked, strict=True)]

    def _recognised(self, offer_id: int, claims: Sequence[Claim]) -> Sequence[Claim]:
        """`claims`, those of viewers who hold a grant under their stand-in in its name: who was erased while
        the live is on, and comes back, has had their code."""
        if not self._pseudonyms.is_keyed:
            return claims
        hidden = {tuple(row) for row in self._connection.execute(_HIDDEN, {"offer_id": offer_id})}
        if not hidden:
            return claims
        own = [(c, self._pseudonyms.viewer(c.platform, c.viewer_id)) for c in claims]
        return [replace(c, viewer_id=id) if (c.platform, id) in hidden else c for c, id in own]

    def of_viewer(self, live_id: int, platform: str, viewer_id: str) -> list[Grant]:
        """The grants of one viewer in a live, the oldest first; also those that only their id leads to."""
        plain, hidden = self._pseudonyms.known(platform, viewer_id)
        who = {"live_id": live_id, "platform": platform, "viewer_id": plain, "hidden": hidden}
        return [grant_of(row) for row in self._connection.execute(_OF_VIEWER, who)]

    def owed(self, live_id: int | None = None, *, limit: int = 1000) -> list[Grant]:
        """The grants that nobody has been told of yet, the oldest first, at most `limit`."""
        statement = select_grants().where(is_owed())
        if live_id is not None:
            statement = statement.where(_offers.c.live_id == live_id)
        return self._all(statement.limit(limit))

    def to_deliver(self, live_id: int, channel: str, *, limit: int = 100) -> list[Grant]:
        """The unique codes still owed to viewers of `channel`, the oldest first, at most `limit`."""
        is_theirs = (_offers.c.live_id == live_id) & (_grants.c.channel == channel)
        is_unique = _grants.c.code_id.is_not(None)
        return self._all(select_grants().where(is_owed(), is_theirs, is_unique).limit(limit))

    def undelivered(self, live_id: int) -> list[Grant]:
        """The unique codes of a live that have not gone out to their viewers, the oldest first; those of
        viewers who were forgotten are left out."""
        is_theirs = (_offers.c.live_id == live_id) & text(f"NOT ({IS_HIDDEN})")
        is_unique = _grants.c.code_id.is_not(None)
        return self._all(select_grants().where(is_undelivered(), is_unique, is_theirs))

    def by_message(self, channel: str, message_id: str) -> list[Grant]:
        """The grants that one message brought, the oldest first."""
        is_its = (_grants.c.channel == channel) & (_grants.c.message_id == message_id)
        return self._all(select_grants().where(is_its))

    def newest(self, live_id: int) -> int:
        """The number of the live's newest grant, 0 before the first: it changes when one is made."""
        newest = select(func.max(_grants.c.id)).join(_offers, _offers.c.id == _grants.c.offer_id)
        return self._connection.execute(newest.where(_offers.c.live_id == live_id)).scalar() or 0

    def newest_of_each(self, live_id: int, *, after: int) -> dict[Key, int]:
        """The number of the newest grant of whoever was granted something in a live after grant `after`."""
        chosen = select(_grants.c.platform, _grants.c.viewer_id, _grants.c.id).order_by(_grants.c.id)
        of_live = _grants.c.offer_id.in_(select(_offers.c.id).where(_offers.c.live_id == live_id))
        rows = self._connection.execute(chosen.where(of_live, _grants.c.id > after))
        return {(row[0], row[1]): row[2] for row in rows}

    def mark(
        self,
        grant_ids: Iterable[int],
        delivery: DeliveryState,
        now: datetime,
        way: DeliveryWay | None = None,
    ) -> None:
        """Note how far grants are on their `way`; one that was delivered stays so."""
        ids = sorted(set(grant_ids))
        for start in range(0, len(ids), _AT_A_TIME):
            chosen = _grants.c.id.in_(ids[start : start + _AT_A_TIME])
            on_the_way = update(_grants).where(chosen, _grants.c.delivery != DeliveryState.DELIVERED)
            self._connection.execute(on_the_way.values(delivery=delivery, delivery_at=now, delivery_way=way))

    def count(self, live_id: int) -> tuple[int, int]:
        """How many grants a live has, and how many of them have not gone out to their viewers."""
        of_live = _grants.c.offer_id.in_(select(_offers.c.id).where(_offers.c.live_id == live_id))
        count = select(func.count()).select_from(_grants).where(of_live)
        granted = self._connection.execute(count).scalar_one()
        return granted, self._connection.execute(count.where(is_undelivered())).scalar_one()

    def deliveries(self, live_id: int, channel: str | None = None) -> dict[DeliveryWay, int]:
        """How many grants of a live, or of one of its channels, went out which way."""
        of_live = _grants.c.offer_id.in_(select(_offers.c.id).where(_offers.c.live_id == live_id))
        way = _grants.c.delivery_way
        counted = select(way, func.count()).where(of_live, way.is_not(None)).group_by(way)
        if channel is not None:
            counted = counted.where(_grants.c.channel == channel)
        return {row[0]: row[1] for row in self._connection.execute(counted)}

    def _serve_among_others(
        self, offer_id: int, head: Head, firsts: dict[Key, Claim], now: datetime
    ) -> Served:
        """Serve from the codes that nobody else holds; if too few, wait for those others hold.

        Before waiting, what this attempt has locked is let go of by undoing its savepoint, so
        that nobody waits in a circle. Each further turn means that another process has served one
        of these viewers meanwhile, so the turns end.
        """
        wait = False
        while True:
            savepoint = self._connection.begin_nested()
            served = self._serve(offer_id, head, firsts, now, wait=wait)
            if served is not None:
                savepoint.commit()
                return served
            savepoint.rollback()
            wait = True

    def _must_serve(self, offer_id: int, head: Head, firsts: dict[Key, Claim], now: datetime) -> Served:
        served = self._serve(offer_id, head, firsts, now, wait=True)
        assert served is not None, "codes and viewers cannot both be short when we are alone"
        return served

    def _serve(
        self, offer_id: int, head: Head, firsts: dict[Key, Claim], now: datetime, *, wait: bool
    ) -> Served | None:
        """The new grants and those held before; None when others were in the way."""
        held = self._held(offer_id, firsts)
        wanted = [claim for key, claim in firsts.items() if key not in held]
        takers = wanted[: head.remaining] if head.takes_claims(now) else []
        pairs: list[Pair] = [(claim, None, head.shared_code or "") for claim in takers]
        if takers and head.kind is OfferKind.UNIQUE:
            free = self._engine.free_codes_locked(offer_id, len(takers), wait=wait)
            if len(free) < len(takers) and not wait:
                return None
            pairs = [(claim, id, code) for claim, (id, code) in zip(takers, free, strict=False)]
        ids = self._engine.insert(offer_id, pairs, now) if pairs else {}
        if len(ids) < len(pairs) < len(takers):
            return None  # somebody served our viewers meanwhile; their codes are for the others
        if len(ids) < len(takers):
            # Whom somebody else served while we looked for codes has a grant by now: looked up
            # again, so that nobody who holds one is told that nothing is left.
            held.update(self._held(offer_id, [key for key in firsts if key not in ids]))
            pairs = [pair for pair in pairs if key_of(pair[0]) in ids]
        self._spend(offer_id, head, pairs)
        new = {
            (claim.platform, claim.viewer_id): new_grant(
                ids[claim.platform, claim.viewer_id], offer_id, claim, code, now
            )
            for claim, _, code in pairs
        }
        return new, held

    def _spend(self, offer_id: int, head: Head, given: Sequence[Pair]) -> None:
        code_ids = [id for _, id, _ in given if id is not None]
        if code_ids:
            self._engine.spend(offer_id, code_ids)
        if given and head.remaining is not None:
            self._engine.take(offer_id, len(given))

    def _held(self, offer_id: int, keys: Iterable[Key]) -> dict[Key, Grant]:
        found = self._engine.held(offer_id, list(keys))
        return {(grant.platform, grant.viewer_id): grant for grant in found}

    def _all(self, statement: Select[Any]) -> list[Grant]:
        return [grant_of(row) for row in self._connection.execute(statement.order_by(_grants.c.id))]

    def list(self, offer_id: int) -> list[Grant]:
        """The grants of an offer, the oldest first."""
        return self._all(select_grants().where(_grants.c.offer_id == offer_id))
