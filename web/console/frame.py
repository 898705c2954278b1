"""What stands around every page: the mark, the menu, who is signed in, light and dark, the language."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from nicegui import ui

from store.unit import UnitOfWork
from web.console.desk import Change, Desk
from web.console.registry import ENTRIES, Entry
from web.console.texts import LANGUAGES
from web.look import console_style, mark


@contextmanager
def framed(desk: Desk, entry: Entry) -> Iterator[None]:
    """The page's content goes inside."""
    ui.add_head_html(f"<style>{console_style()}</style>")
    with ui.header().classes("top"):
        menu = (
            ui.button(icon="menu").props(f'flat round aria-label="{desk.say("frame.menu")}"').classes("phone")
        )
        ui.html(mark(), sanitize=False).classes("mark")
        ui.label("Bateleur").classes("name")
        ui.space()
        _who(desk)
    with _drawer() as drawer, ui.element("nav").props(f'aria-label="{desk.say("frame.pages")}"'):
        for one in ENTRIES:
            if not one.under and one.is_for(desk.user):
                _menu_line(desk, one, is_here=one.name in (entry.name, entry.under))
    menu.on_click(drawer.toggle)
    with ui.element("main").classes("page").props('id="content"'):
        ui.label(desk.say(f"{entry.name}.title")).props("role=heading aria-level=1").classes("title")
        yield


def _drawer() -> ui.left_drawer:
    return ui.left_drawer(value=None).props("show-if-above :width=220 :breakpoint=900").classes("menu")


def _menu_line(desk: Desk, entry: Entry, *, is_here: bool) -> None:
    here = " aria-current=page" if is_here else ""
    with ui.link(target=entry.path).props(f"data-page={entry.name}{here}").classes("line"):
        ui.icon(entry.icon).props("aria-hidden=true")
        ui.label(desk.say(f"{entry.name}.title"))


def _who(desk: Desk) -> None:
    say = desk.say
    dark = ui.dark_mode(None)

    other = next(one for one in LANGUAGES if one != desk.language)

    def speak(unit: UnitOfWork, _: datetime) -> Change:
        unit.users.change(desk.user.id, language=other)
        return Change(f"user {desk.user.login}", {"language": desk.language}, {"language": other})

    async def spoken() -> None:
        if await desk.act(None, "language_changed", speak):
            ui.navigate.reload()

    ui.button(icon="contrast", on_click=lambda: _toggle(dark)).props(
        f'flat round aria-label="{say("frame.theme")}"'
    )
    ui.button(say("frame.language"), on_click=spoken).props("flat no-caps").classes("wide")
    role = say(f"frame.role_{desk.user.role}")
    ui.label(say("frame.signed_in_as", name=desk.user.name, role=role)).classes("wide quiet")
    with ui.element("form").props('method="post" action="/console/sign-out"'):
        label = say("frame.sign_out")
        ui.button(icon="logout").props(f'flat round type=submit aria-label="{label}"').tooltip(label)


def _toggle(dark: ui.dark_mode) -> None:
    dark.value = not dark.value
