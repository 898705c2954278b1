"""The day's units, shared by reading and writing so that the live can end inside them.

Source: YouTube Data API «Quota calculator» and the method pages: a look at the chat costs 5 units, a
message 20, every other call 1; the day ends at midnight Pacific (read 2026-10).
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.ports import SendBudget
from domain.sentences import Sentence, sentence

PACIFIC = ZoneInfo("America/Los_Angeles")
LOOK, MESSAGE = 5, 20
RESERVE = 10 * MESSAGE
"""Kept for moderators until the end."""
UNPLANNED = timedelta(hours=2)
"""How long a live without a planned end is taken to last."""
SLOWEST_LOOK_S = 60.0
LEAST_MESSAGES_S = 30.0
"""Reading is slowed before fewer than two messages a minute are left to say."""
LITTLE_SAID = 1.0
"""Messages a minute below which questions wait noticeably."""
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

    def gives_up(self, wanted_look_s: float) -> bool:
        """Whether viewers notice: looks are more than twice as rare as wanted, or little can be said."""
        return self.look_s > 2 * wanted_look_s or self.messages < LITTLE_SAID * self.left_s / 60

    def is_much_less_than(self, other: "Plan") -> bool:
        """Whether looks or messages a minute have become half of what they were in `other`."""
        is_rarer = self.look_s >= 2 * other.look_s
        is_quieter = 2 * self.messages * other.left_s <= other.messages * self.left_s
        return is_rarer or (is_quieter and other.messages > 0)

    def in_words(self) -> Sentence:
        """For the operator."""
        return sentence(
            "the chat is looked at each {seconds} s, and {messages} messages may be said",
            seconds=f"{self.look_s:.0f}",
            messages=self.messages,
        )


def plan(units_left: int, left_s: float, wanted_look_s: float, chats: int = 1) -> Plan:
    """How `units_left` last the `left_s` seconds of the live; `wanted_look_s` is the least between two looks
    at each of `chats` that are read at once."""
    left_s = max(60.0, left_s)
    free = max(0, units_left - RESERVE)
    least_messages = math.ceil(left_s / LEAST_MESSAGES_S)
    for_looks = max(free / 2, free - least_messages * MESSAGE)
    once_each = LOOK * chats
    look_s = max(wanted_look_s, once_each * left_s / for_looks if for_looks > 0 else SLOWEST_LOOK_S)
    look_s = min(look_s, max(SLOWEST_LOOK_S, wanted_look_s))
    after_looks = units_left - once_each * left_s / look_s
    return Plan(look_s, max(0, int(after_looks // MESSAGE)), left_s)


def day_of(now: datetime) -> str:
    """The Pacific day that `now` is on, as YouTube counts units."""
    return now.astimezone(PACIFIC).date().isoformat()


def seconds_to_reset(now: datetime) -> float:
    """Until the next midnight Pacific."""
    there = now.astimezone(PACIFIC)
    midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
