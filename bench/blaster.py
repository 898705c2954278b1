"""A Twitch that blasts: as many chat frames as its socket takes, from a process of its own.

`POST /blast?count=&text=` makes the frames first and then sends them to every subscribed socket; several
texts, with | between them, take turns. It answers with when the first left (epoch seconds). `GET /said`
counts what was said to it.
"""

import argparse
import asyncio
import time
import uuid
from typing import Any

from aiohttp import web

from standins.people import Chatter
from standins.twitch.frames import chat_event, frame, session

BROADCASTER = Chatter("100", "shop", "Shop")
BOT = "900"


class Blaster:
    """Just enough of id, Helix and EventSub for a bot with a token to attach; everything is granted."""

    def __init__(self) -> None:
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.subscribed: dict[str, dict[str, Any]] = {}
        self.said = 0
        self.url = ""

    def app(self) -> web.Application:
        """The server's routes."""
        app = web.Application()
        app.router.add_get("/oauth2/validate", self._validate)
        app.router.add_post("/oauth2/token", self._token)
        app.router.add_get("/helix/users", self._users)
        app.router.add_get("/helix/streams", self._streams)
        app.router.add_post("/helix/eventsub/subscriptions", self._subscribe)
        app.router.add_post("/helix/chat/messages", self._say)
        app.router.add_get("/ws", self._serve)
        app.router.add_post("/blast", self._blast)
        app.router.add_get("/said", self._count)
        return app

    async def _validate(self, _: web.Request) -> web.Response:
        scopes = ["user:read:chat", "user:write:chat"]
        body = {"client_id": "client", "login": "bot", "scopes": scopes, "user_id": BOT, "expires_in": 14_400}
        return web.json_response(body)

    async def _token(self, _: web.Request) -> web.Response:
        return web.json_response({"access_token": "app", "expires_in": 14_400, "token_type": "bearer"})

    async def _users(self, request: web.Request) -> web.Response:
        words = ("login", "display_name", "type", "broadcaster_type", "description", "profile_image_url",
                 "offline_image_url")  # fmt: skip
        user = {"id": BOT, "view_count": 0, "email": None, "created_at": "2020-01-01T00:00:00Z"}
        return web.json_response({"data": [{**user, **dict.fromkeys(words, "bot")}]})

    async def _streams(self, _: web.Request) -> web.Response:
        return web.json_response({"data": []})

    async def _subscribe(self, request: web.Request) -> web.Response:
        body = await request.json()
        made = {"id": str(uuid.uuid4()), "status": "enabled", "cost": 0, "created_at": "2026-11-23T20:00:00Z"}
        subscription = {**made, **body}
        if body["type"] == "channel.chat.message":
            self.subscribed[body["transport"]["session_id"]] = subscription
        answer = {"data": [subscription], "total": 1, "total_cost": 0, "max_total_cost": 10}
        return web.json_response(answer, status=202)

    async def _say(self, _: web.Request) -> web.Response:
        self.said += 1
        sent = {"message_id": str(uuid.uuid4()), "is_sent": True, "drop_reason": None}
        return web.json_response({"data": [sent]})

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        id = uuid.uuid4().hex
        self.sockets[id] = socket
        await socket.send_str(frame("session_welcome", session(id, "connected", 600, None)))
        async for _ in socket:
            pass
        self.sockets.pop(id, None)
        self.subscribed.pop(id, None)
        return socket

    async def _blast(self, request: web.Request) -> web.Response:
        count, texts = int(request.query["count"]), request.query["text"].split("|")
        first = int(request.query.get("first", "0"))
        pace = float(request.query.get("per_second", "0"))
        for id, subscription in list(self.subscribed.items()):
            frames = [_line(subscription, n, texts[n % len(texts)]) for n in range(first, first + count)]
            began = time.time()
            for place, line in enumerate(frames):
                if pace:
                    await _until(began + place / pace)
                await self.sockets[id].send_str(line)
            return web.json_response({"began": began, "took": time.time() - began})
        return web.json_response({"error": "nobody is subscribed"}, status=409)

    async def _count(self, _: web.Request) -> web.Response:
        return web.json_response({"said": self.said})


async def _until(moment: float) -> None:
    wait = moment - time.time()
    if wait > 0:
        await asyncio.sleep(wait)


def _line(subscription: dict[str, Any], number: int, text: str) -> str:
    author = Chatter(str(1_000_000 + number), f"viewer_{number}", f"Viewer_{number}")
    event = chat_event(BROADCASTER, author, text, str(uuid.uuid4()), parent=None, source=None)
    payload = {"subscription": subscription, "event": event}
    return frame("notification", payload, subscription="channel.chat.message")


def main() -> None:
    """Serve on loopback until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    web.run_app(Blaster().app(), host="127.0.0.1", port=parser.parse_args().port, print=None)


if __name__ == "__main__":
    main()
