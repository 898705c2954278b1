"""How «!drop 50 10m» is read."""

import re
from dataclasses import dataclass
from datetime import timedelta

MAX_QUANTITY = 100_000
SHORTEST = timedelta(seconds=10)
LONGEST = timedelta(hours=24)
_DROP = re.compile(r"([0-9]{1,6})\s+([0-9]{1,5})\s?(s|sec|m|mn|min|h)", re.ASCII)
_SECONDS = {"s": 1, "sec": 1, "m": 60, "mn": 60, "min": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class DropOrder:
    """The first `quantity` viewers who ask within `duration`."""

    quantity: int
    duration: timedelta


def read_drop(argument: str) -> DropOrder | None:
    """What «50 10m» orders (units s, m, h); None when it cannot be read or is out of bounds."""
    match = _DROP.fullmatch(argument.strip().lower())
    if match is None:
        return None
    quantity = int(match[1])
    duration = timedelta(seconds=int(match[2]) * _SECONDS[match[3]])
    if not 1 <= quantity <= MAX_QUANTITY or not SHORTEST <= duration <= LONGEST:
        return None
    return DropOrder(quantity, duration)
