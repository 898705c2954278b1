"""The verdicts of uses, decided anew when one of them has changed; and what becomes of their codes.

Statements are for many codes at once, and of a shared code only what may have changed is read: a live may
have tens of thousands of its uses, told one webhook after the other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, false, select, tuple_, update

from domain.money import Money
from domain.redemption import CodeHistory, Redemption, Verdict, decide_verdict
from domain.shop import OrderState
from domain.show import CodeState, Grant, Live, Offer, OfferKind
from store.grant_rows import grant_of, select_grants
from store.lives import Lives
from store.log_upkeep import LogUpkeep
from store.offers import offer_of
from store.tables import CodeRow, OfferRow, RedemptionRow, table_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_redemptions = table_of(RedemptionRow)
_in_order = (_redemptions.c.ordered_at, _redemptions.c.shop, _redemptions.c.order_id)

Item = TypeVar("Item")
AT_A_TIME = 300  # SQLite before 3.32 takes 999 parameters in a statement
COUNTED = (OrderState.PLACED, OrderState.REFUNDED)

# Made once: see store/redemptions.py.
_OFFERS = select(_offers).where(_offers.c.id.in_(bindparam("ids", expanding=True)))
_its_offer: Any = bindparam("its_offer")
_its_codes: Any = bindparam("codes", expanding=True)
_USES = (
    select(_redemptions)
    .where(_redemptions.c.offer_id == _its_offer, _redemptions.c.code.in_(_its_codes))
    .order_by(*_in_order)
)
_GRANTS = select_grants().where(_codes.c.code.in_(_its_codes), _codes.c.offer_id == _its_offer)
_theirs = (_codes.c.offer_id == _its_offer, _codes.c.code.in_(_its_codes))
_LIVING = (CodeState.CREATED, CodeState.GRANTED)
_USED = update(_codes).where(*_theirs, _codes.c.state.in_(_LIVING)).values(state=CodeState.REDEEMED)
_FREED = update(_codes).where(*_theirs, _codes.c.state == CodeState.REDEEMED).values(state=CodeState.GRANTED)
_DECIDED = ("its_verdict", "its_grant", "its_channel", "its_sku")
_JUDGED = (
    update(_redemptions)
    .where(_redemptions.c.id == bindparam("its_id"))
    .values(
        verdict=bindparam("its_verdict"),
        grant_id=bindparam("its_grant"),
        channel=bindparam("its_channel"),
        sku=bindparam("its_sku"),
    )
)

Touched = Mapping[tuple[int, str], set[str]]
"""By offer and code: the orders of which something has changed."""


class Verdicts:
    """Decides for one unit of work; `grace` is how long after its live a code may be paid with."""

    def __init__(self, connection: Connection, grace: timedelta) -> None:
        self._connection = connection
        self._grace = grace
        self._log = LogUpkeep(connection)

    def decide(self, touched: Touched) -> None:
        """Decide anew every verdict that may have changed with the uses in `touched`."""
        for offer, live in self._offers({offer_id for offer_id, _ in touched}):
            mine = sorted((code, orders) for (id, code), orders in touched.items() if id == offer.id)
            if offer.kind is OfferKind.UNIQUE:
                for part in parts([code for code, _ in mine]):
                    self._decide_unique(offer, live, part)
            else:
                for code, orders in mine:
                    self._decide_shared(offer, live, code, sorted(orders))

    def _offers(self, ids: set[int]) -> Iterator[tuple[Offer, Live]]:
        lives = {live.id: live for live in Lives(self._connection).list()} if ids else {}
        for part in parts(sorted(ids)):
            for row in self._connection.execute(_OFFERS, {"ids": part}).all():
                yield offer_of(row), lives[row.live_id]

    def _decide_unique(self, offer: Offer, live: Live, codes: Sequence[str]) -> None:
        """Every use of these codes: one may change the others'."""
        its = {"its_offer": offer.id, "codes": codes}
        uses = _by_code(self._connection.execute(_USES, its))
        grants = {
            code: grant_of(rows[0]) for code, rows in _by_code(self._connection.execute(_GRANTS, its)).items()
        }
        self._mark(offer, codes, uses, grants)
        decided = []
        for code, rows in uses.items():
            given, counted = grants.get(code), 0
            for row in rows:
                history = CodeHistory(live, offer, (given,) if given else (), counted, None, rows[0].customer)
                verdict = decide_verdict(redemption_of(row), history, self._grace)
                decided.append((row, verdict, given))
                counted += row.state in COUNTED
        self._write(offer, decided)

    def _mark(
        self,
        offer: Offer,
        codes: Sequence[str],
        uses: Mapping[str, Sequence[Row[Any]]],
        grants: Mapping[str, Grant],
    ) -> None:
        """A unique code that an order uses is redeemed; with the order cancelled it is its viewer's again."""
        used = {code for code, rows in uses.items() if any(row.state in COUNTED for row in rows)}
        free = [code for code in codes if code not in used and code in grants]
        for statement, mine in ((_USED, sorted(used)), (_FREED, free)):
            if mine:
                self._connection.execute(statement, {"its_offer": offer.id, "codes": mine})

    def _decide_shared(self, offer: Offer, live: Live, code: str, orders: Sequence[str]) -> None:
        """The uses by these orders; and others that are now among the first `quantity`, or no more."""
        mine = (_redemptions.c.offer_id == offer.id, _redemptions.c.code == code)
        last = self._last_allowed(offer, mine)
        is_over = tuple_(*_in_order) > tuple_(*last) if last else false()
        told = select(_redemptions, is_over.label("is_over")).where(*mine)
        wrong = (_redemptions.c.verdict == Verdict.OVER_USED) & ~is_over
        if last:
            wrong |= (_redemptions.c.verdict == Verdict.VALID) & is_over
        rows = {row.id: row for row in self._connection.execute(told.where(wrong))}
        for part in parts(orders):
            found = self._connection.execute(told.where(_redemptions.c.order_id.in_(part)))
            rows |= {row.id: row for row in found}
        decided = []
        for row in rows.values():
            before = (offer.quantity or 0) if row.is_over else 0
            history = CodeHistory(live, offer, (), before, offer.quantity)
            decided.append((row, decide_verdict(redemption_of(row), history, self._grace), None))
        self._write(offer, decided)

    def _last_allowed(self, offer: Offer, mine: Sequence[Any]) -> tuple[Any, ...] | None:
        """When and by which order the last use was that is allowed; None while more are."""
        if offer.quantity is None:
            return None
        counted = select(*_in_order).where(*mine, _redemptions.c.state.in_(COUNTED))
        last = counted.order_by(*_in_order).offset(offer.quantity - 1).limit(1)
        found = self._connection.execute(last).one_or_none()
        return tuple(found) if found else None

    def _write(self, offer: Offer, decided: Iterable[tuple[Row[Any], Verdict, Grant | None]]) -> None:
        """Write what is known of each use, where it is not what is written already."""
        changed, other, renamed, hours = [], list[int](), dict[int, str](), set[int]()
        for row, verdict, grant in decided:
            channel, sku = self._log.source(offer, grant, row.ordered_at)
            found = (verdict, grant.id if grant else None, channel, sku)
            if found != (row.verdict, row.grant_id, row.channel, row.sku):
                changed.append({"its_id": row.id, **dict(zip(_DECIDED, found, strict=True))})
                hours.add(row.hour)
            if found[1] != row.grant_id:
                renamed[row.id] = grant.viewer_name if grant else ""
                other += [row.id] if row.grant_id is not None else []
        if changed:
            self._connection.execute(_JUDGED, changed)
        self._log.forget_viewers(other)
        self._log.index_viewers(renamed)
        self._log.mark(hours)


def redemption_of(row: Row[Any]) -> Redemption:
    """The glossary's word for a row."""
    return Redemption(
        shop=row.shop,
        order_id=row.order_id,
        code=row.code,
        discount=Money(row.discount, row.currency),
        total=Money(row.total, row.currency),
        ordered_at=row.ordered_at,
        state=row.state,
        customer=row.customer,
        refunded=Money(row.refunded, row.currency),
        version=row.version,
    )


def parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """`items`, no more at a time than a statement takes."""
    return (items[start : start + AT_A_TIME] for start in range(0, len(items), AT_A_TIME))


def _by_code(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.code, []).append(row)
    return found
