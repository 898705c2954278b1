"""The marketers' log: pages of what a filter finds, what it comes to, and the story behind each row."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, literal, select, tuple_

from domain.redemption_log import (
    HIDDEN,
    LogChoices,
    LogFilter,
    LogPage,
    LogRow,
    LogTotals,
    MaySee,
    PageWish,
    Place,
    Share,
    ShareBy,
    SortBy,
    Story,
    masked_code,
)
from domain.show import Ask, Grant, OfferKind
from store.asks import ask_of
from store.grant_rows import grant_of, select_grants
from store.lives import Lives
from store.log_filters import Conditions
from store.log_sums import LogSums
from store.log_upkeep import LogUpkeep
from store.offers import Offers
from store.products import Products
from store.tables import AskRow, GrantRow, OfferRow, RedemptionRow, table_of
from store.verdicts import redemption_of

_offers = table_of(OfferRow)
_grants = table_of(GrantRow)
_asks = table_of(AskRow)
_redemptions = table_of(RedemptionRow)

WALK_FROM = 20_000
"""Rows found from which a page is read along the index of what it is sorted by. Fewer are found by their
index and sorted: of 1,000,000 rows a walk would meet one of them in fifty."""
_EXPORTED_AT_A_TIME = 2_000
_AT_A_TIME = 300
_OTHERS = 20


class RedemptionLog:
    """The log of one unit of work. `may` says what is shown whole; all else is masked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sums = LogSums(connection)

    def page(self, wanted: LogFilter, wish: PageWish, may: MaySee) -> LogPage:
        """One page of what is wanted, with what all of it comes to. Raises `SearchTooWide`."""
        conditions = Conditions(self._connection, wanted)
        totals = self._sums.totals(conditions)
        if totals.rows == 0:
            return LogPage((), totals)
        return self._page(conditions, wish, totals, may)

    def totals(self, wanted: LogFilter) -> LogTotals:
        """What all that is wanted comes to."""
        return self._sums.totals(Conditions(self._connection, wanted))

    def shares(self, wanted: LogFilter, by: ShareBy) -> list[Share]:
        """What each channel, product, offer, mechanic or live brought of it, the most first."""
        return self._sums.shares(Conditions(self._connection, wanted), by)

    def choices(self) -> LogChoices:
        """The channels and products that can be filtered by."""
        return self._sums.choices(Conditions(self._connection, LogFilter()))

    def rows(self, wanted: LogFilter, may: MaySee) -> Iterator[LogRow]:
        """All that is wanted, by the time of the order, read some thousands at a time."""
        rows, place = self.part(wanted, None, may)
        yield from rows
        while place is not None:
            rows, place = self.part(wanted, place, may)
            yield from rows

    def part(
        self, wanted: LogFilter, after: Place | None, may: MaySee
    ) -> tuple[tuple[LogRow, ...], Place | None]:
        """Some thousand rows by the time of the order, from `after` on; where to go on, None at the end."""
        wish = PageWish(is_descending=False, size=_EXPORTED_AT_A_TIME, after=after)
        found = self._read(Conditions(self._connection, wanted), wish, 0, is_descending=False)
        has_more, found = len(found) > wish.size, found[: wish.size]
        rows = tuple(self._dressed(found, may))
        return rows, Place(found[-1].ordered_at, found[-1].id) if has_more else None

    def story(self, id: int, may: MaySee) -> Story | None:
        """How a redemption came about; None when there is no such."""
        found = self._connection.execute(select(_redemptions).where(_redemptions.c.id == id)).first()
        if found is None:
            return None
        offer = Offers(self._connection).get(found.offer_id)
        live = Lives(self._connection).get(found.live_id)
        assert offer is not None and live is not None, "a redemption is of an offer of a live"
        (row,) = self._dressed([found], may)
        given = self._connection.execute(select_grants().where(_grants.c.id == found.grant_id)).first()
        return Story(
            row=row,
            live=live,
            offer=offer,
            product=Products(self._connection).get(found.sku) if found.sku else None,
            grant=_shown(grant_of(given), row) if given else None,
            ask=self._ask(given, row) if given else None,
            delivery=given.delivery if given else None,
            delivery_way=given.delivery_way if given else None,
            delivery_at=given.delivery_at if given else None,
            seen_at=found.seen_at,
            others=self._others(found, may),
        )

    def reindex(self, grant_ids: Sequence[int]) -> None:
        """Let redemptions be found by what the viewers of these grants are called now."""
        upkeep = LogUpkeep(self._connection)
        named = select(_redemptions.c.id, _grants.c.viewer_name).join(
            _grants, _grants.c.id == _redemptions.c.grant_id
        )
        for start in range(0, len(grant_ids), _AT_A_TIME):
            part = grant_ids[start : start + _AT_A_TIME]
            rows = self._connection.execute(named.where(_grants.c.id.in_(part)))
            names = {row.id: row.viewer_name for row in rows}
            upkeep.forget_viewers(list(names))
            upkeep.index_viewers(names)

    def _page(self, conditions: Conditions, wish: PageWish, totals: LogTotals, may: MaySee) -> LogPage:
        is_backward = wish.before is not None or wish.is_last
        found = self._read(conditions, wish, totals.rows, is_descending=wish.is_descending != is_backward)
        has_more, found = len(found) > wish.size, found[: wish.size]
        if is_backward:
            found.reverse()
        if not found:
            return LogPage((), totals)
        first, last = (Place(getattr(row, wish.by.value), row.id) for row in (found[0], found[-1]))
        has_next = wish.before is not None if is_backward else has_more
        has_previous = has_more if is_backward else wish.after is not None
        rows = tuple(self._dressed(found, may))
        return LogPage(rows, totals, last if has_next else None, first if has_previous else None)

    def _read(
        self, conditions: Conditions, wish: PageWish, count: int, *, is_descending: bool
    ) -> list[Row[Any]]:
        """One row more than the page has, from where it begins."""
        is_led, is_by_time, is_sorted = _way(conditions, wish.by, count)
        key = conditions.column(wish.by.value, is_shown=is_sorted)
        where = conditions.of_rows(is_led=is_led, is_by_time=is_by_time)
        start = wish.before if wish.before is not None else wish.after
        if start is not None:
            where.append(_beyond(key, start, is_descending=is_descending))
        ends = (key.desc(), _redemptions.c.id.desc()) if is_descending else (key, _redemptions.c.id)
        rows = select(_redemptions).where(*where).order_by(*ends).limit(wish.size + 1)
        return list(self._connection.execute(rows))

    def _dressed(self, found: Sequence[Row[Any]], may: MaySee) -> Iterator[LogRow]:
        """The rows with what their offers and grants tell of them."""
        mechanics = {row.id: row for row in self._by_ids(_offers, {row.offer_id for row in found})}
        grants = {row.id: row for row in self._by_ids(_grants, {row.grant_id for row in found} - {None})}
        for row in found:
            redemption, offer, grant = redemption_of(row), mechanics[row.offer_id], grants.get(row.grant_id)
            if offer.kind is OfferKind.UNIQUE and not may.codes:
                redemption = replace(redemption, code=masked_code(row.code))
            yield LogRow(
                id=row.id,
                redemption=redemption,
                verdict=row.verdict,
                net=row.net,
                live_id=row.live_id,
                offer_id=row.offer_id,
                mechanic=offer.mechanic,
                channel=row.channel,
                sku=row.sku,
                viewer=(grant.viewer_name if may.viewers else HIDDEN) if grant else None,
                platform=grant.platform if grant else None,
                granted_at=grant.granted_at if grant else None,
            )

    def _by_ids(self, table: Table, ids: Iterable[int]) -> Iterator[Row[Any]]:
        wanted = sorted(ids)
        for start in range(0, len(wanted), _AT_A_TIME):
            part = wanted[start : start + _AT_A_TIME]
            yield from self._connection.execute(select(table).where(table.c.id.in_(part)))

    def _ask(self, grant: Row[Any], shown: LogRow) -> Ask | None:
        """The message that brought a grant."""
        its = (_asks.c.channel == grant.channel) & (_asks.c.message_id == grant.message_id)
        row = self._connection.execute(select(_asks).where(its)).first()
        if row is None:
            return None
        ask = ask_of(row)
        return ask if shown.viewer != HIDDEN else replace(ask, viewer_name=HIDDEN, viewer_id=HIDDEN)

    def _others(self, found: Row[Any], may: MaySee) -> tuple[LogRow, ...]:
        """The further redemptions of the same order, or of the same unique code."""
        its_order = (_redemptions.c.shop == found.shop) & (_redemptions.c.order_id == found.order_id)
        wanted = its_order
        if found.grant_id is not None:
            wanted = its_order | (_redemptions.c.grant_id == found.grant_id)
        rows = select(_redemptions).where(wanted, _redemptions.c.id != found.id)
        rows = rows.order_by(_redemptions.c.ordered_at, _redemptions.c.id).limit(_OTHERS)
        return tuple(self._dressed(self._connection.execute(rows).all(), may))


def _way(conditions: Conditions, by: SortBy, count: int) -> tuple[bool, bool, bool]:
    """Which indexes SQLite is to use: the leading value's, those of the time, that of what is sorted by.

    A leading value's index is by time too, except that of an offer.
    """
    is_walk = count >= WALK_FROM
    if conditions.found is not None:
        return False, False, False
    if by is not SortBy.ORDERED_AT:
        return not is_walk, not is_walk, is_walk
    if conditions.leader == "offer_id" and not is_walk:
        return True, False, False
    return conditions.leader != "offer_id", True, True


def _shown(grant: Grant, row: LogRow) -> Grant:
    """A grant with its code and viewer as they are shown in the log."""
    shown = replace(grant, code=row.redemption.code)
    return shown if row.viewer != HIDDEN else replace(shown, viewer_name=HIDDEN, viewer_id=HIDDEN)


def _beyond(key: ColumnElement[Any], start: Place, *, is_descending: bool) -> ColumnElement[bool]:
    """What comes after `start`. A pair of bound values, each of its column's type."""
    here = tuple_(key, _redemptions.c.id)
    there = tuple_(literal(start.value, key.type), literal(start.id, _redemptions.c.id.type))
    return here < there if is_descending else here > there
