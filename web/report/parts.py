"""Parts of a live side by side: what each brought, and how many of its holders bought, with intervals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.rates import Rate, rate
from domain.report import RateName, Steps, counts_of
from web.report.marks import (
    NARROW,
    WIDE,
    Box,
    Chart,
    Dot,
    Drawing,
    Label,
    Line,
    Mark,
    both,
    folded,
    is_wide,
    round_up,
)
from web.report.words import Words


@dataclass(frozen=True, slots=True)
class Row:
    """A part and its name; `is_other` for what belongs to no part."""

    name: str
    steps: Steps
    is_other: bool = False

    @property
    def rate(self) -> Rate | None:
        """Which part of the holders bought."""
        return rate(counts_of(self.steps, RateName.BOUGHT))


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0 to `most` over `room`, from `left` on."""

    left: float
    room: float
    most: float

    def x(self, value: float) -> float:
        """Where `value` is."""
        return self.left + self.room * min(1.0, max(0.0, value / self.most))


def main_currency(rows: Iterable[Steps]) -> str:
    """The currency of most orders: bars can be compared in one only."""
    counts: dict[str, int] = {}
    for steps in rows:
        for currency, one in steps.takings.items():
            counts[currency] = counts.get(currency, 0) + one.orders
    return max(counts, key=lambda currency: (counts[currency], currency), default="")


def parts_chart(id: str, title: str, rows: Sequence[Row], whole: Steps, words: Words) -> Chart | None:
    """Bars of revenue and whiskers of rates; None when no part has either."""
    if not any(row.steps.takings or row.rate for row in rows if not row.is_other):
        return None
    currency = main_currency(row.steps for row in rows)
    told = (
        words.pair(row.name, f"{words.net(row.steps.takings)}, {_rate_in_words(row, words)}") for row in rows
    )
    drawn = [_draw(rows, whole, currency, words, width) for width in (WIDE, NARROW)]
    return both(id, title, "; ".join(told), drawn)


def _rate_in_words(row: Row, words: Words) -> str:
    if row.rate is None:
        return words.say("not_known")
    return f"{words.rate(row.rate)} ({words.interval(row.rate)})"


def _draw(rows: Sequence[Row], whole: Steps, currency: str, words: Words, width: int) -> Drawing:
    wide = is_wide(width)
    nets = [row.steps.takings[currency].net if currency in row.steps.takings else 0 for row in rows]
    bars = Scale(206 if wide else 0, 160 if wide else 250, max([*nets, 1]))
    highest = max([row.rate.high for row in rows if row.rate] + [0.01])
    rates = Scale(478 if wide else 0, 170 if wide else 250, min(1.0, round_up(highest)))
    has_rates = any(row.rate for row in rows)
    top, pitch = (34, 46) if wide else (12, 98 if has_rates else 58)
    bottom = top + len(rows) * pitch
    of_all = rate(counts_of(whole, RateName.BOUGHT))
    marks = _heads(words, bars, rates, has_rates=has_rates) if wide else []
    if wide and of_all:
        x = rates.x(of_all.value)
        marks.append(Line(x, top - 8, x, bottom - 6, "mean"))
    for number, (row, net) in enumerate(zip(rows, nets, strict=True)):
        y = top + number * pitch
        marks += _bar(row, net, words, bars, y, wide=wide)
        if has_rates:
            marks += _whisker(row.rate, words, rates, y + (14 if wide else 68), of_all, wide=wide)
    return Drawing(width, bottom, tuple(marks))


def _heads(words: Words, bars: Scale, rates: Scale, *, has_rates: bool) -> list[Mark]:
    net: list[Mark] = [Label(bars.left, 12, words.say("head_net"), "small")]
    if not has_rates:
        return net
    return [
        *net,
        Label(rates.left, 12, words.say("head_bought"), "small"),
        Label(rates.left, 24, "0", "tiny"),
        Label(rates.left + rates.room, 24, words.percent(rates.most), "tiny", "end"),
        Line(rates.left, 27, rates.left + rates.room, 27, "rule"),
    ]


def _bar(row: Row, net: int, words: Words, bars: Scale, y: float, *, wide: bool) -> list[Mark]:
    long = max(2.0, bars.x(net) - bars.left) if net > 0 else 0.0
    told = words.net(row.steps.takings)
    look = "bar other" if row.is_other else "bar"
    if not wide:
        name = folded(row.name, NARROW, 14, lines=1)[0]
        return [
            Label(0, y + 10, name, "strong"),
            Box(bars.left, y + 20, long, 20, look, words.pair(row.name, told)),
            Label(bars.left + long + 6, y + 35, told, "small strong"),
        ]
    lines = folded(row.name, bars.left - 14, 14)
    first = y + 19 if len(lines) == 1 else y + 11
    names = [Label(0, first + 16 * number, line, "name") for number, line in enumerate(lines)]
    bar = Box(bars.left, y + 3, long, 22, look, words.pair(row.name, told))
    return [*names, bar, Label(bars.left + long + 6, y + 19, told, "small strong")]


def _whisker(
    seen: Rate | None, words: Words, scale: Scale, y: float, of_all: Rate | None, *, wide: bool
) -> list[Mark]:
    """The rate as a dot, the interval as a line through it."""
    end = scale.left + scale.room
    if seen is None:
        return [Label(scale.left, y + 5, words.say("not_known"), "small quiet")]
    low, high, dot = scale.x(seen.low), scale.x(seen.high), scale.x(seen.value)
    hint = f"{words.rate(seen)} ({words.interval(seen)})"
    marks: list[Mark] = [Line(scale.left, y, end, y, "track"), Line(low, y, high, y, "whisker")]
    marks += [Line(edge, y - 5, edge, y + 5, "whisker") for edge in (low, high)]
    if not wide and of_all:
        marks.append(Line(scale.x(of_all.value), y - 9, scale.x(of_all.value), y + 9, "mean"))
    return [*marks, Dot(dot, y, "dot", hint=hint), Label(end + 12, y + 5, words.rate(seen), "small strong")]
