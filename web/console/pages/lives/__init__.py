"""Lives: what is on, what is planned, what past ones brought; plan one, change, open and close it, compare.

`look` is what is read, `form` and `products` the form, `plan` what was typed into it, `asking` what is done
with it, `deeds` open and close.
"""

from functools import partial

from nicegui import ui

from domain.people import Right
from domain.plan_rules import CHANGEABLE
from domain.show import Live, LiveState
from web.console.desk import Desk
from web.console.pages.lives.asking import ask_change, ask_plan
from web.console.pages.lives.deeds import Deeds
from web.console.pages.lives.look import Listed, Lives, look
from web.console.parts import Looks, Redrawn

REFRESH_S = 5.0
AT_ONCE = 30
GROUPS = {
    "open": (LiveState.OPEN, LiveState.CLOSING),
    "planned": (LiveState.PLANNED,),
    "past": (LiveState.CLOSED,),
}


async def build(desk: Desk) -> None:
    """The list; it follows what happens every few seconds."""
    page = _Page(desk)
    desk.every(REFRESH_S, page.refresh)


class _Page:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.deeds = Deeds(desk, self.refresh)
        self.chosen: list[int] = []
        self.most = AT_ONCE
        with ui.element("div").classes("line-up"):
            if desk.user.may(Right.PLAN):
                plan = ui.button(desk.say("lives.plan"), icon="add", on_click=self._plan)
                plan.props("unelevated").mark("plan")
            self.comparing = ui.element("div").classes("line-up")
            with self.comparing:
                self.compare = ui.button(on_click=self._compare, icon="compare_arrows").props("outline")
                self.hint = ui.label(desk.say("lives.compare_hint")).classes("quiet small")
            self.comparing.set_visibility(False)
        self.list, self.looks = Redrawn(self._draw), Looks()
        self._count_chosen()

    async def refresh(self) -> None:
        """Show the lives as they stand now."""
        is_newest = self.looks.begin()
        lives = await self.desk.read(partial(look, most=self.most))
        if not is_newest():
            return
        self.comparing.set_visibility(sum(one.is_reported for one in lives.listed) > 1)
        self.list.show(lives)

    def _draw(self, lives: Lives) -> None:
        if not lives.listed:
            self._draw_empty()
            return
        for name, states in GROUPS.items():
            those = [one for one in lives.listed if one.live.state in states]
            if those:
                ui.label(self.desk.say(f"lives.{name}")).props("role=heading aria-level=2").classes("head")
                with ui.element("ul").classes("lives"):
                    for one in those:
                        self._draw_live(one)
        if lives.has_more:
            ui.button(self.desk.say("lives.more"), on_click=self._more).props("flat")

    def _draw_empty(self) -> None:
        may_plan = self.desk.user.may(Right.PLAN)
        with ui.element("section").classes("card empty"):
            ui.icon("event").props("aria-hidden=true")
            ui.label(self.desk.say("lives.none"))
            ui.label(self.desk.say("lives.none_hint" if may_plan else "lives.none_hint_reader"))
            if may_plan:
                ui.button(self.desk.say("lives.plan"), on_click=self._plan).props("unelevated")

    def _draw_live(self, one: Listed) -> None:
        say, live = self.desk.say, one.live
        with ui.element("li").classes("card").mark(f"live-{live.id}"):
            with ui.element("div").classes("line-up"):
                if one.is_reported:
                    label = say("lives.choose", live=live.title)
                    box = ui.checkbox(value=live.id in self.chosen, on_change=partial(self._choose, live.id))
                    box.props["aria-label"] = label
                ui.link(live.title, f"/lives/{live.id}").classes("live say")
                ui.label(say(f"lives.state_{one.state}")).classes("chip").classes(
                    "good" if live.state is LiveState.OPEN else ""
                )
            begins = live.opened_at or live.starts_at
            when = self.desk.date(begins, live.timezone) if begins else say("lives.no_start")
            ui.label(f"{when} · {', '.join(live.channels)}").classes("quiet small say")
            if one.is_reported:
                self._draw_figures(one)
            with ui.element("div").classes("line-up"):
                self._draw_deeds(one)

    def _draw_figures(self, one: Listed) -> None:
        say = self.desk.say
        figures = {
            "net": " + ".join(self.desk.money(money) for money in one.net) or "–",
            "orders": self.desk.count(one.brief.orders),
            "codes": self.desk.count(one.brief.grants),
        }
        with ui.element("dl").classes("figures"):
            for name, figure in figures.items():
                with ui.element("div"):
                    with ui.element("dt").classes("quiet small"):
                        ui.label(say(f"lives.{name}"))
                    with ui.element("dd"):
                        ui.label(figure).classes("amount")

    def _draw_deeds(self, one: Listed) -> None:
        say, live, may = self.desk.say, one.live, self.desk.user.may
        if one.is_reported:
            ui.link(say("lives.report"), f"/lives/{live.id}").classes("deed")
        if live.state in (LiveState.OPEN, LiveState.CLOSING):
            ui.link(say("lives.run"), f"/?live={live.id}").classes("deed")
        if live.state is not LiveState.CLOSED:
            ui.link(say("offers.title"), f"/offers?live={live.id}").classes("deed")
        if may(Right.PLAN) and live.state in CHANGEABLE:
            ui.button(say("lives.change"), on_click=partial(self._change, live)).props("flat")
        if not may(Right.RUN_SHOW):
            return
        if live.state is LiveState.PLANNED:
            ui.button(say("lives.begin"), on_click=partial(self.deeds.open, live)).props("outline")
            ui.button(say("lives.cancel"), on_click=partial(self.deeds.cancel, live)).props("flat")
        elif live.state is LiveState.OPEN:
            ui.button(say("lives.end"), on_click=partial(self.deeds.close, live)).props("outline")

    def _choose(self, live_id: int, event: object) -> None:
        self.chosen = [one for one in self.chosen if one != live_id]
        if getattr(event, "value", False):
            self.chosen.append(live_id)
        self._count_chosen()

    def _count_chosen(self) -> None:
        count = len(self.chosen)
        key = "lives.compare_many" if count > 1 else "lives.compare"
        self.compare.set_text(self.desk.say(key, count=count))
        self.compare.set_enabled(count > 1)
        self.hint.set_visibility(count < 2)

    def _compare(self) -> None:
        first, *others = self.chosen
        ui.navigate.to(f"/lives/{first}?{'&'.join(f'compare={other}' for other in others)}")

    async def _more(self) -> None:
        self.most *= 4
        await self.refresh()

    async def _plan(self) -> None:
        desk = self.desk
        with desk.client.content:  # the list, and with it the button, may be drawn anew meanwhile
            live = await ask_plan(desk)
            if live is None:
                return
            done = desk.say("lives.was_planned", live=live.title)
            desk.lead_on(done, desk.say("lives.add_offer"), f"/offers?live={live.id}")
            await self.refresh()

    async def _change(self, live: Live) -> None:
        with self.desk.client.content:
            if await ask_change(self.desk, live):
                self.desk.tell(self.desk.say("lives.was_changed"))
                await self.refresh()
