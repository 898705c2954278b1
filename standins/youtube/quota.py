"""The day's units, counted and enforced.

Source: YouTube Data API «Quota calculator» and the method pages (read 2026-10).
"""

from collections import Counter

COSTS = {"list_messages": 5, "stream_messages": 5, "insert_message": 20}
"""A stream costs when it is opened. Every other call costs one unit, failed ones too."""


class Quota:
    """One project's units; `calls` counts what was paid for. A call after the day is used up is a breach."""

    def __init__(self, violations: Counter[str]) -> None:
        self.daily = 10_000
        self.spent = 0
        self.calls: Counter[str] = Counter()
        self._is_told = False
        self._violations = violations

    def refuses(self, call: str, *, is_told: bool = True) -> bool:
        """Spend a call's units; True when there are not enough left, and whether the answer will say so."""
        cost = COSTS.get(call, 1)
        if self.spent + cost > self.daily:
            # The first refusal tells; who goes on calling has been told.
            if self._is_told:
                self._violations["called_without_units"] += 1
            self._is_told = self._is_told or is_told
            return True
        self.spent += cost
        self.calls[call] += 1
        return False
