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

# A page that cannot reach us asks whether its user is still signed in: when not, it leads to the sign-in.
_COME_BACK = """
window.socket?.on("connect_error", async () => {
  const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" });
  if (answer.type === "opaqueredirect") location.reload();
});
"""


@contextmanager
def framed(desk: Desk, entry: Entry) -> Iterator[None]:
    """The page's content goes inside."""
    ui.add_head_html(f"<style>{console_style()}</style>")
    with ui.header().classes("top"):
        ui.link(desk.say("frame.skip"), "#content").classes("skip")
        menu = ui.button(icon="menu").props(f'flat round aria-label="{desk.say("frame.menu")}"')
        ui.html(mark(), sanitize=False).classes("mark")
        ui.label("Bateleur").classes("name")
        ui.space()
        _who(desk)
    with _drawer() as drawer:
        with ui.element("nav").props(f'aria-label="{desk.say("frame.pages")}"'):
            for one in ENTRIES:
                if not one.under and one.is_for(desk.user):
                    _menu_line(desk, one, is_here=one.name in (entry.name, entry.under))
        with ui.element("div").classes("phone who"):
            _speaks(desk)
    _opens(menu.classes("phone"), drawer)
    _only_one_main(desk)
    with ui.element("main").classes("page").props('id="content" tabindex=-1'):
        ui.label(desk.say(f"{entry.name}.title")).props("role=heading aria-level=1").classes("title")
        yield
    ui.run_javascript(_COME_BACK)


def _only_one_main(desk: Desk) -> None:
    """The library makes all of the page, but for the menu, a `main`: ours begins with the page's title."""
    page = desk.client.content.parent_slot
    if page is not None:
        page.parent.props("role=presentation")


def _drawer() -> ui.left_drawer:
    # It tells by itself whether it is open. With None it would be asked, and fail where the line is slow.
    return ui.left_drawer(value=False).props("show-if-above :width=220 :breakpoint=900").classes("menu")


def _opens(menu: ui.button, drawer: ui.left_drawer) -> None:
    """On a phone the button opens the menu and goes into it; Escape closes it and goes back."""

    def enter() -> None:
        drawer.toggle()
        ui.run_javascript("setTimeout(() => document.querySelector('.menu a')?.focus(), 250)")

    def leave() -> None:
        drawer.hide()
        ui.run_javascript("document.querySelector('.top .phone')?.focus()")

    menu.on_click(enter)
    drawer.on("keydown.escape", leave, js_handler="(event) => { if (innerWidth < 900) emit() }")


def _menu_line(desk: Desk, entry: Entry, *, is_here: bool) -> None:
    here = " aria-current=page" if is_here else ""
    with ui.link(target=entry.path).props(f"data-page={entry.name}{here}").classes("line"):
        ui.icon(entry.icon).props("aria-hidden=true")
        ui.label(desk.say(f"{entry.name}.title"))


def _who(desk: Desk) -> None:
    say = desk.say
    dark = ui.dark_mode(None)
    ui.button(icon="contrast", on_click=lambda: _toggle(dark)).props(
        f'flat round aria-label="{say("frame.theme")}"'
    )
    with ui.element("div").classes("wide who"):
        _speaks(desk)
    with ui.element("form").props('method="post" action="/console/sign-out"'):
        label = say("frame.sign_out")
        ui.button(icon="logout").props(f'flat round type=submit aria-label="{label}"').tooltip(label)


def _speaks(desk: Desk) -> None:
    """Who is signed in, and the other language."""
    other = next(one for one in LANGUAGES if one != desk.language)

    def speak(unit: UnitOfWork, _: datetime) -> Change:
        unit.users.change(desk.user.id, language=other)
        return Change(f"user {desk.user.login}", {"language": desk.language}, {"language": other})

    async def spoken() -> None:
        if await desk.act(None, "language_changed", speak):
            ui.navigate.reload()

    ui.button(desk.say("frame.language"), on_click=spoken).props(f"flat no-caps lang={other}")
    role = desk.say(f"frame.role_{desk.user.role}")
    ui.label(desk.say("frame.signed_in_as", name=desk.user.name, role=role)).classes("quiet say")


def _toggle(dark: ui.dark_mode) -> None:
    dark.value = not dark.value
