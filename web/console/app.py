"""The console as an application to be mounted. NiceGUI is one per process, and so is what it shows."""

import asyncio
import copy
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache

from fastapi import FastAPI, Request
from nicegui import core, ui
from nicegui.language import Language
from starlette.types import ASGIApp

from domain.errors import BateleurError
from web.console.desk import Console, Desk
from web.console.exports import add_exports
from web.console.frame import framed
from web.console.guard import Guard
from web.console.lines import guard_lines
from web.console.plain import add_troubles
from web.console.registry import ENTRIES, Build, Entry
from web.console.report_files import add_report_files
from web.console.sign_in import add_sign_in
from web.console.texts import LANGUAGES

MOUNTED = "/console"
RECONNECT_S = 20.0
BUILD_S = 15.0
_LOCALES: Mapping[str, Language] = {"fr": "fr", "en": "en-US"}
_shown: list[Console] = []


def add_console(app: FastAPI, console: Console) -> None:
    """Serve the console under `/console`, behind its sign-in."""
    add_sign_in(app, console)
    if BateleurError not in app.exception_handlers:
        add_troubles(app, console.config.language)
    guarded: ASGIApp = Guard(_pages(), console.sessions, console.config.root, console.config.language)
    app.mount(MOUNTED, guarded)


@asynccontextmanager
async def shown(console: Console) -> AsyncIterator[None]:
    """The pages show this console meanwhile, and the library runs."""
    pages = _pages()
    _shown.append(console)
    try:
        async with pages.router.lifespan_context(pages):
            yield
    finally:
        _shown.remove(console)


@lru_cache(maxsize=1)
def _pages() -> FastAPI:
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for entry in ENTRIES:
        _register(entry)
    add_report_files(pages, lambda: _shown[-1])
    add_exports(pages, lambda: _shown[-1])
    ui.run_with(
        pages,
        title="Bateleur",
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=RECONNECT_S,
    )
    # Its bar has no name for those who do not see it; what takes long here has a bar of its own.
    core.app.config.quasar_config["loadingBar"]["skipHijack"] = True
    guard_lines()
    for app in (pages, core.app):
        add_troubles(app, LANGUAGES[0])
    return pages


def _register(entry: Entry) -> None:
    build = entry.build()

    async def page(request: Request) -> None:
        desk = Desk(_shown[-1], request.state.user, request, request.state.token)
        _speak(desk, entry)
        with framed(desk, entry):
            if entry.is_for(desk.user):
                await _build(desk, build)
            else:
                ui.label(desk.say("frame.not_for_you")).props("role=alert").classes("card")
        desk.watch()

    ui.page(entry.path, response_timeout=2 * BUILD_S)(page)


async def _build(desk: Desk, build: Build) -> None:
    """The page, or a sentence in its place: what stands around it can be used all the same."""
    try:
        async with asyncio.timeout(BUILD_S):
            await build(desk)
    except Exception as error:
        ui.context.client.status_code = 500
        ui.label(desk.why_failed(error)).props("role=alert").classes("card bad")


def _speak(desk: Desk, entry: Entry) -> None:
    """The page's title and language are its user's: the library knows one for all users of a page."""
    ui.page_title(f"{desk.say(f'{entry.name}.title')} · Bateleur")
    client = ui.context.client
    client.page = copy.copy(client.page)
    client.page.language = _LOCALES[desk.language]
