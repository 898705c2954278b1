"""The form that plans a live. What is wrong is said in it, and what was typed stays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from nicegui import ui

from commands.planning import check_channel, plan_live
from connectors.registry import PLATFORMS
from domain.errors import Refusal
from domain.people import Right
from domain.plaintext import one_line
from domain.plan_rules import Plan
from domain.show import Live
from store.unit import UnitOfWork
from web.console.desk import Change, Desk
from web.console.texts import LANGUAGES


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the form."""

    title: str
    language: str
    timezone: str
    channels: tuple[str, ...]
    day: str
    starts: str
    ends: str


class Wrong(ValueError):
    """What is wrong with what was typed: the key of a text, and the words put into it."""

    def __init__(self, key: str, **words: str) -> None:
        super().__init__(key)
        self.key = key
        self.words = words


def plan_of(typed: Typed, now: datetime) -> Plan:
    """The plan; raises `Wrong` for the first thing that cannot be. An end before the start is of the next
    day."""
    if not one_line(typed.title).strip():
        raise Wrong("needs_title")
    if not typed.channels:
        raise Wrong("needs_channels")
    for channel in typed.channels:
        try:
            check_channel(channel, PLATFORMS)
        except Refusal:
            raise Wrong("no_channel", channel=channel, platforms=", ".join(PLATFORMS)) from None
    if typed.timezone not in available_timezones():
        raise Wrong("no_zone", zone=typed.timezone)
    zone = ZoneInfo(typed.timezone)
    try:
        day = date.fromisoformat(typed.day)
        starts = datetime.combine(day, time.fromisoformat(typed.starts), zone)
        ends = datetime.combine(day, time.fromisoformat(typed.ends), zone) if typed.ends else None
    except ValueError:
        raise Wrong("needs_times") from None
    if starts <= now:
        raise Wrong("in_the_past")
    if ends is not None and ends <= starts:
        ends += timedelta(days=1)
    in_utc = ends.astimezone(UTC) if ends else None
    return Plan(typed.title, typed.language, typed.timezone, typed.channels, starts.astimezone(UTC), in_utc)


async def ask_plan(desk: Desk) -> Live | None:
    """Ask for a plan until it is right or given up; the planned live."""
    form = _Form(desk, await desk.read(_last_channels))
    while await form.dialog:
        try:
            plan = plan_of(form.typed(), datetime.now(UTC))
        except Wrong as wrong:
            form.complain(desk.say(f"lives.{wrong.key}", **wrong.words))
            continue
        live = await _plan(desk, plan)
        if live is not None:
            form.dialog.delete()
            return live
    form.dialog.delete()
    return None


def _last_channels(unit: UnitOfWork) -> list[str]:
    """Those of the live that was planned last: most are broadcast where the last one was."""
    return [channel for live in unit.lives.list()[:1] for channel in live.channels]


async def _plan(desk: Desk, plan: Plan) -> Live | None:
    def planned(unit: UnitOfWork, _: datetime) -> Change:
        live = plan_live(unit, plan, platforms=PLATFORMS, languages=LANGUAGES)
        after: dict[str, Any] = {"title": live.title, "channels": list(live.channels)}
        if live.starts_at is not None:
            after["starts_at"] = live.starts_at.isoformat()
        return Change(f"live {live.id}", after=after, result=live)

    live: Live | None = await desk.act(Right.PLAN, "live_planned", planned)
    return live


class _Form:
    def __init__(self, desk: Desk, channels: list[str]) -> None:
        say = desk.say
        with ui.dialog() as self.dialog, ui.card().classes("ask form"):
            self.dialog.props["aria-label"] = say("lives.plan")
            ui.label(say("lives.plan")).props("role=heading aria-level=2").classes("head")
            self.title = ui.input(say("lives.live_title")).props("outlined autofocus").mark("title")
            self.channels = ui.input_chips(say("lives.channels"), value=channels)
            self.channels.props("outlined").mark("channels")
            self.channels.props["hint"] = say("lives.channels_hint")
            with ui.element("div").classes("line-up"):
                self.day = _native(say("lives.day"), "date", "day")
                self.starts = _native(say("lives.starts"), "time", "starts")
            self.ends = _native(say("lives.ends"), "time", "ends")
            with ui.element("div").classes("line-up"):
                languages = {one: say(f"lives.language_{one}") for one in LANGUAGES}
                self.language = ui.select(languages, value=desk.language, label=say("lives.live_language"))
                self.zone = ui.input(say("lives.timezone"), value=desk.timezone)
                for field in (self.language, self.zone):
                    field.props("outlined")
            self.wrong = ui.label().classes("bad").props("role=alert")
            with ui.row().classes("buttons"):
                ui.button(say("frame.cancel"), on_click=lambda: self.dialog.submit(False)).props("flat")
                plan = ui.button(say("lives.plan_it"), on_click=lambda: self.dialog.submit(True))
                plan.classes("costs").mark("confirm")

    def typed(self) -> Typed:
        """What was typed, a channel that was not confirmed with Enter left out."""
        return Typed(
            str(self.title.value or ""),
            str(self.language.value),
            str(self.zone.value or "").strip(),
            tuple(str(channel).strip() for channel in self.channels.value or ()),
            str(self.day.value or ""),
            str(self.starts.value or ""),
            str(self.ends.value or ""),
        )

    def complain(self, sentence: str) -> None:
        """Say what is wrong, where one is typing."""
        self.wrong.set_text(sentence)


def _native(label: str, kind: str, mark: str) -> ui.input:
    """A field with the browser's own way to choose a day or a time."""
    return ui.input(label).props(f"outlined type={kind} stack-label").mark(mark)
