"""Shops' webhooks between the answer and the work: kept without the person, each once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.money import Money
from domain.shop import CodeUse, Notice, Order, OrderState
from store.tables import NoticeRow, table_of

_notices = table_of(NoticeRow)

_GONE = "gone:"


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
            self._connection.execute(self._insert(), rows)

    def waiting(self, shop: str, limit: int, after: int = 0) -> list[tuple[int, Notice]]:
        """The notices to be worked on that came after the one of that id, in their order, with their ids."""
        statement = select(_notices).where(_notices.c.shop == shop, _notices.c.done_at.is_(None))
        later = statement.where(_notices.c.id > after).order_by(_notices.c.id)
        rows = self._connection.execute(later.limit(limit))
        return [
            (row.id, Notice(row.key, tuple(_order(one) for one in row.orders), tuple(row.order_ids)))
            for row in rows
        ]

    def done(self, ids: Sequence[int], at: datetime) -> None:
        """Note that these have been worked on. What they told goes; their keys stay and drop repeats."""
        worked = update(_notices).where(_notices.c.id.in_(ids))
        self._connection.execute(worked.values(done_at=at, orders=[], order_ids=[]))

    def note_gone(self, shop: str, order_id: str, at: datetime) -> None:
        """Note that the shop has this order no more: a late webhook about it is not to be believed.
        Kept as long as the keys are."""
        key = f"{_GONE}{order_id}"
        row = {"shop": shop, "key": key, "orders": [], "order_ids": [], "at": at, "done_at": at}
        self._connection.execute(self._insert(), [row])

    def gone(self, shop: str, order_ids: Iterable[str]) -> set[str]:
        """Which of these orders the shop was found to have no more."""
        keys = [f"{_GONE}{order_id}" for order_id in order_ids]
        known = select(_notices.c.key).where(_notices.c.shop == shop, _notices.c.key.in_(keys))
        return {key.removeprefix(_GONE) for key in self._connection.execute(known).scalars()}

    def forget(self, before: datetime) -> int:
        """Let go of those worked on before `before`; how many."""
        return self._connection.execute(delete(_notices).where(_notices.c.done_at < before)).rowcount

    def _insert(self) -> Any:
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        return dialect.insert(_notices).on_conflict_do_nothing()


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
