"""The report put together: what a template shows, and the file that comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from commands.money import say_money, say_percent
from commands.texts.catalogue import Catalogue
from domain.rates import rate
from domain.report import LiveReport, Moment, Part, RateName, counts_of
from domain.show import LiveState, Offer
from web.look import mark, page_tokens
from web.report.comparison import comparison_chart, rates_of, sentences
from web.report.funnel import funnel, funnel_steps
from web.report.parts import Row, parts_chart
from web.report.timeline import STRIPS, Times, timeline, times_of
from web.report.words import Words

_ENVIRONMENT = Environment(
    loader=PackageLoader("web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def report_page(
    reports: Sequence[LiveReport], catalogue: Catalogue, made_at: datetime, language: str | None = None
) -> str:
    """The report of the first live, beside the others if there are any, as one HTML file.

    In `language`, or in that of the live. `made_at` is aware UTC.
    """
    words = Words(catalogue, language or reports[0].live.language)
    about = {**shown(reports, words, made_at), "is_file": True, "mark": mark(), "tokens": page_tokens()}
    return _ENVIRONMENT.get_template("report/page.html").render(about)


def report_inside(reports: Sequence[LiveReport], words: Words, made_at: datetime) -> str:
    """What is inside the page, to stand in a page of the console; its style is `report_style`."""
    about = {**shown(reports, words, made_at), "is_file": False}
    return _ENVIRONMENT.get_template("report/inside.html").render(about)


@lru_cache(maxsize=1)
def report_style() -> str:
    """The style of `report_inside`, in the colours of the console."""
    return _ENVIRONMENT.get_template("report/style.css").render(is_file=False)


def shown(reports: Sequence[LiveReport], words: Words, made_at: datetime) -> dict[str, Any]:
    """What the templates show."""
    report = reports[0]
    times = times_of(report)
    sections = [
        _section(report, words, "channel", [*map(_channel_row(words), report.by_channel)]),
        _section(report, words, "product", [*map(_product_row(words), report.by_product)]),
        _section(report, words, "mechanic", [*map(_mechanic_row(words), report.by_mechanic)]),
    ]
    return {
        "words": words,
        "say": words.say,
        "report": report,
        "live": report.live,
        "made_at": made_at,
        "is_open": report.live.state in (LiveState.OPEN, LiveState.CLOSING),
        "is_planned": report.live.state is LiveState.PLANNED,
        "bought": rate(counts_of(report.whole, RateName.BOUGHT)),
        "name_of": _channel,
        "steps": funnel_steps(report.whole, words),
        "funnel": funnel(report.whole, words),
        "times": times,
        "timeline": timeline(report, times, words) if times else None,
        "slots": _slots(report, times, words),
        "strips": STRIPS,
        "sections": [one for one in sections if one is not None],
        "offers": [(offer_name(part.offer, words), part.steps) for part in report.by_offer],
        "has_shared": report.whole.shared_orders > 0 or report.whole.holders > report.whole.own_holders,
        "rate_of": lambda steps, name: rate(counts_of(steps, RateName(name))),
        "compared": _compared(reports, words),
    }


@dataclass(frozen=True, slots=True)
class Section:
    """Parts of a live: a chart if there is anything to draw, and a row for each."""

    kind: str
    rows: list[Row]
    chart: Any


def _section(report: LiveReport, words: Words, kind: str, rows: list[Row]) -> Section | None:
    if not rows:
        return None
    chart = parts_chart(f"by-{kind}", words.say(f"by_{kind}"), rows, report.whole, words)
    return Section(kind, rows, chart)


def _channel_row(words: Words) -> Any:
    def row(part: Part) -> Row:
        return Row(_channel(part.key) if part.key else words.say("no_channel"), part.steps, not part.key)

    return row


def _product_row(words: Words) -> Any:
    def row(part: Part) -> Row:
        return Row(part.name or words.say("no_product"), part.steps, not part.key)

    return row


def _mechanic_row(words: Words) -> Any:
    def row(part: Part) -> Row:
        return Row(words.say(f"mechanic_{part.key}"), part.steps)

    return row


def _channel(channel: str) -> str:
    platform, _, account = channel.partition(":")
    known = {"twitch": "Twitch", "youtube": "YouTube", "facebook": "Facebook"}
    return f"{known.get(platform, platform.title())} {account}"


def offer_name(offer: Offer, words: Words) -> str:
    """What an offer is called: its number, what it takes off, and how it is won."""
    if offer.discount.amount is not None:
        off = say_money(offer.discount.amount, words.language)
    else:
        off = say_percent(offer.discount.percent or 0, words.language)
    kind, mechanic = words.say(f"kind_{offer.kind}"), words.say(f"mechanic_{offer.mechanic}")
    return words.say("offer", number=offer.id, off=off, kind=kind, mechanic=mechanic)


def _slots(report: LiveReport, times: Times | None, words: Words) -> list[tuple[str, Moment]]:
    if times is None:
        return []
    return [(times.clock(slot.at, words, report), slot) for slot in times.slots]


def _compared(reports: Sequence[LiveReport], words: Words) -> Mapping[str, Any] | None:
    if len(reports) < 2:
        return None
    lives = [(report, rates_of(report)) for report in reports]
    return {"chart": comparison_chart(reports, words), "lives": lives, "sentences": sentences(reports, words)}
