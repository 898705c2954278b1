"""The audit log: who changed what, when, and how it stood before and after; `words` is how that is told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import ui

from domain.people import Audited
from web.console.desk import Desk
from web.console.pages.audit.words import (
    deed_in_words,
    name_in_words,
    subject_in_words,
    value_in_words,
)
from web.console.parts import Looks, empty

PAGE = 50
EVERYONE = ""


async def build(desk: Desk) -> None:
    """The page of owners; the newest change comes first."""
    people, actions = await desk.read(lambda unit: unit.audit.choices())
    await _Log(desk).show(people, actions)


class _Log:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._last_id: int | None = None
        self._looks = Looks()

    async def show(self, people: Sequence[str], actions: Sequence[str]) -> None:
        say = self.desk.say
        with ui.element("section").classes("card"), ui.element("div").classes("line-up filters"):
            who = {EVERYONE: say("audit.everyone"), **{one: one for one in people}}
            what = {
                EVERYONE: say("audit.everything"),
                **{one: deed_in_words(self.desk, one) for one in actions},
            }
            self._who = ui.select(who, label=say("audit.who"), value=EVERYONE)
            self._what = ui.select(what, label=say("audit.what"), value=EVERYONE)
            self._about = ui.input(say("audit.about")).props("debounce=400 clearable")
            self._since = ui.input(say("audit.since")).props("type=date stack-label")
            self._until = ui.input(say("audit.until")).props("type=date stack-label")
            for field in (self._who, self._what, self._about, self._since, self._until):
                field.props("outlined dense").on_value_change(self._anew)
        self._entries = ui.element("ol").classes("entries").props("aria-live=polite")
        self._older = ui.button(say("audit.older"), icon="expand_more", on_click=self._more).props("flat")
        await self._anew()

    async def _anew(self) -> None:
        await self._look(before_id=None)

    async def _more(self) -> None:
        await self._look(before_id=self._last_id)

    async def _look(self, before_id: int | None) -> None:
        """Show the entries before that one under those that are shown; without one, the newest instead."""
        is_newest = self._looks.begin()
        wanted: dict[str, Any] = {
            "who": str(self._who.value or ""),
            "action": str(self._what.value or ""),
            "about": str(self._about.value or "").strip(),
            "since": self._day(self._since.value),
            "until": self._day(self._until.value, after=1),
            "before_id": before_id,
        }
        found = await self.desk.read(lambda unit: unit.audit.list(limit=PAGE + 1, **wanted))
        if not is_newest():
            return
        if before_id is None:
            self._entries.clear()
        self._older.set_visibility(len(found) > PAGE)
        with self._entries:
            for one in found[:PAGE]:
                self._draw(one)
                self._last_id = one.id
            if before_id is None and not found:
                with ui.element("li"):
                    empty(self.desk, "history", "audit.nothing", "audit.nothing_hint")

    def _draw(self, one: Audited) -> None:
        desk = self.desk
        with ui.element("li").classes("card slim entry").props("data-entry"):
            with ui.element("div").classes("line-up"):
                ui.label(desk.date(one.at)).classes("quiet small number")
                ui.label(one.who).classes("name say")
                ui.label(deed_in_words(desk, one.action)).classes("chip")
                ui.label(subject_in_words(desk, one.subject)).classes("quiet say")
            for name in dict.fromkeys((*one.before, *one.after)):
                self._draw_value(name, one.before, one.after)

    def _draw_value(self, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        if name in before and before[name] == after.get(name):
            return
        values = {
            "before": value_in_words(self.desk, name, before.get(name)),
            "after": value_in_words(self.desk, name, after.get(name)),
            "name": name_in_words(self.desk, name),
        }
        key = "audit.changed" if name in before else "audit.set"
        ui.label(self.desk.say(key, **values)).classes("small say")

    def _day(self, typed: object, after: int = 0) -> datetime | None:
        """The beginning of the day that was typed, or of that many days after it; None for no whole date."""
        try:
            day = date.fromisoformat(str(typed or "")) + timedelta(days=after)
        except (ValueError, OverflowError):
            return None
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.desk.timezone)).astimezone(UTC)
