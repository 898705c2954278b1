"""What the figures of a live are counted from. The database counts; what comes back is one row a figure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Select,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy import literal_column as sql

from domain.redemption import Verdict
from domain.report import Stretch
from domain.shop import OrderState
from domain.show import OfferKind
from store.columns import UtcTime, from_sqlite_time
from store.tables import AskRow, GrantRow, OfferRow, RedemptionRow, table_of

asks = table_of(AskRow)
grants = table_of(GrantRow)
offers = table_of(OfferRow)
redemptions = table_of(RedemptionRow)

CODE = "code"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
VERY_SHORT = timedelta(minutes=15)
_AUDIENCE = ("viewer", "subscriber")  # roles; who moderates is no viewer to be won
_STANDING = (OrderState.PLACED, OrderState.REFUNDED)
_FLAGS = ("wants", "holds", "owns", "buys")
Bucket = ColumnElement[Any]
Columns = Iterable[ColumnElement[Any]]


def asked(live_id: int) -> Select[Any]:
    """A row for each command that a viewer wrote in a live."""
    who = (asks.c.channel, asks.c.platform, asks.c.viewer_id, asks.c.at)
    offer: Columns = (sql("''").label("offer"), sql("''").label("mechanic"))
    wants = case((asks.c.command == CODE, sql("1")), else_=sql("0")).label("wants")
    came: Columns = (sql("1").label("questions"), wants, *(sql("0").label(name) for name in _FLAGS[1:]))
    return select(*who, *offer, *came).where(asks.c.live_id == live_id, asks.c.role.in_(_AUDIENCE))


def held(live_id: int) -> Select[Any]:
    """A row for each grant under a live's offers, and for each order by one of them that keeps the rules."""
    given = _of_grant("0").select_from(grants.join(offers, offers.c.id == grants.c.offer_id))
    of_order = redemptions.join(grants, grants.c.id == redemptions.c.grant_id)
    bought = _of_grant("1").select_from(of_order.join(offers, offers.c.id == redemptions.c.offer_id))
    bought = bought.where(_stands(), redemptions.c.verdict == Verdict.VALID)
    mine = offers.c.live_id == live_id
    return select(union_all(given.where(mine), bought.where(mine)).subquery())


def _of_grant(buys: str) -> Select[Any]:
    who = (grants.c.channel, grants.c.platform, grants.c.viewer_id, grants.c.granted_at.label("at"))
    offer: Columns = (_offer(), cast(offers.c.mechanic, String).label("mechanic"))
    owns = case((offers.c.kind == OfferKind.UNIQUE, sql("1")), else_=sql("0")).label("owns")
    came: Columns = (sql("0").label("questions"), sql("1").label("wants"), sql("1").label("holds"), owns)
    return select(*who, *offer, *came, sql(buys).label("buys"))


def _offer() -> Bucket:
    return cast(offers.c.id, String).label("offer")


def _stands() -> ColumnElement[bool]:
    return redemptions.c.state.in_(_STANDING)


def viewers_by(buckets: Mapping[str, Bucket], events: Subquery) -> CompoundSelect[Any]:
    """How many different viewers came how far: a row in all, its `kind` empty, and for each of `buckets` a
    row for each value of it. The crowd's rows are read and sorted once, the rest is made of what that leaves.
    """
    labelled = (bucket.label(kind) for kind, bucket in buckets.items())
    each = _each(select(*labelled, events).subquery(), [*buckets]).cte("each_viewer")
    return union_all(*(_counted(each, kind) for kind in ("", *buckets)))


def _each(rows: FromClause, kinds: list[str]) -> Select[Any]:
    """A row for each viewer in each of the buckets."""
    who = [rows.c[name] for name in (*kinds, "platform", "viewer_id")]
    flags = (func.max(rows.c[name]).label(name) for name in _FLAGS)
    return select(*who, func.sum(rows.c.questions).label("questions"), *flags).group_by(*who)


def _counted(each: FromClause, kind: str) -> Select[Any]:
    rows = _each(each, [kind] if kind else []).subquery()
    bucket: Bucket = rows.c[kind] if kind else sql("''")
    counts = (func.sum(rows.c[name]).label(name) for name in ("questions", *_FLAGS))
    of_kind: Columns = (sql(f"'{kind}'").label("kind"), bucket.label("bucket"))
    counted = select(*of_kind, func.count().label("viewers"), *counts)
    return counted.group_by(rows.c[kind]) if kind else counted


