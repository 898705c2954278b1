"""The open pages' lines, uploads and addresses, tried by other sites and by other users."""

import asyncio
import json
import re
from typing import Any

import aiohttp
import nicegui
import pytest_asyncio
import socketio

from bot.pages import LARGEST_FRAME
from domain.people import UserRole
from tests.web.console.callers import COOKIE, Caller, calling
from tests.web.console.conftest import Desk
from web.console.guard import LARGEST_BODY

PATH = "/console/_nicegui_ws/socket.io"
ASSET = f"/_nicegui/{nicegui.__version__}/static/nicegui.css"


def root(desk: Desk) -> str:
    return desk.url.removesuffix("/console")


async def page_of(caller: Caller) -> str:
    """The number of a page that the caller opens."""
    status, text, _ = await caller.get("/")
    assert 200 == status
    found = re.search(r"'client_id': '([0-9a-f-]{36})'|\"client_id\": ?\"([0-9a-f-]{36})\"", text)
    assert found, text[-2_000:]
    return found.group(1) or found.group(2)


class Line:
    """A line to the server, opened as the library's script does."""

    def __init__(self, desk: Desk, caller: Caller, **headers: str) -> None:
        self.client = socketio.AsyncClient(reconnection=False, http_session=caller.session)
        self._url = root(desk)
        self._headers = headers

    async def open(self, page: str, transports: tuple[str, ...] = ("websocket",), **more: str) -> bool:
        """Whether the server takes it as that page's."""
        asked = {"client_id": page, "tab_id": "t", "document_id": "d", "next_message_id": "0"}
        asked |= {"implicit_handshake": "true", **more}
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        try:
            await self.client.connect(
                f"{self._url}?{query}",
                headers=self._headers,
                transports=list(transports),
                socketio_path=PATH,
                wait_timeout=10,
            )
        except socketio.exceptions.ConnectionError:
            return False
        return True


@pytest_asyncio.fixture(loop_scope="session")
async def lines() -> Any:
    opened: list[Line] = []
    yield opened.append
    for line in opened:
        await line.client.disconnect()


async def test_a_page_is_opened_by_the_session_that_made_it_and_by_no_other(desk: Desk, lines: Any) -> None:
    desk.user(UserRole.OWNER)
    desk.user(UserRole.READER)
    async with calling(desk.url) as owner, calling(desk.url) as reader:
        await owner.sign_in("owner")
        await reader.sign_in("reader")
        page = await page_of(owner)
        for handshake in ("true", "false"):
            thief = Line(desk, reader)
            lines(thief)
            assert not await thief.open(page, implicit_handshake=handshake)
            assert not await thief.open(page, ("polling",), implicit_handshake=handshake)
        own = Line(desk, owner)
        lines(own)
        assert await own.open(page)


async def test_a_line_speaks_for_its_own_page_alone(desk: Desk, lines: Any) -> None:
    desk.user(UserRole.OWNER, "fr")
    desk.user(UserRole.READER, "fr")
    async with calling(desk.url) as owner, calling(desk.url) as reader:
        await owner.sign_in("owner")
        await reader.sign_in("reader")
        page = await page_of(owner)
        own, thief = Line(desk, owner), Line(desk, reader)
        lines(own)
        lines(thief)
        assert await own.open(page)
        assert await thief.open(await page_of(reader))
        client = nicegui.Client.instances[page]
        button = next(one for one in client.elements.values() if getattr(one, "text", "") == "English")
        (listener,) = [one for one in button._event_listeners.values() if one.type == "click"]
        press = {"id": button.id, "client_id": page, "listener_id": listener.id, "args": []}
        await thief.client.emit("event", press)
        await thief.client.emit("handshake", {"client_id": page, "tab_id": "t", "document_id": "e"})
        await thief.client.emit("event", press)
        await thief.client.emit("log", {"client_id": page, "level": "error", "message": "forged"})
        await asyncio.sleep(0.5)  # nothing is to happen: there is nothing to wait for
        assert "fr" == desk.known("owner").language
        await own.client.emit("event", press)
        async with asyncio.timeout(10):
            while desk.known("owner").language != "en":
                await asyncio.sleep(0.02)
        assert ("owner", "language_changed") == desk.audited()[-1]


async def test_a_line_of_another_site_or_of_nobody_is_refused(desk: Desk, lines: Any) -> None:
    desk.user(UserRole.OWNER)
    async with calling(desk.url) as owner, calling(desk.url) as nobody:
        await owner.sign_in("owner")
        page = await page_of(owner)
        for line in (
            Line(desk, owner, Origin="https://evil.example"),
            Line(desk, owner, Origin="null"),
            Line(desk, nobody),
        ):
            lines(line)
            assert [False, False] == [await line.open(page), await line.open(page, ("polling",))]
        good = Line(desk, owner, Origin=root(desk))
        lines(good)
        assert await good.open(page, ("polling",))


