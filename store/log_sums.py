"""What redemptions come to: ready sums of whole hours, and rows where those will not do."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Subquery,
    case,
    func,
    literal,
    literal_column,
    select,
    text,
    union_all,
)

from domain.redemption_log import NOWHERE, LogChoices, LogTotals, Share, ShareBy, Sums
from domain.shop import OrderState
from store.log_filters import Conditions
from store.tables import OfferRow, RedemptionRow, RedemptionSumRow, StaleHourRow, table_of

_offers = table_of(OfferRow)
_redemptions = table_of(RedemptionRow)
_sums = table_of(RedemptionSumRow)
_stale = table_of(StaleHourRow)

_GROUPS = ("live_id", "offer_id", "channel", "sku", "verdict")
_MONEY = ("discount", "total", "refunded", "net")
_GROUP_OF = {
    ShareBy.CHANNEL: "channel",
    ShareBy.PRODUCT: "sku",
    ShareBy.OFFER: "offer_id",
    ShareBy.LIVE: "live_id",
    ShareBy.MECHANIC: "mechanic",
}
# As the partial index of these orders has it, word for word: SQLite uses that only then.
_TOGETHER = text("NOT redemptions.is_alone")
Summed = dict[tuple[Any, ...], Sums]
"""Sums by the group's value, if there is one, and the currency."""


class LogSums:
    """Sums over the log of one unit of work.

    An order that is alone, with one code of ours, is in the ready sums of its hour. Those of an hour in which
    something was written since are left aside and its rows read; so are those of an hour wanted in part.
    Orders with several codes are always read: each counts once among those that are wanted.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def totals(self, wanted: Conditions) -> LogTotals:
        """All that is wanted, by currency and by verdict."""
        alone = self._alone("verdict", wanted)
        together = self._together("verdict", wanted)
        by_currency: Summed = {}
        _add(by_currency, {(currency, verdict): sums for (verdict, currency), sums in alone.items()})
        _add(by_currency, self._together("", wanted))
        _add(alone, together, length=2)
        return LogTotals({currency: sums for (currency,), sums in by_currency.items()}, alone)

    def shares(self, wanted: Conditions, by: ShareBy) -> list[Share]:
        """What each channel, product, offer, mechanic or live brought, the most first.

        An order with codes of two of them is counted with both.
        """
        group = _GROUP_OF[by]
        found = self._alone(group, wanted)
        _add(found, self._together(group, wanted), length=2)
        shares = [Share(str(key), currency, sums) for (key, currency), sums in found.items()]
        return sorted(shares, key=lambda share: (-share.sums.net, -share.sums.orders, share.key))

    def choices(self, every: Conditions) -> LogChoices:
        """The channels and products that redemptions came from."""
        channels, skus = (
            tuple(sorted({str(key) for key, _ in self._alone(group, every)} - {NOWHERE}))
            for group in ("channel", "sku")
        )
        return LogChoices(channels, skus)

    def _alone(self, group: str, wanted: Conditions) -> Summed:
        """Orders with one code, from ready sums and from rows."""
        if wanted.found is not None:
            return {}  # what a search finds is few: all of it is read as orders with several codes are
        each = self._each_alone(group, wanted).subquery("each_use")
        keys = [*_grouped(group, each), each.c.currency]
        summed = select(*keys, func.sum(each.c.uses), *(func.sum(each.c[name]) for name in _MONEY))
        found: Summed = {}
        for *key, uses, discount, total, refunded, net in self._connection.execute(
            _with_offers(summed, group, each).group_by(*keys)
        ):
            uses = int(uses)
            found[tuple(key)] = Sums(uses, uses, int(discount), int(total), int(refunded), int(net))
        return found

    def _together(self, group: str, wanted: Conditions) -> Summed:
        """Orders with several codes of ours, each counted once in its group; every code's discount counts."""
        is_search = wanted.found is not None
        use = self._uses(wanted, is_by_time=not is_search)
        use = use if is_search else use.where(_TOGETHER)
        each = use.add_columns(_redemptions.c.shop, _redemptions.c.order_id).subquery("each_use")
        keys = [*_grouped(group, each), each.c.currency]
        once = select(
            *(key.label(f"key_{place}") for place, key in enumerate(keys)),
            func.sum(each.c.uses).label("uses"),
            func.sum(each.c.discount).label("discount"),
            *(func.max(each.c[name]).label(name) for name in _MONEY[1:]),
        )
        orders = _with_offers(once, group, each).group_by(*keys, each.c.shop, each.c.order_id).subquery()
        outer = [orders.c[f"key_{place}"] for place in range(len(keys))]
        counts = (func.sum(orders.c.uses), func.count())
        summed = select(*outer, *counts, *(func.sum(orders.c[name]) for name in _MONEY)).group_by(*outer)
        return {
            tuple(row[: len(keys)]): Sums(*map(int, row[len(keys) :]))
            for row in self._connection.execute(summed)
        }

    def _each_alone(self, group: str, wanted: Conditions) -> CompoundSelect[Any]:
        rows = self._uses(wanted, is_by_time=False).where(_redemptions.c.is_alone)
        # One list of hours, in one IN: SQLite uses no index for two that are joined by OR.
        hours = [select(literal(hour)) for hour in wanted.broken_hours()]
        by_row = union_all(select(_stale.c.hour), *hours).subquery("by_row")
        ready = select(*(_sums.c[name] for name in (*_GROUPS, "currency", "uses", *_MONEY)))
        ready = ready.where(*wanted.of_sums(_sums, group), _sums.c.hour.not_in(select(by_row.c.hour)))
        return union_all(ready, rows.where(_redemptions.c.hour.in_(select(by_row.c.hour))))

    def _uses(self, wanted: Conditions, *, is_by_time: bool) -> Select[Any]:
        """Redemptions in the shape of sums; a cancelled order brings no money."""
        is_cancelled = _redemptions.c.state == OrderState.CANCELLED
        money = [case((is_cancelled, 0), else_=_redemptions.c[name]).label(name) for name in _MONEY]
        one: ColumnElement[int] = literal_column("1").label("uses")
        # Not shown as columns that have an index: SQLite would walk that of what is grouped by, row by row.
        named = (wanted.column(name, is_shown=False).label(name) for name in (*_GROUPS, "currency"))
        return select(*named, one, *money).where(*wanted.of_rows(is_by_time=is_by_time))


def _grouped(group: str, each: Subquery) -> list[ColumnElement[Any]]:
    if not group:
        return []
    return [_offers.c.mechanic if group == "mechanic" else each.c[group]]


def _with_offers(statement: Select[Any], group: str, each: Subquery) -> Select[Any]:
    if group != "mechanic":
        return statement
    return statement.select_from(each.join(_offers, _offers.c.id == each.c.offer_id))


def _add(to: Summed, more: Mapping[tuple[Any, ...], Sums], *, length: int = 1) -> None:
    """Add sums to those of the same key, of which the first `length` parts count."""
    for key, sums in more.items():
        before = to.get(key[:length], Sums())
        to[key[:length]] = Sums(
            *(getattr(before, name) + getattr(sums, name) for name in ("rows", "orders", *_MONEY))
        )
