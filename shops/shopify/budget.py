"""The points that Shopify lets us spend: a bucket that fills by itself, told with every answer.

Source: Shopify «API limits»: 100 points a second on the smallest plan, each query's full cost set aside
before it runs and given back afterwards as far as it was not used. How much the bucket holds is told, never
assumed.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from shops.shopify.queries import Query

LONGEST_NAP_S = 1.0


class Budget:
    """What one app may spend in one shop, shared by all threads. Before the first answer all is allowed."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._costs: dict[str, float] = {}
        self._left = self._most = float("inf")
        self._per_s = 50.0
        self._told_at = 0.0
        self._under_way = 0.0

    @contextmanager
    def spending(self, query: Query) -> Iterator[None]:
        """Waits until there is enough for `query`, and keeps it aside until the query is answered."""
        cost = self._set_aside(query)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= cost

    def told(self, query: Query, cost: Mapping[str, Any]) -> None:
        """Take over what an answer says in `extensions.cost`."""
        status = cost.get("throttleStatus") or {}
        with self._lock:
            self._costs[query.text] = float(cost.get("requestedQueryCost") or query.points)
            if "currentlyAvailable" in status:
                self._left = float(status["currentlyAvailable"])
                self._most = max(1.0, float(status.get("maximumAvailable") or self._left))
                self._per_s = max(1.0, float(status.get("restoreRate") or self._per_s))
                self._told_at = self._clock()

    def pause_s(self, query: Query) -> float:
        """Seconds until there is enough for `query`; 0.0 means now."""
        with self._lock:
            return self._pause(query)

    def empty(self) -> None:
        """Shopify says that nothing is left, without a figure."""
        with self._lock:
            self._left, self._told_at = 0.0, self._clock()
            self._most = min(self._most, 1000.0)

    def _set_aside(self, query: Query) -> float:
        while True:
            with self._lock:
                pause = self._pause(query)
                if pause <= 0:
                    cost = self._cost(query)
                    self._under_way += cost
                    return cost
            self._sleep(min(pause, LONGEST_NAP_S))

    def _pause(self, query: Query) -> float:
        """One that costs more than the bucket holds waits for a full one, and is refused by Shopify."""
        now_left = min(self._most, self._left + (self._clock() - self._told_at) * self._per_s)
        lacking = min(self._cost(query), self._most) - (now_left - self._under_way)
        return max(0.0, lacking / self._per_s)

    def _cost(self, query: Query) -> float:
        return self._costs.get(query.text, float(query.points))
