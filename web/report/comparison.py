"""Lives side by side: rates with their intervals, and which differences are more than chance."""

from collections.abc import Sequence

from domain.rates import Difference, Rate, differences, rate
from domain.report import LiveReport, RateName, counts_of
from web.report.marks import NARROW, WIDE, Chart, Dot, Drawing, Label, Line, Mark, both, folded, is_wide
from web.report.parts import Scale
from web.report.words import Words


def rates_of(report: LiveReport) -> dict[RateName, Rate | None]:
    """The rates of a live as a whole."""
    return {name: rate(counts_of(report.whole, name)) for name in RateName}


def comparison_chart(reports: Sequence[LiveReport], words: Words) -> Chart:
    """The rates of the lives, each with its interval."""
    told = [
        words.pair(
            report.live.title,
            ", ".join(
                f"{words.say(f'rate_{name}')} {words.rate(one)}" for name, one in rates_of(report).items()
            ),
        )
        for report in reports
    ]
    drawn = [_draw(reports, words, width) for width in (WIDE, NARROW)]
    return both("comparison", words.say("comparison"), "; ".join(told), drawn)


def _draw(reports: Sequence[LiveReport], words: Words, width: int) -> Drawing:
    wide = is_wide(width)
    scale = Scale(220 if wide else 0, 330 if wide else 240, 1.0)
    marks: list[Mark] = []
    y = 4.0
    for name in RateName:
        for line in folded(words.say(f"rate_{name}"), width, 14):
            marks.append(Label(0, y + 14, line, "strong"))
            y += 18
        marks.append(Line(0, y + 4, width, y + 4, "rule"))
        y += 16
        for number, report in enumerate(reports):
            marks += _row(report, rates_of(report)[name], words, scale, y, is_first=number == 0)
            y += 26 if wide else 42
        y += 14
    return Drawing(width, y, tuple(marks))


def _row(
    report: LiveReport, seen: Rate | None, words: Words, scale: Scale, y: float, *, is_first: bool
) -> list[Mark]:
    wide = scale.left > 0
    line = y + (6 if wide else 26)
    title = folded(report.live.title, (scale.left or NARROW) - 14, 13, lines=1)[0]
    marks: list[Mark] = [Label(0, y + 11, title, "small")]
    if seen is None:
        return [*marks, Label(scale.left, line + 5, words.say("not_known"), "small quiet")]
    low, high = scale.x(seen.low), scale.x(seen.high)
    hint = f"{words.rate(seen)} ({words.interval(seen)})"
    told = hint if wide else words.rate(seen)
    return [
        *marks,
        Line(scale.left, line, scale.left + scale.room, line, "track"),
        Line(low, line, high, line, "whisker"),
        Dot(scale.x(seen.value), line, "dot" if is_first else "dot other", hint=hint),
        Label(scale.left + scale.room + 12, line + 5, told, "small strong"),
    ]


def sentences(reports: Sequence[LiveReport], words: Words) -> list[str]:
    """Which differences from the first live are more than chance, and that the others may not be."""
    found = differences(reports)
    told = [_sentence(one, words) for one in found if one.is_sure]
    if not found:
        return [words.say("nothing_to_compare")]
    if not told:
        return [words.say("no_sure_difference")]
    return [*told, words.say("other_differences")] if len(told) < len(found) else told


def _sentence(one: Difference, words: Words) -> str:
    more, less = (one.one, one.other), (one.rate, one.other_rate)
    if one.rate.value < one.other_rate.value:
        more, less = more[::-1], less[::-1]
    return words.say(
        f"sure_{one.name}",
        more=more[0].live.title,
        less=more[1].live.title,
        high=words.rate(less[0]),
        low=words.rate(less[1]),
    )
