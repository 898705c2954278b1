"""Who asked, or what was said, a moment ago. Lives in memory, and is bounded."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta

MAX_ENTRIES = 50_000


class CoolDowns:
    """Remembers until when a key rests, and which occasion made it rest.

    The same occasion passes again: a batch that is tried anew must not find itself cooled down.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._resting: OrderedDict[Hashable, tuple[datetime, Hashable]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._resting)

    def passes(self, key: Hashable, occasion: Hashable, seconds: float, now: datetime) -> bool:
        """Whether `key` may go on at `now`; if so, it rests for `seconds` from now on."""
        if seconds <= 0:
            return True
        before = self._resting.get(key)
        if before is not None and now < before[0]:
            return before[1] == occasion
        self._resting[key] = (now + timedelta(seconds=seconds), occasion)
        self._resting.move_to_end(key)
        self._forget(now)
        return True

    def _forget(self, now: datetime) -> None:
        """Let go of what no longer rests, and of the oldest when there are too many."""
        while self._resting:
            until, _ = next(iter(self._resting.values()))
            if now < until and len(self._resting) <= self._max_entries:
                return
            self._resting.popitem(last=False)
