"""What happened when: questions, codes and orders over the live, with the products on screen behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from domain.report import LiveReport, Minute, Stretch
from web.report.marks import NARROW, WIDE, Box, Chart, Drawing, Label, Line, Mark, both, cut, is_wide
from web.report.words import Words

MOST_BARS = 180
SPANS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440)
TICKS_MIN = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080)
STRIPS = ("questions", "grants", "orders")


@dataclass(frozen=True, slots=True)
class Times:
    """The time from `start` to `end`, in `slots` of `span` each."""

    start: datetime
    end: datetime
    span: timedelta
    slots: tuple[Minute, ...]

    def part(self, at: datetime) -> float:
        """How much of the whole has passed at `at`, 0-1."""
        return min(1.0, max(0.0, (at - self.start) / (self.end - self.start)))


def times_of(report: LiveReport) -> Times | None:
    """The minutes of a live, in spans long enough that the bars can be seen; None when nothing happened."""
    if not report.minutes:
        return None
    live, first, last = report.live, report.minutes[0].at, report.minutes[-1].at + timedelta(minutes=1)
    start = min(first, live.opened_at.replace(second=0, microsecond=0)) if live.opened_at else first
    end = max(last, live.closed_at) if live.closed_at else last
    minutes = ceil((end - start) / timedelta(minutes=1))
    span = timedelta(minutes=next((one for one in SPANS_MIN if minutes / one <= MOST_BARS), SPANS_MIN[-1]))
    count = ceil((end - start) / span)
    return Times(start, start + count * span, span, _slots(report.minutes, start, span))


def _slots(minutes: Sequence[Minute], start: datetime, span: timedelta) -> tuple[Minute, ...]:
    found: dict[datetime, Minute] = {}
    for one in minutes:
        at = start + (one.at - start) // span * span
        had = found.get(at, Minute(at))
        found[at] = Minute(
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
    zone = report.live.timezone
    most = max([getattr(slot, name) for slot in times.slots] + [1])
    each = width * (times.span / (times.end - times.start))
    title = f"{words.say(f'strip_{name}')} — {_peak(report, times, name, words)}"
    marks: list[Mark] = [Label(5, floor - high - 8, cut(title, width - 8, 13), "small strong")]
    for slot in times.slots:
        count = getattr(slot, name)
        if count:
            tall = max(1.5, high * count / most)
            hint = words.pair(words.clock(slot.at, zone), words.count(count))
            at = times.part(slot.at) * width
            marks.append(Box(at + each * 0.08, floor - tall, max(0.8, each * 0.84), tall, name, hint))
    return [*marks, Line(0, floor, width, floor, "rule")]


def _peak(report: LiveReport, times: Times, name: str, words: Words) -> str:
    """When there was most of it, and how much."""
    most = max(times.slots, key=lambda slot: int(getattr(slot, name)))
    count = int(getattr(most, name))
    if not count:
        return words.say("none")
    at = words.clock(most.at, report.live.timezone)
    minutes = int(times.span / timedelta(minutes=1))
    key = "peak" if minutes == 1 else "peak_of_span"
    return words.say(key, count=words.count(count), at=at, minutes=minutes)


def _axis(report: LiveReport, times: Times, words: Words, place: tuple[float, int]) -> list[Mark]:
    floor, width = place
    marks: list[Mark] = []
    for at in _ticks(times, ZoneInfo(report.live.timezone), 9 if is_wide(width) else 5):
        x = times.part(at) * width
        anchor = "start" if x < 18 else "end" if x > width - 18 else "middle"
        marks.append(Line(x, floor - 4, x, floor + 3, "rule"))
        marks.append(Label(x, floor + 17, words.clock(at, report.live.timezone), "tiny", anchor))
    return marks


def _ticks(times: Times, zone: ZoneInfo, most: int) -> list[datetime]:
    """Round times of day, at most `most` of them."""
    whole = times.end - times.start
    step = next((timedelta(minutes=one) for one in TICKS_MIN if whole / timedelta(minutes=one) < most), whole)
    local = times.start.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + ceil((local - midnight) / step) * step
    return [first + number * step for number in range(most + 1) if first + number * step <= times.end]
