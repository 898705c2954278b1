"""Who asked, or what was said, a moment ago. Lives in memory, and is bounded."""

from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta

MAX_ENTRIES = 50_000


class CoolDowns:
    """Remembers until when a key rests, and which occasion made it rest.

    The same occasion passes again: a batch that is tried anew must not find itself cooled down.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._resting: dict[Hashable, tuple[datetime, Hashable]] = {}
        # The order of arrival is kept apart: finding the first of an OrderedDict took 38 us at 2,000 entries.
        self._arrivals: deque[tuple[datetime, Hashable]] = deque()

    def __len__(self) -> int:
        return len(self._resting)

    def passes(self, key: Hashable, occasion: Hashable, seconds: float, now: datetime) -> bool:
        """Whether `key` may go on at `now`; if so, it rests for `seconds` from now on."""
        if seconds <= 0:
            return True
        before = self._resting.get(key)
        if before is not None and now < before[0]:
            return before[1] == occasion
        until = now + timedelta(seconds=seconds)
        self._resting[key] = (until, occasion)
        self._arrivals.append((until, key))
        self._forget(now)
        return True

    def _forget(self, now: datetime) -> None:
        """Let go of what no longer rests, and of the oldest when there are too many."""
        while self._arrivals and (self._arrivals[0][0] <= now or len(self._arrivals) > self._max_entries):
            until, key = self._arrivals.popleft()
            resting = self._resting.get(key)
            if resting is not None and resting[0] == until:
                del self._resting[key]
