"""Uses of our codes by the shop's orders: one row for each order and code, whichever way it came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.redemption import CLOCK_SKEW, Redemption, Verdict
from domain.redemption_log import NOWHERE, hour_of, net_of
from domain.shop import Order, OrderState
from domain.show import Grant, Offer
from store.grant_rows import grant_of, select_grants
from store.log_upkeep import LogUpkeep
from store.offers import offer_of
from store.tables import CodeRow, GrantRow, LiveRow, OfferRow, RedemptionRow, table_of
from store.verdicts import COUNTED, Verdicts, parts, redemption_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_grants = table_of(GrantRow)
_lives = table_of(LiveRow)
_redemptions = table_of(RedemptionRow)

# Made once: webhooks come by the hundred a second, and making a statement takes longer than running it.
_of_live = (_lives, _lives.c.id == _offers.c.live_id)
_offer = (_offers.c.id.label("offer_id"), _offers.c.live_id, _lives.c.opened_at)
_UNIQUE = (
    select(_codes.c.code, *_offer)
    .join(_offers, _offers.c.id == _codes.c.offer_id)
    .join(*_of_live)
    .where(_codes.c.folded.in_(bindparam("folded", expanding=True)))
)
_SHARED = (
    select(_offers.c.shared_code.label("code"), *_offer)
    .join(*_of_live)
    .where(func.lower(_offers.c.shared_code).in_(bindparam("folded", expanding=True)))
)
_KNOWN = (
    select(_redemptions)
    .where(
        _redemptions.c.shop == bindparam("its_shop"),
        _redemptions.c.order_id.in_(bindparam("order_ids", expanding=True)),
    )
    .order_by(_redemptions.c.id)
    .with_for_update()
)
_KEPT = ("id", "grant_id", "shop", "order_id", "code", "seen_at", "verdict", "channel", "sku")


def _upsert(dialect: Any) -> Any:
    adding = dialect.insert(_redemptions)
    return adding.on_conflict_do_update(
        index_elements=["shop", "order_id", "code"],
        set_={name: column for name, column in adding.excluded.items() if name not in _KEPT},
        where=adding.excluded.version >= _redemptions.c.version,
    )


_UPSERTS = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}


@dataclass(frozen=True, slots=True)
class RedemptionLine:
    """A redemption with its verdict, and the grant behind it when there is one. The code is a secret."""

    redemption: Redemption
    verdict: Verdict
    offer: Offer
    grant: Grant | None
    seen_at: datetime

    def __repr__(self) -> str:
        return f"RedemptionLine({self.redemption!r}, verdict={self.verdict.value!r})"


@dataclass(frozen=True, slots=True)
class _Ours:
    """A code of ours under one of the offers it stands for."""

    code: str
    offer_id: int
    live_id: int
    opened_at: datetime | None


class Redemptions:
    """The redemptions of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._log = LogUpkeep(connection)

    def record(self, shop: str, orders: Iterable[Order], now: datetime, grace: timedelta) -> int:
        """Write what `orders` say of our codes; how many of the orders carry one of them, or did.

        May be told of anything at any time, in any order and again: of each order the newest version
        stands, and rows whose code the order no longer carries go. Orders without our codes leave nothing.
        """
        touched: dict[tuple[int, str], set[str]] = {}
        told = 0
        for part in parts(list(_newest(orders).values())):
            found = self._record(shop, part, now)
            for key, order_ids in found.items():
                touched.setdefault(key, set()).update(order_ids)
            told += len({order_id for order_ids in found.values() for order_id in order_ids})
        Verdicts(self._connection, grace).decide(touched)
        return told

    def gone(self, shop: str, order_id: str, grace: timedelta) -> None:
        """The shop has the order no more: its uses are cancelled."""
        mine = (_redemptions.c.shop == shop, _redemptions.c.order_id == order_id)
        rows = self._connection.execute(select(_redemptions).where(*mine)).all()
        self._log.mark(row.hour for row in rows)
        self._connection.execute(update(_redemptions).where(*mine).values(state=OrderState.CANCELLED, net=0))
        Verdicts(self._connection, grace).decide({(row.offer_id, row.code): {order_id} for row in rows})

    def verdicts(self, live_id: int) -> dict[Verdict, int]:
        """How many uses by orders that stand got each verdict."""
        found = self._of_live(live_id, select(_redemptions.c.verdict, func.count().label("uses")))
        rows = self._connection.execute(found.group_by(_redemptions.c.verdict))
        return {row.verdict: row.uses for row in rows}

    def revenue(self, live_id: int) -> dict[str, int]:
        """What the valid orders that stand brought, net of refunds, in minor units by currency; an order
        with two of our codes counts once."""
        net = func.max(_redemptions.c.net)
        orders = self._of_live(live_id, select(_redemptions.c.currency, net.label("net")))
        orders = orders.where(_redemptions.c.verdict == Verdict.VALID)
        each = orders.group_by(
            _redemptions.c.shop, _redemptions.c.order_id, _redemptions.c.currency
        ).subquery()
        sums = select(each.c.currency, func.sum(each.c.net)).group_by(each.c.currency)
        return {currency: int(total) for currency, total in self._connection.execute(sums)}

    def _of_live(self, live_id: int, statement: Any) -> Any:
        joined = statement.select_from(_redemptions.join(_offers, _offers.c.id == _redemptions.c.offer_id))
        return joined.where(_offers.c.live_id == live_id, _redemptions.c.state.in_(COUNTED))

    def _ours(self, folded: set[str]) -> dict[str, list[_Ours]]:
        """Which of these codes, in lower case, are ours, under which offers."""
        found: dict[str, list[_Ours]] = {}
        for part in parts(sorted(folded)):
            for row in (
                *self._connection.execute(_UNIQUE, {"folded": part}),
                *self._connection.execute(_SHARED, {"folded": part}),
            ):
                found.setdefault(row.code.lower(), []).append(_Ours(*row))
        return found

    def _known(self, shop: str, order_ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
        known: dict[str, list[Row[Any]]] = {}
        for row in self._connection.execute(_KNOWN, {"its_shop": shop, "order_ids": order_ids}):
            known.setdefault(row.order_id, []).append(row)
        return known

    def _record(self, shop: str, orders: Sequence[Order], now: datetime) -> dict[tuple[int, str], set[str]]:
        """Write orders, each of which is there once; which of them touch which (offer, code)."""
        ours = self._ours({use.code.lower() for order in orders for use in order.uses})
        known = self._known(shop, [order.id for order in orders])
        touched: dict[tuple[int, str], set[str]] = {}
        dropped, written = list[int](), list[dict[str, Any]]()
        fresh, hours = list[str](), set[int]()
        for order in orders:
            before = known.get(order.id, [])
            if any(row.version > order.version for row in before):
                continue
            uses = _uses(order, ours)
            dropped += [row.id for row in before if row.code not in uses]
            one = len(uses) == 1
            written += [_row(shop, order, *use, now, is_alone=one) for use in uses.values()]
            hours |= {row.hour for row in before} | ({hour_of(order.ordered_at)} if uses else set())
            if uses.keys() - {row.code for row in before}:
                fresh.append(order.id)
            for offer_id, code in (
                *((row.offer_id, row.code) for row in before),
                *((mine.offer_id, code) for code, (mine, _) in uses.items()),
            ):
                touched.setdefault((offer_id, code), set()).add(order.id)
        for part in parts(dropped):
            self._log.forget_words(part)
            self._connection.execute(delete(_redemptions).where(_redemptions.c.id.in_(part)))
        if written:
            self._connection.execute(_UPSERTS[self._connection.dialect.name], written)
        self._log.index_orders(shop, fresh)
        self._log.mark(hours)
        return touched

    def _grants(self, ids: list[int]) -> dict[int, Grant]:
        found: dict[int, Grant] = {}
        for part in parts(ids):
            for row in self._connection.execute(select_grants().where(_grants.c.id.in_(part))):
                found[row.id] = grant_of(row)
        return found

    def list(self, live_id: int | None = None, *, limit: int | None = None) -> list[RedemptionLine]:
        """The redemptions of one live or of all, by the time of the order."""
        statement = select(_redemptions).order_by(_redemptions.c.ordered_at, _redemptions.c.id)
        if live_id is not None:
            statement = statement.join(_offers, _offers.c.id == _redemptions.c.offer_id)
            statement = statement.where(_offers.c.live_id == live_id)
        rows = self._connection.execute(statement.limit(limit)).all()
        offers = {row.id: offer_of(row) for row in self._connection.execute(select(_offers))}
        grants = self._grants([row.grant_id for row in rows if row.grant_id is not None])
        return [
            RedemptionLine(
                redemption_of(row), row.verdict, offers[row.offer_id], grants.get(row.grant_id), row.seen_at
            )
            for row in rows
        ]


def _newest(orders: Iterable[Order]) -> dict[str, Order]:
    newest: dict[str, Order] = {}
    for order in orders:
        known = newest.get(order.id)
        if known is None or order.version >= known.version:
            newest[order.id] = order
    return newest


def _at(ordered_at: datetime, spelling: str, candidates: Sequence[_Ours]) -> _Ours:
    """Which offer a code stood for at the time: as it is spelled if so, of the live that had opened last."""
    exact = [one for one in candidates if one.code == spelling] or list(candidates)
    opened = [one for one in exact if one.opened_at is not None and one.opened_at <= ordered_at + CLOCK_SKEW]
    return max(opened or exact[:1], key=lambda one: (one.opened_at is not None, one.opened_at, -one.offer_id))


def _uses(order: Order, ours: dict[str, list[_Ours]]) -> dict[str, tuple[_Ours, int]]:
    """Our codes on an order, each with what it took off in minor units."""
    uses: dict[str, tuple[_Ours, int]] = {}
    for use in order.uses:
        candidates = ours.get(use.code.lower())
        if candidates:
            mine = _at(order.ordered_at, use.code, candidates)
            before = uses[mine.code][1] if mine.code in uses else 0
            uses[mine.code] = mine, before + use.discount.amount
    return uses


def _row(
    shop: str, order: Order, mine: _Ours, discount: int, now: datetime, *, is_alone: bool
) -> dict[str, Any]:
    return {
        "shop": shop,
        "order_id": order.id,
        "code": mine.code,
        "offer_id": mine.offer_id,
        "discount": discount,
        "total": order.total.amount,
        "refunded": order.refunded.amount,
        "currency": order.total.currency,
        "ordered_at": order.ordered_at,
        "version": order.version,
        "state": order.state,
        "verdict": Verdict.NEVER_GRANTED,
        "customer": order.customer,
        "seen_at": now,
        "live_id": mine.live_id,
        "channel": NOWHERE,
        "sku": NOWHERE,
        "net": net_of(order.total.amount, order.refunded.amount, order.state),
        "hour": hour_of(order.ordered_at),
        "is_alone": is_alone,
    }
