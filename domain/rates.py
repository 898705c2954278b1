"""How far a rate seen may be from the true one, and whether two of them differ by more than chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt
from statistics import NormalDist

from domain.report import LiveReport, RateName, counts_of

SURE = 0.95
"""Of a hundred intervals, so many hold the true rate."""
SMALL = 1_000
"""From this many on intervals that are nearly exact will do."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole`, and between which rates (0-1) the true one lies, `SURE` as we are."""

    part: int
    whole: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The rate seen, 0-1."""
        return self.part / self.whole


@dataclass(frozen=True, slots=True)
class Difference:
    """How a rate of one live differs from that of another; `is_sure` when chance does not explain it."""

    name: RateName
    one: LiveReport
    other: LiveReport
    rate: Rate
    other_rate: Rate
    is_sure: bool


def rate(counts: tuple[int, int] | None) -> Rate | None:
    """The rate of `part` in `whole` with its interval; None for None or for nobody."""
    if counts is None or counts[1] <= 0:
        return None
    return Rate(*counts, *wilson(*counts))


def wilson(part: int, whole: int, sure: float = SURE) -> tuple[float, float]:
    """Between which rates the true one lies, for `part` of `whole` seen; (0, 1) when nothing was seen.

    Source: E. B. Wilson, «Probable inference, the law of succession, and statistical inference», 1927.
    """
    if whole <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + sure) / 2)
    seen = part / whole
    middle = seen + z * z / (2 * whole)
    spread = z * sqrt(seen * (1 - seen) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    low = 0.0 if part <= 0 else max(0.0, (middle - spread) / scale)
    high = 1.0 if part >= whole else min(1.0, (middle + spread) / scale)
    return low, high


def differ(one: tuple[int, int], other: tuple[int, int], sure: float = SURE) -> bool:
    """Whether two rates differ by more than chance: the interval of their difference leaves out 0, and where
    one of them is of `SMALL` or fewer, so unlike a split would seldom come of drawing lots.

    Sources: R. G. Newcombe, «Interval estimation for the difference between independent proportions», 1998,
    method 10, which joins the two Wilson intervals and is too sure of a handful; R. A. Fisher's exact test.
    """
    (first, of_first), (second, of_second) = one, other
    if of_first <= 0 or of_second <= 0:
        return False
    (low, high), (other_low, other_high) = wilson(*one, sure), wilson(*other, sure)
    p, q = first / of_first, second / of_second
    least = (p - q) - sqrt((p - low) ** 2 + (other_high - q) ** 2)
    most = (p - q) + sqrt((high - p) ** 2 + (q - other_low) ** 2)
    if least <= 0 <= most:
        return False
    return min(of_first, of_second) > SMALL or chance_of(one, other) <= 1 - sure


def chance_of(one: tuple[int, int], other: tuple[int, int]) -> float:
    """How likely a split as unlike as this one, or more so, is when nothing but lots decides (Fisher)."""
    (part, whole), (other_part, other_whole) = sorted((one, other), key=lambda counts: counts[1])
    hits = part + other_part

    def weight(count: int) -> float:
        return _log_choose(whole, count) + _log_choose(other_whole, hits - count)

    weights = [weight(count) for count in range(max(0, hits - other_whole), min(hits, whole) + 1)]
    heaviest, seen = max(weights), weight(part) + 1e-7
    return sum(exp(one - heaviest) for one in weights if one <= seen) / sum(
        exp(one - heaviest) for one in weights
    )


def _log_choose(of: int, count: int) -> float:
    return lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)


def differences(reports: Sequence[LiveReport]) -> list[Difference]:
    """The rates of every further live beside those of the first one.

    The more is compared, the sooner something differs by chance: all of them together are `SURE`, each of
    them is held to more (Bonferroni).
    """
    pairs = list(_pairs(reports))
    sure = 1 - (1 - SURE) / max(1, len(pairs))
    found = []
    for name, one, other in pairs:
        mine, theirs = counts_of(one.whole, name), counts_of(other.whole, name)
        assert mine is not None and theirs is not None, "pairs have counts"
        rates = Rate(*mine, *wilson(*mine)), Rate(*theirs, *wilson(*theirs))
        found.append(Difference(name, one, other, *rates, is_sure=differ(mine, theirs, sure)))
    return found


def _pairs(reports: Sequence[LiveReport]) -> Iterator[tuple[RateName, LiveReport, LiveReport]]:
    for other in reports[1:]:
        for name in RateName:
            if counts_of(reports[0].whole, name) and counts_of(other.whole, name):
                yield name, reports[0], other
