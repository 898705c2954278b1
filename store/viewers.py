"""One viewer, on their request: everything that is held of them, and its erasure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, text, update

from domain.privacy import Fact, HeldOfViewer
from domain.redemption_log import masked_code
from domain.show import DeliveryState, LiveState
from store.forgetting import AT_A_TIME, Forgetting, Trace
from store.memories import without_viewer
from store.mentions import Mentions, Names
from store.pseudonyms import IS_HIDDEN, Pseudonyms, is_hidden
from store.tables import (
    AskRow,
    CodeRow,
    GrantRow,
    LinkBindingRow,
    LiveRow,
    MemoryRow,
    OfferRow,
    RedemptionRow,
    table_of,
)

_lives = table_of(LiveRow)
_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_asks = table_of(AskRow)
_grants = table_of(GrantRow)
_links = table_of(LinkBindingRow)
_memories = table_of(MemoryRow)
_redemptions = table_of(RedemptionRow)


class Viewers:
    """The viewers of one unit of work. A viewer is a platform and its id of them."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms) -> None:
        self._connection = connection
        self._pseudonyms = pseudonyms

    def stand_in(self, platform: str, viewer_id: str) -> str:
        """What stands for them, and leads to them only for who has both their id and the secret key."""
        return self._pseudonyms.viewer(platform, viewer_id)

    def names(self, platform: str, viewer_id: str) -> tuple[str, ...]:
        """The names they wrote under, as far as they are still kept."""
        found: set[str] = set()
        for table in (_asks, _grants):
            mine = select(table.c.viewer_name).distinct().where(self._is(table, platform, viewer_id))
            found |= set(self._connection.execute(mine).scalars())
        return tuple(sorted(found - {""}))

    def called(self, words: str, limit: int) -> list[tuple[str, str, str]]:
        """Platform, id and name of the viewers who go by that name or id, hidden ones left out."""
        found: dict[tuple[str, str], str] = {}
        for table in (_grants, _asks):
            c = table.c
            is_meant = (func.lower(c.viewer_name) == words.lower()) | (c.viewer_id == words)
            some = select(c.platform, c.viewer_id, c.viewer_name).distinct()
            some = some.where(is_meant, text(f"NOT ({IS_HIDDEN})")).limit(limit)
            for platform, viewer_id, name in self._connection.execute(some):
                found.setdefault((platform, viewer_id), name)
        return [(*key, name) for key, name in sorted(found.items())][:limit]

    def held(self, platform: str, viewer_id: str, names: Sequence[str] = ()) -> HeldOfViewer:
        """Everything that is held of them, hidden rows too, which their id still leads to. `names`: others
        that they are addressed by."""
        known = self.names(platform, viewer_id)
        grants = self._grants(platform, viewer_id)
        called, mentions = Names((*known, *names)), Mentions(self._connection)
        return HeldOfViewer(
            platform,
            viewer_id,
            known,
            asks=tuple(self._asks(platform, viewer_id)),
            grants=tuple(map(_grant_fact, grants)),
            redemptions=tuple(self._redemptions([row.id for row in grants])),
            links=tuple(self._links(platform, viewer_id)),
            mentions=tuple(
                {"channel": c, "at": _iso(at), "text": words} for c, at, words in mentions.of(called)
            ),
            audited=tuple({"at": _iso(at), "what": words} for at, words in mentions.audited(called)),
            memories=tuple({"name": row.name} for row in self._remembered(platform, viewer_id)),
        )

    def lives(self, platform: str, viewer_id: str) -> list[tuple[int | None, bool]]:
        """The lives with rows of theirs, and whether each may still grant them something; None: no live."""
        asked = select(_asks.c.live_id).where(self._is(_asks, platform, viewer_id))
        given = select(_offers.c.live_id).join(_grants, _grants.c.offer_id == _offers.c.id)
        given = given.where(self._is(_grants, platform, viewer_id))
        bound = select(_links.c.live_id).where(self._is(_links, platform, viewer_id))
        found = {id for some in (asked, given, bound) for id in self._connection.execute(some).scalars()}
        closed = select(_lives.c.id).where(_lives.c.state == LiveState.CLOSED)
        over = {None, *self._connection.execute(closed).scalars()}
        return sorted(((id, id not in over) for id in found), key=lambda one: one[0] or 0)

    def erase_in_live(
        self, platform: str, viewer_id: str, live_id: int | None, stand_in: str | None, now: datetime
    ) -> tuple[int, int, int]:
        """Hide the next rows of theirs in a live behind `stand_in`, or behind their own stand-in where the
        live must still know them; how many asks, grants and links. (0, 0, 0): nothing is left to be done.

        Their codes on the way to them stop: the claim page alone has them.
        """
        traces = self._traces(platform, viewer_id, live_id, is_final=stand_in is not None)
        # Who grants holds the offer: whoever asks meanwhile is known by their id, or by their stand-in.
        lock = select(_offers.c.id).where(_offers.c.live_id == live_id).order_by(_offers.c.id)
        self._connection.execute(lock.with_for_update()).all()
        Forgetting(self._connection, self._pseudonyms).hide(traces, stand_in)
        grants = [trace.id for trace in traces if trace.is_grant]
        asks = [trace.id for trace in traces if not trace.is_grant]
        self._stop(asks, grants, now)
        links = self._erase_links(platform, viewer_id, live_id, is_over=stand_in is not None)
        return len(asks), len(grants), links

    def erase_memories(self, platform: str, viewer_id: str) -> int:
        """Take them out of what our accounts remember; how many memories."""
        found = list(self._remembered(platform, viewer_id))
        for row in found:
            self._connection.execute(
                update(_memories)
                .where(_memories.c.id == row.id)
                .values(value=without_viewer(row.value, viewer_id))
            )
        return len(found)

    def _is(self, table: Any, platform: str, viewer_id: str) -> ColumnElement[bool]:
        ids = self._pseudonyms.known(platform, viewer_id)
        mine: ColumnElement[bool] = (table.c.platform == platform) & table.c.viewer_id.in_(ids)
        return mine

    def _traces(self, platform: str, viewer_id: str, live_id: int | None, *, is_final: bool) -> list[Trace]:
        """Hidden ones too where what stands for the viewer is to lead to nobody."""
        found: list[Trace] = []
        of_live = select(_offers.c.id).where(_offers.c.live_id == live_id)
        in_live = {
            _asks: _asks.c.live_id.is_not_distinct_from(live_id),
            _grants: _grants.c.offer_id.in_(of_live),
        }
        for table, where in in_live.items():
            c = table.c
            mine = (
                self._is(table, platform, viewer_id) if is_final else _is_plainly(table, platform, viewer_id)
            )
            rows = select(c.id, c.channel, c.message_id).where(mine, where).order_by(c.id).limit(AT_A_TIME)
            found += [
                Trace(row.id, table is _grants, platform, viewer_id, row.channel, row.message_id)
                for row in self._connection.execute(rows)
            ]
        return found

    def _stop(self, asks: Sequence[int], grants: Sequence[int], now: datetime) -> None:
        waits = _asks.c.id.in_(asks) & _asks.c.answered_at.is_(None)
        self._connection.execute(update(_asks).where(waits).values(answered_at=now))
        owed = _grants.c.id.in_(grants) & (_grants.c.delivery == DeliveryState.OWED)
        self._connection.execute(
            update(_grants).where(owed).values(delivery=DeliveryState.REFUSED, delivery_at=now)
        )

    def _erase_links(self, platform: str, viewer_id: str, live_id: int | None, *, is_over: bool) -> int:
        if is_over:
            mine = self._is(_links, platform, viewer_id) & (_links.c.live_id == live_id)
            return self._connection.execute(delete(_links).where(mine)).rowcount
        plainly = _is_plainly(_links, platform, viewer_id) & (_links.c.live_id == live_id)
        hidden = self._pseudonyms.viewer(platform, viewer_id)
        return self._connection.execute(update(_links).where(plainly).values(viewer_id=hidden)).rowcount

    def _asks(self, platform: str, viewer_id: str) -> Iterator[Fact]:
        mine = select(_asks).where(self._is(_asks, platform, viewer_id)).order_by(_asks.c.id)
        for row in self._connection.execute(mine):
            yield {
                "live": row.live_id,
                "channel": row.channel,
                "message": row.message_id,
                "role": row.role,
                "command": row.command,
                "argument": row.argument,
                "asked_at": _iso(row.at),
                "answered_at": _iso(row.answered_at),
                "is_hidden": is_hidden(row.viewer_id),
            }

    def _grants(self, platform: str, viewer_id: str) -> Sequence[Row[Any]]:
        code = func.coalesce(_codes.c.code, _offers.c.shared_code).label("code")
        joined = _grants.join(_offers, _offers.c.id == _grants.c.offer_id)
        joined = joined.outerjoin(_codes, _codes.c.id == _grants.c.code_id)
        mine = select(_grants, _offers.c.live_id, code).select_from(joined)
        return self._connection.execute(
            mine.where(self._is(_grants, platform, viewer_id)).order_by(_grants.c.id)
        ).all()

    def _redemptions(self, grant_ids: Sequence[int]) -> Iterator[Fact]:
        mine = select(_redemptions).where(_redemptions.c.grant_id.in_(grant_ids))
        for row in self._connection.execute(mine.order_by(_redemptions.c.id)):
            yield {
                "shop": row.shop,
                "order": row.order_id,
                "code": masked_code(row.code),
                "ordered_at": _iso(row.ordered_at),
                "discount": row.discount,
                "total": row.total,
                "refunded": row.refunded,
                "currency": row.currency,
                "state": row.state.value,
                "verdict": row.verdict.value,
                "customer": row.customer,
            }

    def _links(self, platform: str, viewer_id: str) -> Iterator[Fact]:
        mine = select(_links.c.live_id).where(self._is(_links, platform, viewer_id))
        for live_id in self._connection.execute(mine.order_by(_links.c.id)).scalars():
            yield {"live": live_id, "what": "a personal link was opened in one browser"}

    def _remembered(self, platform: str, viewer_id: str) -> Iterator[Row[Any]]:
        mine = select(_memories).where(_memories.c.platform == platform)
        for row in self._connection.execute(mine.order_by(_memories.c.id)).all():
            if without_viewer(row.value, viewer_id) != row.value:
                yield row


def _is_plainly(table: Any, platform: str, viewer_id: str) -> ColumnElement[bool]:
    mine: ColumnElement[bool] = (table.c.platform == platform) & (table.c.viewer_id == viewer_id)
    return mine


def _grant_fact(row: Row[Any]) -> Fact:
    return {
        "live": row.live_id,
        "offer": row.offer_id,
        "channel": row.channel,
        "message": row.message_id,
        "code": masked_code(row.code),
        "granted_at": _iso(row.granted_at),
        "delivery": row.delivery.value,
        "delivered_by": row.delivery_way.value if row.delivery_way else None,
        "delivery_at": _iso(row.delivery_at),
        "is_hidden": is_hidden(row.viewer_id),
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
