"""`bateleur report`: what a live was, on a terminal, as a file to send, or for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.live import Number
from bot.cli.opened import now, opened
from bot.cli.printing import AsJson, cell, tell, tell_json
from commands.texts.catalogue import Catalogue, load_texts
from domain.errors import Refusal
from domain.rates import Rate, differences, rate
from domain.report import LiveReport, RateName, Steps, Takings, counts_of
from store.database import Database
from web.report.comparison import sentences
from web.report.funnel import funnel_steps
from web.report.page import offer_name, report_page
from web.report.words import Words

Compared = Annotated[list[int] | None, typer.Option("--compare", metavar="LIVE", help="Beside this live.")]


def report(
    live: Number,
    html: Annotated[Path | None, typer.Option(help="Write it to this file, to send or print.")] = None,
    compare: Compared = None,
    language: Annotated[str | None, typer.Option(help="Of the file: fr or en; else the live's.")] = None,
    as_json: AsJson = False,
) -> None:
    """What a live brought: how many viewers asked, were given a code and bought, by channel, product and
    mechanic, and how far small figures may be trusted. Nobody is named, and no code is shown.

    The file is one page that needs no network; a browser prints it, or saves it as PDF."""
    with opened() as (settings, database):
        texts = load_texts(settings.texts)
        if language is not None and language not in texts.texts:
            raise Refusal(f"There are no texts in «{language}»; there are: {', '.join(texts.texts)}.")
        reports = _reports(database, [live, *(compare or ())])
    if html is not None:
        _write(html, report_page(reports, texts, now(), language))
        tell({"live": live, "file": str(html)}, f"The report of live {live} is in {html}.", as_json=as_json)
    elif as_json:
        tell_json(as_data(reports))
    else:
        _print(reports, texts)


def _reports(database: Database, lives: Iterable[int]) -> list[LiveReport]:
    with database.unit(read_only=True) as unit:
        return [unit.reports.of(live) for live in dict.fromkeys(lives)]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}.") from None


def as_data(reports: Sequence[LiveReport]) -> dict[str, Any]:
    """The reports for programs: the first live's at the top, the others and what differs beside it."""
    return {
        **_data(reports[0]),
        "compared": [_data(one) for one in reports[1:]],
        "differences": [
            {
                "rate": one.name.value,
                "live": one.one.live.id,
                "other": one.other.live.id,
                "more_than_chance": one.is_sure,
            }
            for one in differences(reports)
        ],
    }


def _data(report: LiveReport) -> dict[str, Any]:
    return {
        "live": report.live.id,
        "title": report.live.title,
        "state": report.live.state.value,
        **_steps(report.whole),
        "by_channel": [{"channel": part.key, **_steps(part.steps)} for part in report.by_channel],
        "by_product": [{"sku": part.key, **_steps(part.steps)} for part in report.by_product],
        "by_mechanic": [{"mechanic": part.key, **_steps(part.steps)} for part in report.by_mechanic],
        "by_offer": [{"offer": part.offer.id, **_steps(part.steps)} for part in report.by_offer],
        "verdicts": {one.verdict.value: one.uses for one in report.verdicts},
        "step_s": int(report.step.total_seconds()),
        "moments": [asdict(moment) for moment in report.moments],
        "on_screen": [asdict(stretch) for stretch in report.stretches],
    }


def _steps(steps: Steps) -> dict[str, Any]:
    """The steps; null is what cannot be known."""
    counts = ("viewers", "questions", "askers", "holders", "own_holders", "orders", "shared_orders")
    return {
        **{name: getattr(steps, name) for name in counts},
        "buyers": steps.known_buyers,
        "rates": {name.value: _rate(rate(counts_of(steps, name))) for name in RateName},
        "takings": {currency: _takings(one) for currency, one in steps.takings.items()},
    }


def _rate(seen: Rate | None) -> dict[str, float] | None:
    return None if seen is None else {"rate": seen.value, "low": seen.low, "high": seen.high}


def _takings(one: Takings) -> dict[str, int]:
    return {"orders": one.orders, "paid": one.paid, "refunded": one.refunded, "net": one.net}


def _print(reports: Sequence[LiveReport], texts: Catalogue) -> None:
    report, words, console = reports[0], Words(texts, "en"), Console()
    if report.is_empty:
        console.print(f"Nobody has written a command in live {report.live.id} yet: nothing to count.")
        return
    console.print(_funnel(report, words))
    named = {
        "Channel": [(one.key or words.say("no_channel"), one.steps) for one in report.by_channel],
        "Product on screen": [(one.name or words.say("no_product"), one.steps) for one in report.by_product],
        "Offer": [(offer_name(one.offer, words), one.steps) for one in report.by_offer],
    }
    for head, rows in named.items():
        if rows:
            console.print(_parts(head, rows, words))
    against = [one for one in report.verdicts if one.verdict != "valid"]
    for one in against:
        console.print(f"Not counted: {one.uses} × {words.say(f'verdict_{one.verdict}').lower()}")
    if len(reports) > 1:
        console.print(_parts("Live", [(one.live.title, one.whole) for one in reports], words))
        for sentence in sentences(reports, words):
            console.print(sentence, markup=False)


def _funnel(report: LiveReport, words: Words) -> Table:
    table = Table(title=cell(report.live.title), title_justify="left", title_style="bold")
    for head in ("Viewers who", "", "of those before", "95% interval"):
        table.add_column(head, justify="left" if head == "Viewers who" else "right")
    for step in funnel_steps(report.whole, words):
        count = words.say("not_known") if step.count is None else words.count(step.count)
        seen = words.rate(step.rate) if step.rate else ""
        table.add_row(step.name, count, seen, words.interval(step.rate))
    table.add_section()
    table.add_row("orders", words.count(report.whole.orders))
    table.add_row("revenue net of refunds", words.net(report.whole.takings))
    return table


def _parts(head: str, rows: Iterable[tuple[str, Steps]], words: Words) -> Table:
    table = Table(head, title_justify="left")
    for name in (
        "active",
        "asked",
        "given a code",
        "bought",
        "rate",
        "95% interval",
        "orders",
        "net revenue",
    ):
        table.add_column(name, justify="right")
    for name, steps in rows:
        seen = rate(counts_of(steps, RateName.BOUGHT))
        counts = (steps.viewers, steps.askers, steps.holders, steps.known_buyers)
        table.add_row(
            cell(name), *map(words.count, counts), words.rate(seen), words.interval(seen),
            words.count(steps.orders), words.net(steps.takings),
        )  # fmt: skip
    return table
