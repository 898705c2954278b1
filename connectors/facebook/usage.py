"""How much of the Page's calls are used: obeyed before the limit bites. Pure.

Source: Meta «Rate limits», X-App-Usage and X-Business-Use-Case-Usage (read 2026-10).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SLOW_AT, STOP_AT = 75, 100
SLOWER = 4.0
COUNTS = ("call_count", "total_cputime", "total_time")


@dataclass(frozen=True, slots=True)
class Usage:
    """The highest percentage that any count has reached, and seconds until access comes back."""

    percent: float = 0.0
    regain_s: float = 0.0

    @property
    def must_wait(self) -> bool:
        """Whether any further call would only prolong the block."""
        return self.percent >= STOP_AT or self.regain_s > 0

    @property
    def slowness(self) -> float:
        """By how much to stretch the time between two calls."""
        return SLOWER if self.percent >= SLOW_AT else 1.0


def read_usage(headers: Mapping[str, str]) -> Usage:
    """What the headers of an answer say; nothing when they are missing or cannot be read."""
    cases = list(_cases(headers))
    counts = [float(case.get(name) or 0) for case in cases for name in COUNTS]
    minutes = [float(case.get("estimated_time_to_regain_access") or 0) for case in cases]
    return Usage(max(counts, default=0.0), 60 * max(minutes, default=0.0))


def _cases(headers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name in ("X-App-Usage", "X-Business-Use-Case-Usage"):
        try:
            found = json.loads(headers.get(name) or "{}")
        except ValueError:
            continue
        if not isinstance(found, dict):
            continue
        groups = [[found]] if name == "X-App-Usage" else list(found.values())
        for group in groups:
            yield from (case for case in group if isinstance(case, dict))
