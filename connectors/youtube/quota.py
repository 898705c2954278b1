"""The day's units, shared by reading and writing so that the live can end inside them.

Source: YouTube Data API «Quota calculator» and the method pages: a look at the chat costs 5 units, a
message 20, every other call 1; the day ends at midnight Pacific (read 2026-10).
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.ports import SendBudget

PACIFIC = ZoneInfo("America/Los_Angeles")
LOOK, MESSAGE = 5, 20
RESERVE = 10 * MESSAGE
"""Kept for moderators until the end."""
UNPLANNED = timedelta(hours=2)
"""How long a live without a planned end is taken to last."""
SLOWEST_LOOK_S = 60.0
LEAST_MESSAGES_S = 30.0
"""Reading is slowed before fewer than two messages a minute are left to say."""
WINDOW_S = 600.0
GAP_S = 2.5
"""YouTube publishes no rate; one message in two to three seconds has been seen to pass."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds between two looks, and how many messages may be said until the live ends."""

    look_s: float
    messages: int
    left_s: float

    @property
    def budget(self) -> SendBudget:
        """The messages, spread over what is left of the live."""
        window = min(WINDOW_S, max(60.0, self.left_s))
        share = math.floor(self.messages * window / max(self.left_s, window))
        return SendBudget(max(1, share) if self.messages > 0 else 0, window, GAP_S)


def plan(units_left: int, left_s: float, wanted_look_s: float) -> Plan:
    """How `units_left` last the `left_s` seconds of the live; `wanted_look_s` is the least between looks."""
    left_s = max(60.0, left_s)
    free = max(0, units_left - RESERVE)
    least_messages = math.ceil(left_s / LEAST_MESSAGES_S)
    for_looks = max(free / 2, free - least_messages * MESSAGE)
    look_s = max(wanted_look_s, LOOK * left_s / for_looks if for_looks > 0 else SLOWEST_LOOK_S)
    look_s = min(look_s, max(SLOWEST_LOOK_S, wanted_look_s))
    after_looks = units_left - LOOK * left_s / look_s
    return Plan(look_s, max(0, int(after_looks // MESSAGE)), left_s)


def day_of(now: datetime) -> str:
    """The Pacific day that `now` is on, as YouTube counts units."""
    return now.astimezone(PACIFIC).date().isoformat()


def seconds_to_reset(now: datetime) -> float:
    """Until the next midnight Pacific."""
    there = now.astimezone(PACIFIC)
    midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
