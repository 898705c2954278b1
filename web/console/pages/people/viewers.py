"""One viewer: what is held of them, told and erased on their request."""

import asyncio
import json
from collections.abc import Sequence
from functools import partial

from nicegui import ui

from domain.errors import BateleurError
from domain.people import Right
from domain.privacy import HeldOfViewer
from store.privacy import erase_viewer, held_of_viewer
from web.console.desk import Desk
from web.console.parts import Looks, card

SHOWN = 20


class Viewers:
    """A search, what it finds, and what an owner may do with it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._looks = Looks()

    def show(self) -> None:
        """The card of the viewers."""
        say = self.desk.say
        with card(say("people.viewer")):
            ui.label(say("people.viewer_hint")).classes("quiet small")
            with ui.element("form").classes("line-up").on("submit.prevent", self._search):
                self._words = ui.input(say("people.viewer_words")).props("outlined autocomplete=off")
                self._words.classes("grow")
                ui.button(say("people.search"), icon="search").props("type=submit")
            self._found = ui.element("div").classes("redrawn").props("aria-live=polite")

    async def _search(self) -> None:
        words = str(self._words.value or "").strip().lstrip("@")
        if not words or not await self.desk.may(Right.MANAGE_USERS):
            return
        is_newest, database = self._looks.begin(), self.desk.console.database
        viewers = await self.desk.read(lambda unit: unit.viewers.called(words, SHOWN))
        held = [
            (await asyncio.to_thread(held_of_viewer, database, platform, viewer_id), name)
            for platform, viewer_id, name in viewers
        ]
        if not is_newest():
            return
        self._found.clear()
        with self._found:
            if not viewers:
                ui.label(self.desk.say("people.nobody", words=words)).classes("quiet say")
            for one, name in held:
                self._draw(one, name)

    def _draw(self, held: HeldOfViewer, name: str) -> None:
        say = self.desk.say
        who = {"platform": held.platform, "id": held.viewer_id}
        with ui.element("div").classes("person").props("data-viewer"):
            with ui.element("div").classes("grow"):
                ui.label(name or say("people.nameless")).classes("name say clip")
                ui.label(say("people.viewer_id", **who)).classes("quiet small say")
                ui.label(_summary(self.desk, held)).classes("small")
            export, erase = partial(self._export, held), partial(self._erase, held, name)
            ui.button(say("people.export"), icon="download", on_click=export).props("flat")
            button = ui.button(say("people.erase"), icon="delete_forever", on_click=erase)
            button.props("flat").classes("bad")

    async def _export(self, held: HeldOfViewer) -> None:
        if not await self.desk.may(Right.MANAGE_USERS):
            return
        await self.desk.note("viewer_exported", await self._subject(held))
        text = json.dumps(held.as_dict(), ensure_ascii=False, indent=2)
        ui.download.content(text.encode(), f"{held.platform}-{held.viewer_id}.json", "application/json")

    async def _erase(self, held: HeldOfViewer, name: str) -> None:
        say = self.desk.say
        question = say("people.erase_ask", name=name or held.viewer_id, what=_summary(self.desk, held))
        is_sure = await self.desk.confirms(question, say("people.erase_sure"))
        if not is_sure or not await self.desk.may(Right.MANAGE_USERS):
            return
        database, who = self.desk.console.database, self.desk.user.login
        try:
            done = await asyncio.to_thread(erase_viewer, database, held.platform, held.viewer_id, who)
        except BateleurError as error:
            self.desk.failed(error)
            return
        self._found.clear()
        with self._found:
            key = "people.erased_but_open" if done.open_lives else "people.erased"
            counts = {"asks": done.asks, "grants": done.grants, "mentions": done.mentions}
            ui.label(say(key, lives=_joined(done.open_lives), **counts)).props("role=status")

    async def _subject(self, held: HeldOfViewer) -> str:
        """Names the viewer in the audit log for nobody but who has their id."""
        hidden = await self.desk.read(lambda unit: unit.viewers.stand_in(held.platform, held.viewer_id))
        return f"viewer {hidden}"


def _summary(desk: Desk, held: HeldOfViewer) -> str:
    counts = {"asks": len(held.asks), "grants": len(held.grants), "orders": len(held.redemptions)}
    return desk.say("people.held", **counts, mentions=len(held.mentions) + len(held.audited))


def _joined(lives: Sequence[int]) -> str:
    return ", ".join(map(str, lives))