async def test_what_is_polled_is_read_and_written_by_its_own_session_alone(desk: Desk) -> None:
    desk.user(UserRole.OWNER)
    desk.user(UserRole.READER)
    async with calling(desk.url) as owner, calling(desk.url) as reader:
        await owner.sign_in("owner")
        await reader.sign_in("reader")
        status, text, _ = await owner.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling")
        assert 200 == status
        line = json.loads(text[1:])["sid"]
        there = f"/_nicegui_ws/socket.io/?EIO=4&transport=polling&sid={line}"
        assert 403 == (await reader.post(there, b"2probe"))[0]
        assert 403 == (await reader.get(there))[0]
        elsewhere = {"Origin": "https://evil.example"}
        assert 303 == (await owner.post(there, b"2probe", **elsewhere))[0]
        assert 200 == (await owner.post(there, b"3"))[0]


async def test_uploads_of_another_sessions_page_and_too_large_ones_are_refused(desk: Desk) -> None:
    desk.user(UserRole.OWNER)
    desk.user(UserRole.READER)
    async with calling(desk.url) as owner, calling(desk.url) as reader:
        await owner.sign_in("owner")
        await reader.sign_in("reader")
        there = f"/_nicegui/client/{await page_of(owner)}/upload/1"
        assert 403 == (await reader.post(there, {"a": "b"}))[0]
        assert 404 == (await owner.post(there, {"a": "b"}))[0]
        told = {"Content-Length": str(LARGEST_BODY + 1), "Cookie": f"{COOKIE}={owner.token}", "Host": "b"}
        assert "403" in await first_line_of(desk, f"/console{there}", told)


async def first_line_of(desk: Desk, path: str, headers: dict[str, str]) -> str:
    """How the server answers a request whose body it is not sent."""
    host, _, port = root(desk).removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode())
    try:
        async with asyncio.timeout(10):
            return (await reader.readline()).decode()
    finally:
        writer.close()


async def test_a_huge_message_ends_the_line_and_nothing_else(desk: Desk) -> None:
    desk.user(UserRole.OWNER)
    async with calling(desk.url) as owner:
        await owner.sign_in("owner")
        url = f"{root(desk).replace('http', 'ws')}{PATH}/?EIO=4&transport=websocket"
        async with owner.session.ws_connect(url) as socket:
            await socket.send_str("4" + "x" * LARGEST_FRAME)
            async with asyncio.timeout(10):
                while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
        assert aiohttp.WSMsgType.CLOSE == message.type
        assert await owner.is_signed_in()


async def test_whoever_is_not_signed_in_gets_the_librarys_own_files_and_nothing_else(desk: Desk) -> None:
    async with calling(desk.url) as caller:
        status, _, headers = await caller.get(ASSET)
        assert 200 == status
        assert "no-store" not in headers["Cache-Control"]
        for path in (
            "/",
            "/nowhere",
            "/_nicegui/auto/static/x/y.csv",
            "/_nicegui/client/x/upload/1",
            "/_nicegui/",
            f"/_nicegui/{nicegui.__version__}x/static/nicegui.css",
            "/_nicegui_ws/socket.io/?EIO=4&transport=polling",
        ):
            status, text, headers = await caller.get(path)
            assert (303, "") == (status, text), path
            assert headers["Location"].startswith("/console/sign-in"), path
            assert "no-store" == headers["Cache-Control"]
        # A path that leaves the library's folder finds nothing.
        status, _, _ = await caller.get(f"/_nicegui/{nicegui.__version__}/static/%2e%2e/%2e%2e/client.py")
        assert status in (303, 404)


async def test_an_address_without_a_page_is_a_sentence_in_our_look(desk: Desk) -> None:
    desk.user(UserRole.READER, "en")
    async with calling(desk.url) as caller:
        await caller.sign_in("reader")
        for path in ("/nowhere", "/_nicegui/client/x/upload/1", f"{ASSET}x"):
            status, text, _ = await caller.get(path)
            assert status in (403, 404), path
            assert "Traceback" not in text
        status, text, _ = await caller.get("/nowhere")
        assert 404 == status
        assert "There is no such page." in text
        assert "<svg" in text


async def test_the_pages_forbid_frames_and_tell_other_sites_nothing(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        await caller.sign_in("reader")
        for path in ("/", "/sign-in", "/nowhere"):
            _, _, headers = await caller.get(path)
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert ["DENY", "same-origin", "nosniff", "no-store"] == [
                headers[name]
                for name in ("X-Frame-Options", "Referrer-Policy", "X-Content-Type-Options", "Cache-Control")
            ]
