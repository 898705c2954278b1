"""Shops' webhooks between the answer and the work: kept without the person, each once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.money import Money
from domain.shop import CodeUse, Notice, Order, OrderState
from store.tables import NoticeRow, table_of

_notices = table_of(NoticeRow)

_GONE = "gone:"
# Made once: see store/redemptions.py.
_KEEP = {
    name: dialect.insert(_notices).on_conflict_do_nothing()
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_WAITING = (
    select(_notices.c.id, _notices.c.key, _notices.c.orders, _notices.c.order_ids)
    .where(
        _notices.c.shop == bindparam("its_shop"),
        _notices.c.done_at.is_(None),
        _notices.c.id > bindparam("after"),
    )
    .order_by(_notices.c.id)
    .limit(bindparam("most"))
)
_DONE = (
    update(_notices)
    .where(_notices.c.id.in_(bindparam("ids", expanding=True)))
    .values(done_at=bindparam("worked_at"), orders=[], order_ids=[])
)
_KNOWN = select(_notices.c.key).where(
    _notices.c.shop == bindparam("its_shop"), _notices.c.key.in_(bindparam("keys", expanding=True))
)


class Notices:
    """The notices of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, shop: str, notices: Iterable[Notice], at: datetime) -> None:
        """Keep `notices` until they are worked on; one that is known already is passed over."""
        rows = [
            {
                "shop": shop,
                "key": one.key,
                "orders": [_packed(order) for order in one.orders],
                "order_ids": list(one.order_ids),
                "at": at,
            }
            for one in notices
            if one.orders or one.order_ids
        ]
        if rows:
            self._connection.execute(_KEEP[self._connection.dialect.name], rows)

    def waiting(self, shop: str, limit: int, after: int = 0) -> list[tuple[int, Notice]]:
        """The notices to be worked on that came after the one of that id, in their order, with their ids."""
        rows = self._connection.execute(_WAITING, {"its_shop": shop, "after": after, "most": limit})
        return [
            (row.id, Notice(row.key, tuple(_order(one) for one in row.orders), tuple(row.order_ids)))
            for row in rows
        ]

    def done(self, ids: Sequence[int], at: datetime) -> None:
        """Note that these have been worked on. What they told goes; their keys stay and drop repeats."""
        self._connection.execute(_DONE, {"ids": ids, "worked_at": at})

    def note_gone(self, shop: str, order_id: str, at: datetime) -> None:
        """Note that the shop has this order no more: a late webhook about it is not to be believed.
        Kept as long as the keys are."""
        key = f"{_GONE}{order_id}"
        row = {"shop": shop, "key": key, "orders": [], "order_ids": [], "at": at, "done_at": at}
        self._connection.execute(_KEEP[self._connection.dialect.name], [row])

    def gone(self, shop: str, order_ids: Iterable[str]) -> set[str]:
        """Which of these orders the shop was found to have no more."""
        keys = [f"{_GONE}{order_id}" for order_id in order_ids]
        known = self._connection.execute(_KNOWN, {"its_shop": shop, "keys": keys}).scalars()
        return {key.removeprefix(_GONE) for key in known}

    def forget(self, before: datetime) -> int:
        """Let go of those worked on before `before`; how many."""
        return self._connection.execute(delete(_notices).where(_notices.c.done_at < before)).rowcount


def _packed(order: Order) -> list[Any]:
    return [
        order.id,
        [[use.code, use.discount.amount, use.discount.currency] for use in order.uses],
        [order.total.amount, order.total.currency],
        [order.refunded.amount, order.refunded.currency],
        order.state.value,
        order.ordered_at.isoformat(),
        order.version,
        order.customer,
    ]


def _order(packed: list[Any]) -> Order:
    id, uses, total, refunded, state, ordered_at, version, customer = packed
    return Order(
        id=id,
        uses=tuple(CodeUse(code, Money(amount, currency)) for code, amount, currency in uses),
        total=Money(*total),
        refunded=Money(*refunded),
        state=OrderState(state),
        ordered_at=datetime.fromisoformat(ordered_at),
        version=version,
        customer=customer,
    )
