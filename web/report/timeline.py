"""What happened when: questions, codes and orders over the live, with the products on screen behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from domain.report import LiveReport, Moment, Stretch
from web.report.marks import NARROW, WIDE, Box, Chart, Drawing, Label, Line, Mark, both, cut, is_wide
from web.report.words import Words

MOST_BARS, MOST_OF_SECONDS = 180, 60
SPANS = tuple(timedelta(minutes=one) for one in (1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440))
SHORT_SPANS = tuple(timedelta(seconds=one) for one in (1, 2, 5, 10, 15, 30, 60))
TICKS = tuple(
    timedelta(seconds=one)
    for one in (
        5,
        10,
        30,
        60,
        120,
        300,
        600,
        900,
        1800,
        3600,
        7200,
        10800,
        21600,
        43200,
        86400,
        172800,
        604800,
    )
)
MINUTE = timedelta(minutes=1)
STRIPS = ("questions", "grants", "orders")


@dataclass(frozen=True, slots=True)
class Times:
    """The time from `start` to `end`, in `slots` of `span` each."""

    start: datetime
    end: datetime
    span: timedelta
    slots: tuple[Moment, ...]

    def part(self, at: datetime) -> float:
        """How much of the whole has passed at `at`, 0-1."""
        return min(1.0, max(0.0, (at - self.start) / (self.end - self.start)))

    def clock(self, at: datetime, words: Words, report: LiveReport) -> str:
        """The time of day, as exactly as the slots are."""
        say = words.clock if self.span >= MINUTE else words.exact_clock
        return say(at, report.live.timezone)


def times_of(report: LiveReport) -> Times | None:
    """The moments of a live, in spans long enough that the bars can be seen; None when nothing happened."""
    if not report.moments:
        return None
    live, first, last = report.live, report.moments[0].at, report.moments[-1].at + report.step
    start = min(first, live.opened_at) if live.opened_at else first
    start = start.replace(microsecond=0) if report.step < MINUTE else start.replace(second=0, microsecond=0)
    end = max(last, live.closed_at) if live.closed_at else last
    spans, most = (SHORT_SPANS, MOST_OF_SECONDS) if report.step < MINUTE else (SPANS, MOST_BARS)
    span = next((one for one in spans if (end - start) / one <= most), SPANS[-1])
    count = ceil((end - start) / span)
    return Times(start, start + count * span, span, _slots(report.moments, start, span))


def _slots(moments: Sequence[Moment], start: datetime, span: timedelta) -> tuple[Moment, ...]:
    found: dict[datetime, Moment] = {}
    for one in moments:
        at = start + (one.at - start) // span * span
        had = found.get(at, Moment(at))
        found[at] = Moment(
            at, had.questions + one.questions, had.grants + one.grants, had.orders + one.orders
        )
    return tuple(found.values())


def timeline(report: LiveReport, times: Times, words: Words) -> Chart:
    """The time line of a live."""
    peaks = [words.pair(words.say(f"strip_{name}"), _peak(report, times, name, words)) for name in STRIPS]
    drawn = [_draw(report, times, words, width) for width in (WIDE, NARROW)]
    return both("timeline", words.say("timeline"), "; ".join(peaks), drawn)


def stretches_within(report: LiveReport, times: Times) -> list[tuple[int, Stretch, float, float]]:
    """The numbered stretches, each with where it begins and ends (0-1)."""
    return [
        (number, one, times.part(one.at), times.part(one.until or report.live.closed_at or times.end))
        for number, one in enumerate(report.stretches, 1)
    ]


def _draw(report: LiveReport, times: Times, words: Words, width: int) -> Drawing:
    high, gap = (58, 28) if is_wide(width) else (64, 30)
    top, bottom = 26, 26 + len(STRIPS) * (high + gap)

    def x(part: float) -> float:
        return part * width

    marks: list[Mark] = []
    for number, stretch, begin, end in stretches_within(report, times):
        marks.append(Box(x(begin), 0, x(end - begin), bottom, f"band b{number % 2}", stretch.name))
        name = cut(f"{number} {stretch.name}", x(end - begin) - 8, 12) or cut(str(number), 99, 12)
        marks.append(Label(x(begin) + 5, 16, name, "tiny"))
    for number, name in enumerate(STRIPS):
        floor = top + number * (high + gap) + gap + high - 6
        marks += _strip(report, times, words, name, (floor, high - 6, width))
    if report.live.closed_at and times.part(report.live.closed_at) < 1:
        over = x(times.part(report.live.closed_at))
        marks.append(Line(over, 0, over, bottom, "mean"))
        if cut(words.say("closed"), width - over - 4, 12) == words.say("closed"):
            marks.append(Label(over + 4, 16, words.say("closed"), "tiny"))
    marks += _axis(report, times, words, (bottom, width))
    return Drawing(width, bottom + 24, tuple(marks))


def _strip(
    report: LiveReport, times: Times, words: Words, name: str, place: tuple[float, float, int]
) -> list[Mark]:
    floor, high, width = place
    most = max([getattr(slot, name) for slot in times.slots] + [1])
    each = width * (times.span / (times.end - times.start))
    title = f"{words.say(f'strip_{name}')} — {_peak(report, times, name, words)}"
    marks: list[Mark] = [Label(5, floor - high - 8, cut(title, width - 8, 13), "small strong")]
    for slot in times.slots:
        count = getattr(slot, name)
        if count:
            tall = max(1.5, high * count / most)
            hint = words.pair(times.clock(slot.at, words, report), words.count(count))
            at = times.part(slot.at) * width
            marks.append(Box(at + each * 0.08, floor - tall, max(0.8, each * 0.84), tall, name, hint))
    return [*marks, Line(0, floor, width, floor, "rule")]


def _peak(report: LiveReport, times: Times, name: str, words: Words) -> str:
    """When there was most of it, and how much."""
    most = max(times.slots, key=lambda slot: int(getattr(slot, name)))
    count = int(getattr(most, name))
    if not count:
        return words.say("none")
    at = times.clock(most.at, words, report)
    span = int(times.span.total_seconds())
    if times.span < MINUTE:
        return words.say("peak_of_seconds", count=words.count(count), at=at, seconds=span)
    key = "peak" if times.span == MINUTE else "peak_of_span"
    return words.say(key, count=words.count(count), at=at, minutes=span // 60)


def _axis(report: LiveReport, times: Times, words: Words, place: tuple[float, int]) -> list[Mark]:
    floor, width = place
    zone = report.live.timezone
    step = _step(times, 9 if is_wide(width) else 4)
    say = words.clock if step >= MINUTE else words.exact_clock
    marks: list[Mark] = []
    for at in _ticks(times, ZoneInfo(zone), step):
        x = times.part(at) * width
        anchor = "start" if x < 24 else "end" if x > width - 24 else "middle"
        marks.append(Line(x, floor - 4, x, floor + 3, "rule"))
        marks.append(Label(x, floor + 17, say(at, zone), "tiny", anchor))
    return marks


def _step(times: Times, most: int) -> timedelta:
    """The smallest round step with fewer than `most` ticks."""
    whole = times.end - times.start
    return next((one for one in TICKS if whole / one < most), whole)


def _ticks(times: Times, zone: ZoneInfo, step: timedelta) -> list[datetime]:
    """Round times of day, `step` apart."""
    local = times.start.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + ceil((local - midnight) / step) * step
    return [first + number * step for number in range(ceil((times.end - first) / step + 1e-9))]
