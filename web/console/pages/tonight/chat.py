"""The merged chats, who waits for an answer, and the last orders. The page samples, the counts do not."""

from collections import deque
from dataclasses import replace
from importlib.resources import files

from jinja2 import Environment
from nicegui import ui

from domain.chat import Role
from domain.people import Right
from web.console.desk import Desk
from web.console.parts import Redrawn, card
from web.console.show import Line, Waiting

KEPT, AT_ONCE = 40, 15
WAITING, ORDERS = 8, 6


class Chat:
    """The right-hand side of tonight."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._lines: deque[Line] = deque(maxlen=KEPT)
        self._newest = 0
        self._is_held = False
        with ui.element("div").classes("aside"):
            with card(desk.say("tonight.chat"), "chat"):
                with ui.element("div").classes("line-up"):
                    self._hold = ui.switch(desk.say("tonight.hold"), on_change=self._held)
                    self._questions = ui.switch(desk.say("tonight.questions_only"))
                # Written by a template that escapes: what a viewer typed is never markup.
                self._html = ui.html("", sanitize=False).classes("lines")
                self._html.props(f'role=log aria-live=off tabindex=0 aria-label="{desk.say("tonight.chat")}"')
            with card(desk.say("tonight.waiting")):
                self._waiting = Redrawn(self._draw_waiting)
            with card(desk.say("tonight.orders")):
                self._orders = Redrawn(self._draw_orders)

    def show(self) -> None:
        """Show what came since the last look."""
        show = self.desk.console.show
        if show is None:
            return
        lines = show.lines(self._newest, AT_ONCE)
        if lines:
            self._newest = lines[-1].number
        self._lines.extend(lines)
        if not self._is_held:
            shown = [line for line in self._lines if not self._questions.value or _asks(line)]
            self._html.set_content(_drawn(self.desk, shown))
        self._waiting.show(tuple(replace(one, seconds=round(one.seconds)) for one in show.waiting(WAITING)))
        self._orders.show(show.orders(ORDERS))

    def _held(self) -> None:
        self._is_held = bool(self._hold.value)

    def _draw_waiting(self, waiting: tuple[Waiting, ...]) -> None:
        if not waiting:
            ui.label(self.desk.say("tonight.nobody_waits")).classes("quiet")
        for one in waiting:
            with ui.element("div").classes("line-up tight"):
                ui.label(one.channel.partition(":")[0]).classes("chip small")
                ui.label(_named(self.desk, one.who)).classes("clip")
                ui.label(one.asked).classes("clip quiet")
                ui.space()
                ui.label(self.desk.say("tonight.seconds", seconds=one.seconds)).classes("number small")

    def _draw_orders(self, orders: tuple[Line, ...]) -> None:
        if not orders:
            ui.label(self.desk.say("tonight.no_orders")).classes("quiet")
        for order in orders:
            with ui.element("div").classes("line-up tight"):
                ui.label(self.desk.clock(order.at)).classes("quiet small number")
                ui.label(order.who).classes("clip")
                ui.label(order.text).classes("clip quiet")


def _asks(line: Line) -> bool:
    return line.is_ours or line.text.lstrip().startswith("!")


def _named(desk: Desk, who: str) -> str:
    return who if desk.user.may(Right.SEE_VIEWERS) else "•••"


def _drawn(desk: Desk, lines: list[Line]) -> str:
    return _TEMPLATE.render(
        lines=[(line, _named(desk, line.who) if not line.is_ours else line.who) for line in reversed(lines)],
        roles={role: desk.say(f"tonight.role_{role.name.lower()}") for role in Role if role > Role.VIEWER},
        nothing=desk.say("tonight.silent"),
    )


_TEMPLATE = Environment(autoescape=True).from_string(
    files("web.console.pages.tonight").joinpath("lines.html").read_text(encoding="utf-8")
)
