"""A terse Twitch: a server that speaks only what must be spoken, and answers 404 to all else.

The stand-in in `standins/twitch` is faithful and rich; this one leaves out every optional key and
call, keeps its own (short) keepalive, and lets a test hold each frame in its hand.
"""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from connectors.twitch.account import TwitchAccount
from connectors.twitch.connector import TwitchConnector
from connectors.twitch.pace import Pace
from connectors.twitch.settings import TwitchSettings
from standins.youtube.server import YouTubeStandin
from tests.connectors.reading import Notebook

QUICK = Pace(
    answer_s=1.0,
    echo_s=0.3,
    join_s=3.0,
    tick_s=0.05,
    silence_margin_s=0.1,
    linger_s=0.2,
    first_pause_s=0.02,
    longest_pause_s=0.2,
    refused_s=0.3,
)


class TerseTwitch:
    """Bot 900 with token `t0`; its scopes are not told. `answers` is what chat/messages says next."""

    def __init__(self) -> None:
        self.tokens = {"t0"}
        self.refreshes = {"r0": "1"}
        self.calls: Counter[str] = Counter()
        self.sockets: list[web.WebSocketResponse] = []
        self.welcome: dict[str, Any] = {"keepalive_timeout_seconds": 1}
        self.validate: dict[str, Any] = {"client_id": "cid", "user_id": "900"}
        self.subscriptions: list[dict[str, Any]] = []
        self.subscribe_answers: deque[tuple[int, str]] = deque()
        self.said: list[dict[str, Any]] = []
        self.answers: deque[Callable[[web.Request], Awaitable[web.Response]]] = deque()
        self.whispers: list[tuple[str, str]] = []
        self.welcome_delay_s = 0.0
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._count = 0

    async def start(self) -> None:
        app = web.Application(middlewares=[self._counted])
        app.router.add_get("/oauth2/validate", self._validate)
        app.router.add_post("/oauth2/token", self._token)
        app.router.add_post("/helix/eventsub/subscriptions", self._subscribe)
        app.router.add_post("/helix/chat/messages", self._say)
        app.router.add_post("/helix/whispers", self._whisper)
        app.router.add_get("/ws", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        for socket in self.sockets:
            await socket.close()
        assert self._runner is not None
        await self._runner.cleanup()

    def settings(self, **changes: Any) -> TwitchSettings:
        fields = {
            "api_url": f"http://{self.url}/helix/",
            "id_url": f"http://{self.url}",
            "eventsub_url": f"ws://{self.url}/ws",
            "bot_token": SecretStr("t0"),
            "debounce_s": 0.15,
        }
        return TwitchSettings(**{**fields, **changes})

    def envelope(self, kind: str, payload: dict[str, Any], **about: Any) -> str:
        self._count += 1
        metadata = {"message_id": f"f{self._count}", "message_type": kind, "message_timestamp": stamp()}
        return json.dumps({"metadata": {**metadata, **about}, "payload": payload})

    def chat(self, text: str, id: str, *, chatter: str = "200", channel: str = "100", **more: Any) -> str:
        event = {"chatter_user_id": chatter, "message_id": id, "message": {"text": text}, **more}
        return self.notification("channel.chat.message", {"broadcaster_user_id": channel, **event})

    def notification(self, kind: str, event: dict[str, Any], **about: Any) -> str:
        subscription = {"type": kind, "condition": {}}
        payload = {"subscription": subscription, "event": event}
        return self.envelope("notification", payload, subscription_type=kind, **about)

    async def emit(self, *frames: str, socket: int = -1) -> None:
        for text in frames:
            await self.sockets[socket].send_str(text)

    def count(self, kind: str) -> int:
        return sum(s["type"] == kind for s in self.subscriptions)

    @web.middleware
    async def _counted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls[request.path] += 1
        return await handler(request)

    def _bearer(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "").split(" ")[-1] in self.tokens

    async def _validate(self, request: web.Request) -> web.Response:
        if not self._bearer(request):
            return failed(401, "invalid access token")
        return web.json_response(self.validate)

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        number = self.refreshes.pop(str(form.get("refresh_token")), None)
        if number is None:
            return failed(400, "Invalid refresh token")
        self.tokens.add(f"t{number}")
        self.refreshes[f"r{number}"] = str(int(number) + 1)
        return web.json_response({"access_token": f"t{number}", "refresh_token": f"r{number}"})

    async def _subscribe(self, request: web.Request) -> web.Response:
        if not self._bearer(request):
            return failed(401, "Invalid OAuth token")
        body = await request.json()
        if body["type"] != "channel.chat.message":
            return failed(404, "no such type")
        if self.subscribe_answers:
            return failed(*self.subscribe_answers.popleft())
        self.subscriptions.append(body)
        return web.json_response({"data": [{"id": "s"}]}, status=202)

    async def _say(self, request: web.Request) -> web.Response:
        if not self._bearer(request):
            return failed(401, "Invalid OAuth token")
        self.said.append(await request.json())
        if self.answers:
            return await self.answers.popleft()(request)
        return sent(f"id-{len(self.said)}")

    async def _whisper(self, request: web.Request) -> web.Response:
        self.whispers.append((request.query["to_user_id"], (await request.json())["message"]))
        return web.Response(status=204)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await asyncio.sleep(self.welcome_delay_s)
        self.sockets.append(socket)
        name = f"session-{len(self.sockets)}"
        await socket.send_str(self.envelope("session_welcome", {"session": {"id": name, **self.welcome}}))
        async for _ in socket:
            await socket.close(code=4001)
        return socket


def stamp(seconds_ago: float = 0.0) -> str:
    moment = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def failed(status: int, message: str, **headers: str) -> web.Response:
    return web.json_response({"status": status, "message": message}, status=status, headers=headers)


def sent(id: str) -> web.Response:
    return web.json_response({"data": [{"message_id": id, "is_sent": True}]})


@pytest.fixture
async def terse() -> AsyncIterator[TerseTwitch]:
    server = TerseTwitch()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def quick() -> Pace:
    return QUICK


@pytest.fixture
def joined() -> Any:
    """`async with joined(settings, "100") as connector`: connected, and closed at the end."""

    @asynccontextmanager
    async def connected(
        settings: TwitchSettings, channel_id: str = "100", **more: Any
    ) -> AsyncIterator[TwitchConnector]:
        account = TwitchAccount(settings, **{"pace": QUICK, **more})
        connector = account.channel(channel_id)
        try:
            await connector.connect()
            yield connector
        finally:
            await connector.close()

    return connected


@pytest.fixture
def take() -> Any:
    """`await take(connector, n)`: the next n items of a connector, within 5 seconds."""
    streams: dict[int, Any] = {}

    async def items(connector: TwitchConnector, count: int) -> list[Any]:
        stream = streams.setdefault(id(connector), connector.messages())
        async with asyncio.timeout(5):
            return [await anext(stream) for _ in range(count)]

    return items


@pytest.fixture
def until() -> Any:
    """`await until(lambda: …)`: waits for something to become true, at most 5 seconds."""

    async def wait(is_true: Callable[[], bool]) -> None:
        ends = time.monotonic() + 5
        while not is_true():
            assert time.monotonic() < ends, "it never came true"
            await asyncio.sleep(0.01)

    return wait


class Forgetful:
    """A memory that is empty and keeps nothing."""

    def kept_tokens(self) -> None:
        return None

    async def save_tokens(self, access: str, refresh: str | None) -> None:
        return None

    async def recall(self, name: str) -> None:
        return None

    async def remember(self, name: str, value: str) -> None:
        return None

    async def count(self, name: str, amount: int) -> int:
        return amount


@pytest.fixture
def forgetful() -> Forgetful:
    return Forgetful()


@pytest.fixture
async def youtube() -> AsyncIterator[YouTubeStandin]:
    async with YouTubeStandin() as opened:
        opened.polling_ms = 100
        yield opened
        assert {} == dict(opened.violations)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()
