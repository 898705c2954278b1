"""How much of the Page's calls are used, in the headers that say so, and the block that follows.

Source: Meta «Rate limits», X-App-Usage and X-Business-Use-Case-Usage (read 2026-10).
"""

import json
import time
from collections import Counter, deque

WINDOW_S = 3600.0


class Usage:
    """Calls of one Page in a rolling hour. A call made while blocked prolongs the block."""

    def __init__(self, violations: Counter[str], page_id: str) -> None:
        self.calls_allowed = 100_000
        self.block_s = 60.0
        self._violations = violations
        self._page_id = page_id
        self._calls: deque[float] = deque()
        self._blocked_until = 0.0

    def refuses(self) -> bool:
        """Count a call; True when it comes while the Page is blocked, or blocks it."""
        now = time.monotonic()
        if now < self._blocked_until:
            self._violations["called_while_blocked"] += 1
            self._blocked_until = now + self.block_s
            return True
        while self._calls and self._calls[0] < now - WINDOW_S:
            self._calls.popleft()
        self._calls.append(now)
        if len(self._calls) <= self.calls_allowed:
            return False
        self.block()
        return True

    def block(self) -> None:
        """Refuse every call for `block_s`."""
        self._blocked_until = time.monotonic() + self.block_s

    def headers(self) -> dict[str, str]:
        """What Graph tells with every answer: percents, and minutes until access comes back."""
        percent = min(100, len(self._calls) * 100 // self.calls_allowed)
        left_s = max(0.0, self._blocked_until - time.monotonic())
        if left_s:
            percent = 100
        counts = {"call_count": percent, "total_cputime": 1, "total_time": 1}
        case = {"type": "pages", **counts, "estimated_time_to_regain_access": -(-int(left_s) // 60)}
        return {
            "X-App-Usage": json.dumps(counts),
            "X-Business-Use-Case-Usage": json.dumps({self._page_id: [case]}),
        }
