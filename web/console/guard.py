"""Stands before the console: whoever is not signed in sees the sign-in page, and nothing else."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlsplit

from nicegui import __version__
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commands.texts.sentences import tell
from domain.errors import BateleurError
from web.console.asking import language_of
from web.console.lines import is_line_of, is_of
from web.console.sessions import COOKIE, Sessions

SIGN_IN = "/console/sign-in"
ASSETS = f"/console/_nicegui/{__version__}/"
PAGES_OWN = "/console/_nicegui/client/"
LINES = "/console/_nicegui_ws/"
LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of an upload: more than the largest file that a page takes, so that the page says what is wrong."""


class Guard:
    """Lets signed-in users through, as `scope["state"]["user"]` with their `token`; others to the sign-in.

    What another site's page asks for is refused, for browsers send cookies along with that; so is what
    belongs to a page of another session. `root` is where the world reaches us, `language` that of whoever
    tells none.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, root: str, language: str) -> None:
        self._app = app
        self._sessions = sessions
        self._root = root
        self._language = language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or turn away."""
        if scope["type"] not in ("http", "websocket") or is_asset(scope["path"]):
            await self._app(scope, receive, send)
            return
        browser = HTTPConnection(scope)
        token = browser.cookies.get(COOKIE, "")
        try:
            user = await asyncio.to_thread(self._sessions.user_of, token)
        except BateleurError as error:
            why = tell(language_of(browser, self._language), error.sentence)
            await _refuse(PlainTextResponse(why, 503), scope, receive, send)
            return
        if user is None or not is_ours(browser.headers, self._root):
            await _refuse(_to_sign_in(scope), scope, receive, send)
        elif not _is_of_session(scope, token) or _is_too_large(browser.headers):
            await _refuse(PlainTextResponse("", 403), scope, receive, send)
        else:
            scope.setdefault("state", {}).update(user=user, token=token)
            await self._app(scope, _bounded(receive), send)


def is_asset(path: str) -> bool:
    """Scripts and styles of the library: the same for all, and nobody's secret."""
    return path.startswith(ASSETS)


def is_ours(headers: Headers, root: str) -> bool:
    """Whether no page of another site asks. Browsers name the asking page's site wherever it matters."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc in {headers.get("host"), urlsplit(root).netloc} - {""}


def _to_sign_in(scope: Scope) -> Response:
    """To the sign-in page, and from there back to the page that was asked for."""
    asked = quote(scope["path"])
    if scope["type"] == "websocket" or scope["method"] != "GET" or "_nicegui" in asked:
        return RedirectResponse(SIGN_IN, status_code=303)
    query = scope["query_string"].decode("latin-1")
    wanted = quote(f"{asked}?{query}" if query else asked)
    return RedirectResponse(f"{SIGN_IN}?next={wanted}", status_code=303)


def _is_of_session(scope: Scope, token: str) -> bool:
    """Whether an address of an open page, or a line of one, belongs to the session that asks."""
    path = scope["path"]
    if path.startswith(PAGES_OWN):
        return is_of(path.removeprefix(PAGES_OWN).partition("/")[0], token)
    lines = parse_qs(scope["query_string"].decode("latin-1")).get("sid", []) if path.startswith(LINES) else []
    return all(is_line_of(line, token) for line in lines)


def _is_too_large(headers: Mapping[str, str]) -> bool:
    told = headers.get("content-length", "0")
    return not told.isdecimal() or int(told) > LARGEST_BODY


def _bounded(receive: Receive) -> Receive:
    """What is sent without telling its size ends like a lost connection when it grows too large."""
    came = 0

    async def bounded() -> Message:
        nonlocal came
        message = await receive()
        if message["type"] == "http.request":
            came += len(message.get("body", b""))
            if came > LARGEST_BODY:
                return {"type": "http.disconnect"}
        return message

    return bounded


async def _refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4401})
        return
    await answer(scope, receive, send)