def uses(live_id: int) -> Select[Any]:
    """A row for each use of a live's code by an order that stands, with the grant behind it if there is one.

    `at` is when its code was given; for a shared code, which was given to nobody in particular, when it was
    ordered.
    """
    joined = redemptions.join(offers, offers.c.id == redemptions.c.offer_id)
    joined = joined.outerjoin(grants, grants.c.id == redemptions.c.grant_id)
    order = (redemptions.c.shop, redemptions.c.order_id, redemptions.c.currency, redemptions.c.verdict)
    amounts = (redemptions.c.total, redemptions.c.refunded, redemptions.c.ordered_at)
    is_shared = case((offers.c.kind == OfferKind.SHARED, sql("1")), else_=sql("0")).label("is_shared")
    at = func.coalesce(grants.c.granted_at, redemptions.c.ordered_at, type_=UtcTime()).label("at")
    offer: Columns = (_offer(), cast(offers.c.mechanic, String).label("mechanic"), is_shared, at)
    channel = func.coalesce(grants.c.channel, sql("''")).label("channel")
    return (
        select(*order, *amounts, *offer, channel)
        .select_from(joined)
        .where(offers.c.live_id == live_id, _stands())
    )


def takings_by(bucket: Bucket, uses: Subquery, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Orders and what they brought, by `bucket` and currency; an order with two of our codes counts once."""
    rows = select(bucket.label("bucket"), uses).where(*conditions).subquery()
    order = (rows.c.bucket, rows.c.currency, rows.c.shop, rows.c.order_id)
    amounts = (func.max(rows.c.total).label("paid"), func.max(rows.c.refunded).label("refunded"))
    more = (func.min(rows.c.is_shared).label("is_shared"), func.count().label("uses"))
    each = select(*order, *amounts, *more).group_by(*order).subquery()
    sums = (func.sum(each.c[name]).label(name) for name in ("paid", "refunded", "is_shared", "uses"))
    found = select(each.c.bucket, each.c.currency, func.count().label("orders"), *sums)
    return found.group_by(each.c.bucket, each.c.currency)


def on_screen(at: Bucket, stretches: Sequence[Stretch]) -> Bucket:
    """The SKU on screen at `at`, empty for none: found in halves, for a crowd's every row asks for it."""
    marks = list(_marks(stretches))
    return _within(at, [moment for moment, _ in marks], ["", *(sku for _, sku in marks)])


def _marks(stretches: Sequence[Stretch]) -> Iterator[tuple[datetime, str]]:
    """From when on what is on screen, in order."""
    for number, stretch in enumerate(stretches):
        yield stretch.at, stretch.sku
        then = stretches[number + 1].at if number + 1 < len(stretches) else None
        if stretch.until is not None and stretch.until != then:
            yield stretch.until, ""


def _within(at: Bucket, marks: list[datetime], skus: list[str]) -> Bucket:
    """`skus[n]` for a time that n of `marks` have passed."""
    if not marks:
        return literal(skus[0])
    half = len(marks) // 2
    before = _within(at, marks[:half], skus[: half + 1])
    after = _within(at, marks[half + 1 :], skus[half + 1 :])
    return case((at < literal(marks[half], UtcTime()), before), else_=after)


def step_of(connection: Connection, live_id: int) -> timedelta:
    """How finely a live is told: by the second when all that was written in it is within minutes."""
    written = select(func.min(asks.c.at), func.max(asks.c.at)).where(asks.c.live_id == live_id)
    first, last = connection.execute(written).one()
    return SECOND if first is not None and last - first < VERY_SHORT else MINUTE


def by_time(connection: Connection, at: Bucket, rows: Select[Any], step: timedelta) -> dict[datetime, int]:
    """How many of `rows`, selected without columns, fall in each minute, or each second."""
    is_sqlite = connection.dialect.name == "sqlite"
    name, length = ("minute", 16) if step == MINUTE else ("second", 19)
    moment = func.substr(at, 1, length) if is_sqlite else func.date_trunc(name, at, type_=UtcTime())
    found = connection.execute(rows.add_columns(moment.label("moment"), func.count()).group_by("moment"))
    return {from_sqlite_time(at) if is_sqlite else at.astimezone(UTC): count for at, count in found}
