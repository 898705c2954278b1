"""Orders: found by when they changed, cut by time and id, so that none hides behind another.

Source: Shopify's schema of 2026-10; `discount_code` finds the first code of an order alone.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from standins.shop.model import PlacedOrder, ShopModel
from standins.shopify.faults import Faults
from standins.shopify.frames import Peculiar, graphql_order, numbered
from standins.shopify.search import found, page


class Orders:
    """The orders of a shop. `own` is what each has that the small shop does not know."""

    def __init__(self, model: ShopModel, faults: Faults, violations: Counter[str]) -> None:
        self.own: dict[int, Peculiar] = {}
        self._model = model
        self._faults = faults
        self._violations = violations

    def fields(self) -> dict[str, Any]:
        """What the Admin API can ask of them."""
        return {"order": self._get, "orders": self._list}

    def peculiar(self, id: int) -> Peculiar:
        """To be changed, or looked at."""
        return self.own.setdefault(id, Peculiar())

    def take_code_off(self, id: int, code: str) -> None:
        """The staff edits an order: it no longer carries `code`."""
        if self._faults.keeps_edited_codes:
            self.peculiar(id).taken_off = dict(self._model.orders[id].discounts)
        self._model.take_code_off(id, code)

    def shown(self, order: PlacedOrder) -> dict[str, Any]:
        """As the Admin API tells it."""
        return graphql_order(order, self.peculiar(order.id), page)

    def _get(self, _: Any, id: str) -> Any:
        order = self._model.orders.get(numbered(id, "Order"))
        return self.shown(order) if order else None

    def _list(
        self,
        _: Any,
        first: int = 0,
        after: str | None = None,
        query: str | None = None,
        sortKey: str = "PROCESSED_AT",
        reverse: bool = False,
    ) -> Any:
        fits = {
            "updated_at": lambda one, term: term.fits_time(one.changed_at),
            "discount_code": lambda one, term: (
                [c.casefold() for c in one.codes[:1]] == [term.value.casefold()]
            ),
        }
        orders = found(self._model.orders.values(), query, fits, self._violations)
        by_change = sortKey == "UPDATED_AT"
        rows = sorted(
            ((_key(one, by_change), one) for one in orders), key=lambda row: row[0], reverse=reverse
        )
        rest = [row for row in rows if after is None or _cursor(row[0]) > after]
        shown = rest[: first or 0]
        info = {
            "hasNextPage": len(shown) < len(rest),
            "endCursor": _cursor(shown[-1][0]) if shown else after,
        }
        return {"nodes": [self.shown(order) for _, order in shown], "pageInfo": info}


def _key(order: PlacedOrder, by_change: bool) -> tuple[datetime, int]:
    moment = order.changed_at if by_change else order.ordered_at
    return moment.replace(microsecond=0), order.id


def _cursor(key: tuple[datetime, int]) -> str:
    return f"{key[0].isoformat()}|{key[1]:012}"
