"""The lines from open pages to their server: each is its own page's, and both are of one session.

The library takes whoever names a page's number for its owner. The number is a secret of 122 bits, but it
stands in an address, and proxies keep those: here it opens nothing to another session.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from nicegui import Client, core
from socketio.exceptions import ConnectionRefusedError

_HEARD = ("event", "javascript_response", "ack")
_closed: set[str] = set()


def close_line(client: Client) -> None:
    """Hear nothing more from this page: its session is over."""
    if client.id not in _closed:
        _closed.add(client.id)
        client.on_delete(lambda: _closed.discard(client.id))


def is_of(client_id: str, token: str) -> bool:
    """Whether the page of that number was opened in the session of `token`."""
    client = Client.instances.get(client_id)
    return client is not None and bool(token) and client.request.scope["state"].get("token") == token


def is_line_of(number: str, token: str) -> bool:
    """Whether that line, as it is numbered where a browser polls, was opened in the session of `token`."""
    return bool(token) and _token(core.sio.environ.get(number)) == token


@lru_cache(maxsize=1)
def guard_lines() -> None:
    """From now on a line that is not of its page's session is refused, and what it says is not heard."""
    for event in _HEARD:
        core.sio.on(event, _heard_on_its_own_line(core.sio.handlers["/"][event]))
    core.sio.on("connect", _connected(core.sio.handlers["/"]["connect"]))
    core.sio.on("handshake", _shaken(core.sio.handlers["/"]["handshake"]))
    core.sio.on("log", _unheard)  # what a browser says is no line of our log


def _heard_on_its_own_line(handler: Callable[..., Any]) -> Callable[..., Any]:
    def heard(sid: str, message: Mapping[str, Any]) -> Any:
        page = message.get("client_id")
        if page in _closed or page not in core.sio.rooms(sid):
            return None
        return handler(sid, message)

    return heard


def _connected(handler: Callable[..., Any]) -> Callable[..., Any]:
    async def connected(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        asked = parse_qs(environ.get("QUERY_STRING", "")).get("client_id", [""])[0]
        if not is_of(asked, _token(environ)):
            raise ConnectionRefusedError("Implicit handshake failed")  # the page knows it, and loads anew
        await handler(sid, environ, auth)

    return connected


def _shaken(handler: Callable[..., Any]) -> Callable[..., Any]:
    async def shaken(sid: str, told: dict[str, Any]) -> bool:
        if not is_of(str(told.get("client_id")), _token(core.sio.get_environ(sid))):
            return False
        return bool(await handler(sid, told))

    return shaken


def _unheard(_: str, __: Any) -> None:
    return None


def _token(environ: Mapping[str, Any] | None) -> str:
    scope = (environ or {}).get("asgi.scope", {})
    return str(scope.get("state", {}).get("token", ""))
