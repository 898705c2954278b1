"""The funnel: how many came how far, and which part of them went on."""

from dataclasses import dataclass

from domain.rates import Rate, rate
from domain.report import RateName, Steps, counts_of
from web.report.marks import NARROW, WIDE, Area, Box, Chart, Drawing, Label, Mark, both
from web.report.words import Words


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel. `count` None: not known. `rate`: what part of the step before came here."""

    name: str
    count: int | None
    rate: Rate | None = None


def funnel_steps(steps: Steps, words: Words) -> list[Step]:
    """The steps from whoever wrote a command to whoever bought."""
    counts = (steps.viewers, steps.askers, steps.holders, steps.known_buyers)
    names = [words.say(f"step_{name}") for name in ("viewers", "askers", "holders", "buyers")]
    if 0 < steps.own_holders < steps.holders:
        names[-1] = words.say("step_buyers_of", own=words.count(steps.own_holders))
    rates = (None, *(rate(counts_of(steps, name)) for name in RateName))
    return [Step(*one) for one in zip(names, counts, rates, strict=True)]


def funnel(steps: Steps, words: Words) -> Chart:
    """The funnel of a live."""
    rows = funnel_steps(steps, words)
    about = "; ".join(words.pair(row.name, words.count(row.count)) for row in rows)
    end = (
        words.say("funnel_orders", count=steps.orders, orders=words.count(steps.orders)),
        words.net(steps.takings),
    )
    return both("funnel", words.say("funnel"), about, [_wide(rows, end, words), _narrow(rows, end, words)])


def _wide(rows: list[Step], end: tuple[str, str], words: Words) -> Drawing:
    """Bars that grow narrower around a middle, what flows between them, counts before and rates behind."""
    top, high, pitch, middle, room = 6, 36, 62, 378, 300
    spans = _spans(rows, room)
    marks: list[Mark] = []
    for number, (row, span) in enumerate(zip(rows, spans, strict=True)):
        y = top + number * pitch
        if number:
            before = spans[number - 1]
            edge = (middle - before / 2, y - pitch + high), (middle + before / 2, y - pitch + high)
            marks.append(Area((*edge, (middle + span / 2, y), (middle - span / 2, y)), "flow"))
        marks.append(_bar(row, number, (middle - span / 2, y, span, high), words))
        marks += [Label(0, y + 15, _count(row, words), "large"), Label(0, y + 33, row.name, "small")]
        if row.rate:
            marks += [Label(544, y - 15, f"↓ {words.rate(row.rate)}", "strong")]
            marks += [Label(618, y - 15, words.interval(row.rate), "small quiet")]
    y = top + (len(rows) - 1) * pitch
    marks += [Label(544, y + 16, end[0], "strong accent"), Label(544, y + 34, end[1], "strong accent")]
    return Drawing(WIDE, y + high + 6, tuple(marks))


def _narrow(rows: list[Step], end: tuple[str, str], words: Words) -> Drawing:
    """A bar under each name, the rate between them."""
    top, high, pitch = 22, 26, 86
    marks: list[Mark] = []
    for number, (row, span) in enumerate(zip(rows, _spans(rows, NARROW), strict=True)):
        y = top + number * pitch
        marks += [Label(0, y - 7, row.name), Label(NARROW, y - 7, _count(row, words), "strong", "end")]
        marks.append(_bar(row, number, (0, y, span, high), words))
        if row.rate:
            told = f"↓ {words.rate(row.rate)} ({words.interval(row.rate)})"
            marks.append(Label(4, y - 35, told, "small"))
    y = top + (len(rows) - 1) * pitch + high
    marks += [
        Label(0, y + 24, end[0], "strong accent"),
        Label(NARROW, y + 24, end[1], "strong accent", "end"),
    ]
    return Drawing(NARROW, y + 32, tuple(marks))


def _spans(rows: list[Step], room: float) -> list[float]:
    """How long the bars are; one whose count nobody knows is as long as can be seen to be empty."""
    most = max([row.count or 0 for row in rows] + [1])
    return [room * 0.3 if row.count is None else max(3.0, room * row.count / most) for row in rows]


def _bar(row: Step, number: int, place: tuple[float, float, float, float], words: Words) -> Box:
    look = "unknown" if row.count is None else f"step s{number}"
    return Box(*place, look, words.pair(row.name, _count(row, words)))


def _count(row: Step, words: Words) -> str:
    return words.say("not_known") if row.count is None else words.count(row.count)
