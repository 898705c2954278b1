"""The log of redemptions: filters, sums that follow them, revenue by channel, rows, and each row's story."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.people import Right
from domain.redemption_log import LogFilter, PageWish, SearchTooWide
from store.unit import UnitOfWork
from web.console.desk import Desk
from web.console.pages.redemptions.asked import Asked, asked_in, may_see, why_too_wide
from web.console.pages.redemptions.choosing import draw_days, draw_filters, draw_span
from web.console.pages.redemptions.hands import CHANGED, PRESSED, changed, pressed
from web.console.pages.redemptions.names import Known, Names, known
from web.console.pages.redemptions.shown import (
    Found,
    draw_nothing,
    draw_rows,
    draw_shares,
    draw_sums,
)
from web.console.pages.redemptions.story import draw_story
from web.console.parts import Looks, empty
from web.redemption_files import MOST_IN_A_SHEET

PAGE = 50
REFRESH_S = 1.0


async def build(desk: Desk) -> None:
    """The page of the log."""
    ui.add_head_html(f"<style>{_look('redemptions.css')}</style><script>{_look('redemptions.js')}</script>")
    await _Log(desk).build()


class _Log:
    """One open page of the log: what is asked, and where in the rows one is."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.asked = asked_in(desk.request.query_params)
        self.may = may_see(desk.user)
        self.wish = PageWish(size=PAGE)
        self.before = 0
        self.is_all = False
        self._looks = Looks()
        self._found: Found | None = None
        self._names: Names | None = None

    async def build(self) -> None:
        """Lay the page out, look for the first time, and go on looking."""
        with ui.element("div").classes("log-page").props("id=log") as self._page:
            self._page.on("click", self._pressed, js_handler=PRESSED)
            self._page.on("change", self._changed, js_handler=CHANGED)
            self._tools()
            self._days = ui.html(sanitize=False)
            self._filters = ui.html(sanitize=False).classes("log-all-filters")
            with ui.element("div").classes("log-top"):
                self._sums, self._shares = ui.html(sanitize=False), ui.html(sanitize=False)
            self._rows = ui.html(sanitize=False)
            self._zone = ui.label().classes("quiet small")
        self._none = ui.element("div")
        with self._none:
            empty(self.desk, "receipt_long", "redemptions.none_yet", "redemptions.none_yet_hint")
        self._dialog()
        await self.look()
        self.desk.every(REFRESH_S, self._again)

    def _tools(self) -> None:
        say = self.desk.say
        with ui.element("div").classes("log-tools"):
            label = say("redemptions.search" if self.may.viewers else "redemptions.search_orders")
            self._search = ui.input(label, value=self.asked.search, on_change=self._searched)
            self._search.props(
                f'outlined dense clearable debounce=300 hide-hint hint="{say("redemptions.search_hint")}"'
            )
            self._search.props("type=search").classes("grow")
            self._span = ui.html(sanitize=False).classes("log-all-filters")
            ui.button(icon="filter_list", on_click=self._unfold).props(
                f'outline round aria-label="{say("redemptions.filters")}"'
            ).classes("phone")
            self._clear = ui.button(say("redemptions.clear"), icon="filter_alt_off", on_click=self._cleared)
            self._clear.props("flat no-caps").classes("wide-only")
            if self.desk.user.may(Right.EXPORT):
                self._exports = [(kind, ui.link("", "").classes("export")) for kind in ("csv", "xlsx")]
                for kind, link in self._exports:
                    link.text = say(f"redemptions.export_{kind}")
            else:
                self._exports = []

    def _unfold(self) -> None:
        for part in (self._filters, self._span):
            part.classes(toggle="open")

    def _dialog(self) -> None:
        label = self.desk.say("frame.close")
        with ui.dialog().props("position=right full-height") as self._story, ui.card().classes("log-story"):
            with ui.element("div").classes("line-up"):
                self._story_title = ui.label().props("role=heading aria-level=2").classes("head say")
                ui.space()
                ui.button(icon="close", on_click=self._story.close).props(f'flat round aria-label="{label}"')
            self._story_body = ui.html(sanitize=False)
            self._story_body.on("click", self._pressed, js_handler=PRESSED)

    async def look(self) -> None:
        """Look at the store, and show what is found unless somebody has asked for something else since."""
        is_newest, asked, wish = self._looks.begin(), self.asked, self.wish
        try:
            there, found = await self.desk.read(lambda unit: self._read(unit, asked, wish))
        except SearchTooWide:
            if is_newest():
                self._search.error = why_too_wide(self.desk.language, asked.search)
            return
        if is_newest():
            self._search.error = None
            self._show(asked, Names(self.desk, there), found)

    def _read(self, unit: UnitOfWork, asked: Asked, wish: PageWish) -> tuple[Known, Found]:
        """All that is shown, in one unit of work on a thread."""
        there, log = known(unit), unit.redemption_log
        zone = Names(self.desk, there).zone(asked)

        def wanted(one: Asked) -> LogFilter:
            return one.wanted(zone, by_name=self.may.viewers)

        page = log.page(wanted(asked), replace(wish, by=asked.sort, is_descending=not asked.up), self.may)
        if page.totals.rows:
            return there, Found(page, log.shares(wanted(asked), asked.share), {}, is_any=True)
        nearby = {name: log.totals(wanted(asked.without(name))).rows for name in asked.narrowed}
        is_any = bool(log.totals(LogFilter()).rows)
        return there, Found(page, (), nearby, is_any)

    def _show(self, asked: Asked, names: Names, found: Found) -> None:
        self._names, self._found = names, found
        self._none.set_visibility(not found.is_any)
        self._page.set_visibility(found.is_any)
        is_found = bool(found.page.totals.rows)
        zone = names.zone(asked)
        self._days.content = draw_days(self.desk, asked, datetime.now(ZoneInfo(zone)).date())
        self._span.content = draw_span(self.desk, asked)
        self._filters.content = draw_filters(self.desk, asked, names)
        self._sums.set_visibility(is_found)
        self._shares.set_visibility(is_found)
        self._zone.text = self.desk.say("redemptions.zone", zone=zone)
        self._clear.set_visibility(bool(asked.narrowed))
        self._link_exports(asked, names, found.page.totals.rows)
        if not is_found:
            self._rows.content = draw_nothing(self.desk, asked, names, found.nearby)
            return
        self._sums.content = draw_sums(self.desk, asked, names, found.page.totals)
        self._shares.content = draw_shares(self.desk, asked, names, found.shares, is_all=self.is_all)
        self._rows.content = draw_rows(self.desk, asked, names, found.page, self.before)

    def _link_exports(self, asked: Asked, names: Names, count: int) -> None:
        for kind, link in self._exports:
            hint = self.desk.say(f"redemptions.export_{kind}_hint", count=names.count(count))
            if kind == "xlsx" and count > MOST_IN_A_SHEET:
                hint = self.desk.say("redemptions.export_too_long", most=names.count(MOST_IN_A_SHEET))
            link.props(f'href="/redemptions/export.{kind}?{asked.query()}"')
            link.props["aria-label"] = link.props["title"] = hint
            link.update()
            link.set_visibility(count > 0)

    async def _again(self) -> None:
        if self.before == 0 and not self.wish.is_last:
            await self.look()

    async def ask(self, asked: Asked) -> None:
        """Look for something else, from the first page on; the address tells it."""
        if asked == self.asked:
            return
        self.asked = asked
        query = asked.query()
        address = json.dumps(f"?{query}" if query else "")
        ui.run_javascript(f"history.replaceState(null, '', location.pathname + {address})")
        self.wish, self.before, self.is_all = PageWish(size=PAGE), 0, False
        await self.look()

    async def _pressed(self, event: GenericEventArguments) -> None:
        data: Mapping[str, Any] = event.args
        if "row" in data:
            await self._open(str(data["row"]))
        elif "go" in data:
            await self._go(str(data["go"]))
        elif "rest" in data:
            self.is_all = True
            await self.look()
        else:
            await self.ask(pressed(self.asked, data))

    async def _changed(self, event: GenericEventArguments) -> None:
        await self.ask(changed(self.asked, event.args))

    async def _searched(self) -> None:
        await self.ask(
            replace(self.asked, search=asked_in({"search": self._search.value or ""}).search.strip())
        )

    async def _cleared(self) -> None:
        self._search.value = ""
        await self.ask(self.asked.cleared())

    async def _go(self, where: str) -> None:
        if self._found is None:
            return
        page, total = self._found.page, self._found.page.totals.rows
        wish = PageWish(size=PAGE)
        if where == "next" and page.next:
            self.wish, self.before = replace(wish, after=page.next), self.before + len(page.rows)
        elif where == "previous" and page.previous and self.before > PAGE:
            self.wish, self.before = replace(wish, before=page.previous), self.before - PAGE
        elif where == "last" and page.next:
            rest = total % PAGE or PAGE
            self.wish, self.before = replace(wish, size=rest, is_last=True), total - rest
        elif where in ("first", "previous"):
            self.wish, self.before = wish, 0
        await self.look()

    async def _open(self, id: str) -> None:
        if not id.isdigit() or self._names is None or not await self.desk.may(None):
            return
        story = await self.desk.read(lambda unit: unit.redemption_log.story(int(id), self.may))
        if story is None:
            self.desk.complain(self.desk.say("redemptions.story_gone"))
            await self.look()
            return
        title = self.desk.say("redemptions.story", order=story.row.redemption.order_id)
        self._story.props["aria-label"] = self._story_title.text = title
        self._story.update()
        self._story_body.content = draw_story(self.desk, self._names, story)
        self._story.open()


@lru_cache(maxsize=4)
def _look(name: str) -> str:
    return files("web").joinpath("look", name).read_text(encoding="utf-8")
