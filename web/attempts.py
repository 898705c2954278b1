"""How often one address may try to sign in."""

import time
from collections import OrderedDict, deque

PER_MINUTE = 60
"""Many viewers may share an address: a mobile network's, or that of a company or a home."""
REMEMBERED = 10_000


class Attempts:
    """The attempts of the last minute, by address; bounded."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._tried: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Count one attempt; False when there were too many."""
        now = time.monotonic()
        tried = self._tried.setdefault(address, deque(maxlen=self._per_minute))
        self._tried.move_to_end(address)
        if len(self._tried) > REMEMBERED:
            self._tried.popitem(last=False)
        if len(tried) == self._per_minute and now - tried[0] < 60.0:
            return False
        tried.append(now)
        return True
