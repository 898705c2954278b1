"""What a run did, counted; bounded however long it lasts."""

import random
from bisect import bisect_left
from dataclasses import dataclass, field

SAMPLES = 10_000
WAITS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
"""Up to how many seconds each of `waited` counts; one more counts what took longer."""


@dataclass(slots=True)
class Tally:
    """Counts of one run. `waits` is a uniform sample of the seconds from question to answer, `waited` counts
    them all by `WAITS_S`, `waited_s` adds them up. `holds` counts the pauses that a platform asked for."""

    messages: int = 0
    commands: int = 0
    repeats: int = 0
    grants: int = 0
    said: int = 0
    delivered: int = 0
    unsure: int = 0
    asked: int = 0
    failures: int = 0
    lost: int = 0
    holds: int = 0
    waited_s: float = 0.0
    waited: list[int] = field(default_factory=lambda: [0] * (len(WAITS_S) + 1))
    waits: list[float] = field(default_factory=list)
    channels: dict[str, "Tally"] = field(default_factory=dict)

    def of(self, channel: str) -> "Tally":
        """The counts of one channel alone."""
        return self.channels.setdefault(channel, Tally())

    def failed(self) -> None:
        """Something failed; it is tried again."""
        self.failures += 1

    def answered(self, wait_s: float) -> None:
        """A question was answered after `wait_s` seconds."""
        self.asked += 1
        self.waited_s += wait_s
        self.waited[bisect_left(WAITS_S, wait_s)] += 1
        if len(self.waits) < SAMPLES:
            self.waits.append(wait_s)
            return
        place = random.randrange(self.asked)
        if place < SAMPLES:
            self.waits[place] = wait_s

    def wait_percentile(self, percent: float) -> float:
        """Seconds within which `percent` of the questions were answered; 0.0 when none was."""
        if not self.waits:
            return 0.0
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
