"""Report: what a live brought, beside others if one likes; to be kept as a file or printed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from nicegui import ui

from domain.report import LiveReport
from domain.show import Live, LiveState
from store.unit import UnitOfWork
from web.console.desk import Desk
from web.console.parts import empty
from web.report.page import report_inside, report_style
from web.report.words import Words

REFRESH_S = 30.0
MOST_COMPARED = 6


async def build(desk: Desk) -> None:
    """The page of one live; that of an open one is counted anew every half minute."""
    wanted = asked_for(desk.request.path_params["live_id"], desk.request.query_params.getlist("compare"))
    lives = await desk.read(lambda unit: unit.lives.list())
    known = {live.id: live for live in lives}
    if not wanted or any(one not in known for one in wanted):
        empty(desk, "search_off", "report.no_live", "report.no_live_hint")
        ui.link(desk.say("report.all"), "/lives").classes("go")
        return
    live = known[wanted[0]]
    ui.add_head_html(f"<style>{report_style()}</style>")
    _toolbar(desk, wanted, lives)
    with ui.element("div").classes("report"):
        inside = ui.html(desk.say("report.counting"), sanitize=False).props("aria-live=polite")

    async def count() -> None:
        reports = await desk.read(lambda unit: read_reports(unit, wanted))
        inside.set_content(drawn(desk, reports))

    if live.state in (LiveState.OPEN, LiveState.CLOSING):
        desk.every(REFRESH_S, count)
    else:
        ui.timer(0.05, count, once=True)


def asked_for(live: str, compare: Sequence[str]) -> list[int]:
    """The lives in an address, the reported one first, each once; empty when one is no number."""
    wanted = [live, *compare][:MOST_COMPARED]
    return list(dict.fromkeys(map(int, wanted))) if all(one.isdecimal() for one in wanted) else []


def read_reports(unit: UnitOfWork, lives: Sequence[int]) -> list[LiveReport]:
    """The reports of `lives`, which must be there."""
    return [unit.reports.of(live) for live in lives]


def drawn(desk: Desk, reports: Sequence[LiveReport]) -> str:
    """The reports as the page shows them, in the user's language."""
    return report_inside(reports, Words(desk.console.texts, desk.language), datetime.now(UTC))


def _toolbar(desk: Desk, wanted: list[int], lives: Sequence[Live]) -> None:
    say = desk.say
    address = f"/lives/{wanted[0]}/report.html"
    beside = [("compare", str(other)) for other in wanted[1:]]
    with ui.element("div").classes("line-up no-print"):
        save = f"{address}?{urlencode([*beside, ('save', '1')])}"
        ui.link(say("report.save"), save).props("download data-deed=save").classes("go")
        whole = f"{address}?{urlencode(beside)}"
        to_print = ui.link(say("report.print"), whole, new_tab=True).props("data-deed=print").classes("deed")
        to_print.tooltip(say("report.print_hint"))
        ui.link(say("report.log"), f"/redemptions?live={wanted[0]}").classes("deed")
        others = {one.id: one.title for one in lives if one.opened_at is not None and one.id != wanted[0]}
        if others:
            _beside(desk, wanted, others)


def _beside(desk: Desk, wanted: list[int], others: dict[int, str]) -> None:
    numbered = {id: f"{title} ({id})" for id, title in others.items()}
    chosen = [one for one in wanted[1:] if one in others]
    choice = ui.select(numbered, value=chosen, label=desk.say("report.beside"), multiple=True)
    choice.props(f"outlined dense use-chips max-values={MOST_COMPARED - 1}").classes("beside").mark("beside")

    def compare() -> None:
        query = urlencode([("compare", str(one)) for one in choice.value or ()])
        ui.navigate.to(f"/lives/{wanted[0]}?{query}")

    choice.on("popup-hide", compare)
