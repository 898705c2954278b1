"""Uses of our codes by the shop's orders: one row for each order and code, whichever way it came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.redemption import Redemption, Verdict
from domain.redemption_log import hour_of
from domain.shop import Order, OrderState
from domain.show import CodeState, Grant, Offer, OfferKind
from store.grant_rows import grant_of, select_grants
from store.lives import Lives
from store.log_upkeep import LogUpkeep
from store.offers import offer_of
from store.redemption_rows import COUNTED, Ours, newest, offer_at, redemption_of, use_row, verdicts
from store.tables import CodeRow, GrantRow, OfferRow, RedemptionRow, table_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_grants = table_of(GrantRow)
_redemptions = table_of(RedemptionRow)

_AT_A_TIME = 300  # SQLite before 3.32 takes 999 parameters in a statement


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


class Redemptions:
    """The redemptions of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        self._log = LogUpkeep(connection)

    def record(self, shop: str, orders: Iterable[Order], now: datetime, grace: timedelta) -> int:
        """Write what `orders` say of our codes; how many of the orders carry one of them, or did.

        May be told of anything at any time, in any order and again: of each order the newest version
        stands, and rows whose code the order no longer carries go. Orders without our codes leave nothing.
        """
        given = newest(orders)
        touched: set[tuple[int, str]] = set()
        told = 0
        for part in _parts(list(given.values())):
            ours = self._ours({use.code.lower() for order in part for use in order.uses})
            known = self._known(shop, [order.id for order in part])
            changed = []
            for order in part:
                keys = self._record(shop, order, ours, known.get(order.id, []), now)
                if keys:
                    changed.append(order)
                touched |= keys
            self._log.index_orders(shop, [order.id for order in changed])
            told += len(changed)
        for offer_id, code in sorted(touched):
            self._judge(offer_id, code, grace)
        return told

    def gone(self, shop: str, order_id: str, grace: timedelta) -> None:
        """The shop has the order no more: its uses are cancelled."""
        mine = (_redemptions.c.shop == shop, _redemptions.c.order_id == order_id)
        rows = self._connection.execute(select(_redemptions).where(*mine)).all()
        self._log.mark(row.hour for row in rows)
        self._connection.execute(update(_redemptions).where(*mine).values(state=OrderState.CANCELLED, net=0))
        for row in rows:
            self._judge(row.offer_id, row.code, grace)

    def verdicts(self, live_id: int) -> dict[Verdict, int]:
        """How many uses by orders that stand got each verdict."""
        found = self._of_live(live_id, select(_redemptions.c.verdict, func.count().label("uses")))
        rows = self._connection.execute(found.group_by(_redemptions.c.verdict))
        return {row.verdict: row.uses for row in rows}

    def revenue(self, live_id: int) -> dict[str, int]:
        """What the valid orders that stand brought, net of refunds, in minor units by currency; an order
        with two of our codes counts once."""
        net = func.max(_redemptions.c.total - _redemptions.c.refunded)
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

    def _ours(self, folded: set[str]) -> dict[str, list[Ours]]:
        """Which of these codes, in lower case, are ours, under which offers."""
        found: dict[str, list[Ours]] = {}
        lives = {live.id: live for live in Lives(self._connection).list()} if folded else {}
        for part in _parts(sorted(folded)):
            unique = select(_codes.c.code, _codes.c.id.label("code_id"), *_offers.c).join(
                _offers, _offers.c.id == _codes.c.offer_id
            )
            shared = select(_offers.c.shared_code.label("code"), *_offers.c)
            for row in (
                *self._connection.execute(unique.where(_codes.c.folded.in_(part))),
                *self._connection.execute(shared.where(func.lower(_offers.c.shared_code).in_(part))),
            ):
                offer = offer_of(row)
                ours = Ours(row.code, getattr(row, "code_id", None), offer, lives[offer.live_id].opened_at)
                found.setdefault(row.code.lower(), []).append(ours)
        return found

    def _known(self, shop: str, order_ids: Sequence[str]) -> dict[str, list[Row[Any]]]:
        mine = select(_redemptions).where(_redemptions.c.shop == shop, _redemptions.c.order_id.in_(order_ids))
        known: dict[str, list[Row[Any]]] = {}
        for row in self._connection.execute(mine.order_by(_redemptions.c.id).with_for_update()):
            known.setdefault(row.order_id, []).append(row)
        return known

    def _record(
        self, shop: str, order: Order, ours: dict[str, list[Ours]], known: Sequence[Row[Any]], now: datetime
    ) -> set[tuple[int, str]]:
        """Write one order; the (offer, code) whose verdicts may have changed."""
        if any(row.version > order.version for row in known):
            return set()
        uses: dict[str, tuple[Ours, int]] = {}
        for use in order.uses:
            candidates = ours.get(use.code.lower())
            if candidates:
                mine = offer_at(order.ordered_at, use.code, candidates)
                before = uses[mine.code][1] if mine.code in uses else 0
                uses[mine.code] = mine, before + use.discount.amount
        touched = {(row.offer_id, row.code) for row in known}
        dropped = [row.id for row in known if row.code not in uses]
        if dropped:
            self._log.forget_words(dropped)
            self._connection.execute(delete(_redemptions).where(_redemptions.c.id.in_(dropped)))
        if uses:
            one = len(uses) == 1
            self._upsert([use_row(shop, order, *use, now, is_alone=one) for use in uses.values()])
        self._log.mark({row.hour for row in known} | ({hour_of(order.ordered_at)} if uses else set()))
        return touched | {(mine.offer.id, code) for code, (mine, _) in uses.items()}

    def _upsert(self, rows: list[dict[str, Any]]) -> None:
        adding = self._dialect.insert(_redemptions)
        kept = ("shop", "order_id", "code", "seen_at", "verdict", "channel", "sku")
        newer = {name: adding.excluded[name] for name in rows[0] if name not in kept}
        statement = adding.on_conflict_do_update(
            index_elements=["shop", "order_id", "code"],
            set_=newer,
            where=adding.excluded.version >= _redemptions.c.version,
        )
        self._connection.execute(statement, rows)

    def _judge(self, offer_id: int, code: str, grace: timedelta) -> None:
        """Decide anew the verdict of every use of a code under an offer: one may change the others'."""
        mine = (_redemptions.c.offer_id == offer_id, _redemptions.c.code == code)
        in_order = select(_redemptions).where(*mine)
        rows = self._connection.execute(
            in_order.order_by(_redemptions.c.ordered_at, _redemptions.c.shop, _redemptions.c.order_id)
        ).all()
        offer = offer_of(self._connection.execute(select(_offers).where(_offers.c.id == offer_id)).one())
        live = Lives(self._connection).get(offer.live_id)
        assert live is not None, "an offer has a live"
        grants = self._grants_of(offer, code)
        self._mark(offer, code, rows, bool(grants))
        for row, verdict in zip(rows, verdicts(rows, live, offer, grants, grace), strict=True):
            self._conclude(row, verdict, offer, grants[0] if grants else None)

    def _conclude(self, row: Row[Any], verdict: Verdict, offer: Offer, grant: Grant | None) -> None:
        """Write what is known of one use, where it is not what is written already."""
        channel, sku = self._log.source(offer, grant, row.ordered_at)
        grant_id = grant.id if grant else None
        found = {"verdict": verdict, "grant_id": grant_id, "channel": channel, "sku": sku}
        if all(getattr(row, name) == value for name, value in found.items()):
            return
        self._connection.execute(update(_redemptions).where(_redemptions.c.id == row.id).values(found))
        self._log.mark([row.hour])
        if grant_id != row.grant_id:
            self._log.index_viewer(row.id, grant.viewer_name if grant else None)

    def _mark(self, offer: Offer, code: str, rows: Sequence[Row[Any]], is_granted: bool) -> None:
        """A unique code that an order uses is redeemed; with the order cancelled it is its viewer's again."""
        if offer.kind is not OfferKind.UNIQUE:
            return
        is_used = any(row.state in COUNTED for row in rows)
        mine = update(_codes).where(_codes.c.offer_id == offer.id, _codes.c.code == code)
        if is_used:
            living = (CodeState.CREATED, CodeState.GRANTED)
            self._connection.execute(mine.where(_codes.c.state.in_(living)).values(state=CodeState.REDEEMED))
        elif is_granted:
            was = mine.where(_codes.c.state == CodeState.REDEEMED)
            self._connection.execute(was.values(state=CodeState.GRANTED))

    def _grants_of(self, offer: Offer, code: str) -> list[Grant]:
        if offer.kind is not OfferKind.UNIQUE:
            return []
        mine = select_grants().where(_codes.c.code == code, _codes.c.offer_id == offer.id)
        return [grant_of(row) for row in self._connection.execute(mine)]

    def _grants(self, ids: list[int]) -> dict[int, Grant]:
        found: dict[int, Grant] = {}
        for part in _parts(ids):
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


def _parts(items: list[Any]) -> Iterable[list[Any]]:
    return (items[start : start + _AT_A_TIME] for start in range(0, len(items), _AT_A_TIME))
