"""A program that speaks to the stand-in over real sockets, and knows no more than Twitch's documents."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from standins.people import Chatter
from standins.twitch.server import TwitchStandin

PATIENCE_S = 10.0
ANN = Chatter("200", "ann", "Ann")


class Client:
    """The bot 900 with its token, and the sockets it has open."""

    def __init__(self, twitch: TwitchStandin, session: aiohttp.ClientSession) -> None:
        self.twitch = twitch
        self.session = session
        self.token = twitch.bot_token
        self.headers: dict[str, str] = {}
        self.sockets: list[aiohttp.ClientWebSocketResponse] = []

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """A Helix call; its status and body. `headers` are those of its answer."""
        own = {"Authorization": f"Bearer {self.token}", "Client-Id": "client", **more.pop("headers", {})}
        headers = {name: value for name, value in own.items() if value is not None}
        url = f"{self.twitch.api_url}/{path}"
        async with self.session.request(method, url, headers=headers, **more) as answer:
            self.headers = dict(answer.headers)
            return answer.status, await answer.json() if answer.content_length else None

    async def say(self, text: str, channel: str = "100", **more: str) -> tuple[int, Any]:
        """Say something in a channel."""
        body = {"broadcaster_id": channel, "sender_id": "900", "message": text, **more}
        return await self.call("POST", "chat/messages", json=body)

    async def outcome(self, text: str, channel: str = "100") -> tuple[bool, str | None]:
        """Say something; whether the chat saw it, and the code of why not."""
        status, body = await self.say(text, channel)
        assert 200 == status
        (data,) = body["data"]
        assert data["is_sent"] == bool(data["message_id"])
        return data["is_sent"], (data["drop_reason"] or {}).get("code")

    async def whisper(self, to: str, text: str = "psst") -> int:
        """Whisper to someone; the status of the answer."""
        query = {"from_user_id": "900", "to_user_id": to}
        status, _ = await self.call("POST", "whispers", params=query, json={"message": text})
        return status

    async def connect(
        self, url: str = "", **query: str
    ) -> tuple[aiohttp.ClientWebSocketResponse, dict[str, Any]]:
        """A socket, and the session of its welcome."""
        socket = await self.session.ws_connect(url or self.twitch.eventsub_url, params=query or None)
        self.sockets.append(socket)
        welcome = await self.frame(socket)
        assert "session_welcome" == welcome["metadata"]["message_type"]
        session: dict[str, Any] = welcome["payload"]["session"]
        return socket, session

    async def subscribe(
        self, session_id: str, kind: str = "channel.chat.message", version: str = "1", **condition: str
    ) -> tuple[int, Any]:
        """Subscribe a socket; by default to the chat of channel 100."""
        about = condition or {"broadcaster_user_id": "100", "user_id": "900"}
        transport = {"method": "websocket", "session_id": session_id}
        body = {"type": kind, "version": version, "condition": about, "transport": transport}
        return await self.call("POST", "eventsub/subscriptions", json=body)

    async def reading(self, kind: str = "channel.chat.message") -> aiohttp.ClientWebSocketResponse:
        """A socket that is subscribed."""
        socket, session = await self.connect()
        about = {} if kind.startswith("channel.chat") else {"broadcaster_user_id": "100"}
        assert 202 == (await self.subscribe(session["id"], kind, **about))[0]
        return socket

    async def frame(self, socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
        """The next frame."""
        found: dict[str, Any] = json.loads(await socket.receive_str(timeout=PATIENCE_S))
        return found

    async def texts(self, socket: aiohttp.ClientWebSocketResponse, count: int) -> list[str]:
        """What the next `count` lines of chat say."""
        frames = [await self.frame(socket) for _ in range(count)]
        return [frame["payload"]["event"]["message"]["text"] for frame in frames]

    async def closed_with(self, socket: aiohttp.ClientWebSocketResponse) -> int | None:
        """The code with which the server ends a socket."""
        async with asyncio.timeout(PATIENCE_S):
            async for _ in socket:
                pass
        return socket.close_code

    async def validate(self, token: str, scheme: str = "OAuth") -> tuple[int, Any]:
        """What the id server says of a token."""
        headers = {"Authorization": f"{scheme} {token}"}
        async with self.session.get(f"{self.twitch.id_url}/oauth2/validate", headers=headers) as answer:
            return answer.status, await answer.json()

    async def post_id(self, path: str, **form: str) -> tuple[int, Any]:
        """A form posted to the id server; by default as client `client`."""
        url = f"{self.twitch.id_url}/oauth2/{path}"
        async with self.session.post(url, data={"client_id": "client", **form}) as answer:
            return answer.status, await answer.json() if answer.content_length else None


@pytest.fixture
async def twitch() -> AsyncIterator[TwitchStandin]:
    async with TwitchStandin(channels={"100": "shop", "200": "annex"}) as opened:
        yield opened


@pytest.fixture
async def client(twitch: TwitchStandin) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        opened = Client(twitch, session)
        yield opened
        for socket in opened.sockets:
            await socket.close()
