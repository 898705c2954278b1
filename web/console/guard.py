"""Stands before the console: whoever is not signed in sees the sign-in page, and nothing else."""

import asyncio
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import BateleurError
from web.console.sessions import COOKIE, Sessions

SIGN_IN = "/console/sign-in"
ASSETS = "/console/_nicegui/"
LIVE_LINES = ("/console/_nicegui/auto/", "/console/_nicegui/client/")


class Guard:
    """Lets signed-in users through, as `scope["state"]["user"]` with their `token`; others to the sign-in.

    A web socket from another site's page is refused: browsers send cookies along with those.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or turn away."""
        if scope["type"] not in ("http", "websocket") or _is_asset(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        token = _token(headers)
        try:
            user = await asyncio.to_thread(self._sessions.user_of, token)
        except BateleurError as error:
            await PlainTextResponse(str(error), 503)(scope, receive, send)
            return
        if user is None or not _is_own(headers):
            await _turn_away(scope, receive, send)
            return
        scope.setdefault("state", {}).update(user=user, token=token)
        await self._app(scope, receive, send)


async def _turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4401})
        return
    wanted = quote(scope["path"]) if scope["method"] == "GET" and "_nicegui" not in scope["path"] else ""
    answer = RedirectResponse(f"{SIGN_IN}?next={wanted}" if wanted else SIGN_IN, status_code=303)
    await answer(scope, receive, send)


def _is_asset(path: str) -> bool:
    """Scripts and styles of the library: the same for all, and nobody's secret."""
    return path.startswith(ASSETS) and not path.startswith(LIVE_LINES)


def _is_own(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _token(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
