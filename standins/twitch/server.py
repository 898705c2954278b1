"""Twitch on loopback: id, Helix and EventSub in one server that enforces the limits and counts breaches."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from aiohttp import web

from standins.people import Chatter
from standins.twitch.eventsub import EventSub
from standins.twitch.faults import Faults
from standins.twitch.frames import chat_event, stamp
from standins.twitch.limits import SendLimits
from standins.twitch.oauth import IdServer, Token, wrong

STATUSES = {"rate": "msg_ratelimit", "slow": "msg_slowmode", "duplicate": "msg_duplicate"}
WHISPERS_A_DAY = 40


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a client posted, and whether the chat saw it."""

    channel_id: str
    text: str
    reply_to: str | None
    sender_id: str
    is_sent: bool


class TwitchStandin:
    """Speaks Twitch's protocol as `platforms.md` and Twitch's reference describe it."""

    def __init__(
        self,
        *,
        client_id: str = "client",
        bot_id: str = "900",
        bot_login: str = "bateleur",
        channels: Mapping[str, str] | None = None,
        bot_is_moderator: bool = True,
    ) -> None:
        self.channels = dict(channels or {"100": "shop"})
        self.bot = Chatter(bot_id, bot_login, bot_login.title(), ("moderator",) if bot_is_moderator else ())
        self.violations: Counter[str] = Counter()
        self.faults = Faults()
        self.said: list[Said] = []
        self.whispers: list[tuple[str, str]] = []
        self.online: set[str] = set(self.channels)
        self.id = IdServer(client_id, {**self.channels, bot_id: bot_login})
        self.bot_token, self.bot_refresh_token = self.id.issue(bot_id)
        self.eventsub = EventSub(self.faults)
        self._limits: dict[str, SendLimits] = {}
        self._runner: web.AppRunner | None = None
        self.id_url = self.api_url = self.eventsub_url = ""

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        app = web.Application()
        self.id.add_routes(app)
        app.router.add_get("/ws", self.eventsub.serve)
        app.router.add_get("/helix/users", self._users)
        app.router.add_get("/helix/streams", self._streams)
        app.router.add_post("/helix/chat/messages", self._say)
        app.router.add_post("/helix/whispers", self._whisper)
        app.router.add_route("*", "/helix/eventsub/subscriptions", self._subscriptions)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        self.id_url = f"http://{host}:{bound}"
        self.api_url = f"{self.id_url}/helix"
        self.eventsub_url = self.eventsub.url = f"ws://{host}:{bound}/ws"

    async def stop(self) -> None:
        """Close every socket and stop listening."""
        await self.eventsub.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> "TwitchStandin":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def chat(
        self,
        channel_id: str,
        author: Chatter,
        text: str,
        *,
        message_id: str | None = None,
        reply_to: str | None = None,
        source: Chatter | None = None,
    ) -> str:
        """Someone writes; returns the message's id. `source` is another channel of a Shared Chat."""
        id = message_id or str(uuid.uuid4())
        login = self.channels[channel_id]
        channel = Chatter(channel_id, login, login.title())
        event = chat_event(channel, author, text, id, parent=reply_to, source=source)
        await self.eventsub.notify("channel.chat.message", event)
        return id

    async def stream(self, channel_id: str, *, is_online: bool) -> None:
        """The broadcast of a channel starts or ends."""
        login = self.channels[channel_id]
        event: dict[str, Any] = {
            "id": "40" + channel_id,
            "broadcaster_user_id": channel_id,
            "broadcaster_user_login": login,
            "broadcaster_user_name": login.title(),
        }
        if is_online:
            self.online.add(channel_id)
            await self.eventsub.notify("stream.online", {**event, "type": "live", "started_at": stamp()})
        else:
            self.online.discard(channel_id)
            await self.eventsub.notify("stream.offline", event)

    def limits_of(self, user_id: str) -> SendLimits:
        """What a sender may still say."""
        return self._limits.setdefault(user_id, SendLimits(self.violations))

    def leaks(self, codes: Collection[str]) -> int:
        """How many of `codes` were posted in public, whatever the case."""
        text = "\n".join(said.text for said in self.said).upper()
        return sum(code.upper() in text for code in codes)

    async def _guard(self, request: web.Request, scope: str = "") -> Token | web.Response:
        if self.faults.slow_s:
            await asyncio.sleep(self.faults.slow_s)
        token = self.id.bearer(request)
        if token is None or self.faults.strikes("unauthorized"):
            return wrong(401, "Invalid OAuth token")
        if request.headers.get("Client-Id") != self.id.client_id:
            return wrong(401, "Client ID and OAuth token do not match")
        if scope and scope not in token.scopes:
            return wrong(401, f"Missing scope: {scope}")
        if self.faults.strikes("throttled"):
            return wrong(429, "Too Many Requests", {"Ratelimit-Reset": str(int(time.time()) + 1)})
        if self.faults.strikes("broken"):
            return wrong(503, "Service Unavailable")
        return token

    async def _users(self, request: web.Request) -> web.Response:
        token = await self._guard(request)
        if isinstance(token, web.Response):
            return token
        known = {**self.channels, self.bot.id: self.bot.login}
        asked = request.query.getall("id", []) or [
            id for id, login in known.items() if login in request.query.getall("login", [])
        ]
        asked = asked or ([] if request.query.getall("login", []) else [token.user_id])
        return web.json_response({"data": [_user(id, known[id]) for id in asked if id in known]})

    async def _streams(self, request: web.Request) -> web.Response:
        token = await self._guard(request)
        if isinstance(token, web.Response):
            return token
        asked = request.query.getall("user_id", [])
        data = [_stream(id, self.channels[id]) for id in asked if id in self.online and id in self.channels]
        return web.json_response({"data": data, "pagination": {}})

    async def _say(self, request: web.Request) -> web.Response:
        token = await self._guard(request, "user:write:chat")
        if isinstance(token, web.Response):
            return token
        body = await request.json()
        channel, text = str(body["broadcaster_id"]), str(body["message"])
        if channel not in self.channels or body["sender_id"] != token.user_id:
            return wrong(400, "The broadcaster or the sender is not valid")
        limits = self.limits_of(token.user_id)
        is_moderator = "moderator" in self.bot.badges or token.user_id == channel
        refused = limits.refuse(channel, text, time.monotonic(), is_moderator=is_moderator)
        if refused == "long":
            return wrong(400, "The message is too long")
        dropped = STATUSES.get(refused or "") or (
            self.faults.drop_code if self.faults.strikes("not_sent") else ""
        )
        is_sent = not dropped and refused is None
        reply_to = body.get("reply_parent_message_id")
        self.said.append(Said(channel, text, reply_to, token.user_id, is_sent))
        if not is_sent:
            reason = {"code": dropped, "message": "Your message was not sent."}
            return web.json_response({"data": [{"message_id": "", "is_sent": False, "drop_reason": reason}]})
        id = await self.chat(channel, self.bot, text, reply_to=reply_to)
        if self.faults.strikes("broken_after_taking"):
            return wrong(500, "Internal Server Error")
        return web.json_response({"data": [{"message_id": id, "is_sent": True, "drop_reason": None}]})

    async def _whisper(self, request: web.Request) -> web.Response:
        token = await self._guard(request, "user:manage:whispers")
        if isinstance(token, web.Response):
            return token
        to, text = request.query["to_user_id"], str((await request.json())["message"])
        if len({*(known for known, _ in self.whispers), to}) > WHISPERS_A_DAY:
            self.violations["whisper_recipients"] += 1
        else:
            self.whispers.append((to, text))
        return web.Response(status=204)

    async def _subscriptions(self, request: web.Request) -> web.Response:
        token = await self._guard(request)
        if isinstance(token, web.Response):
            return token
        if request.method == "POST":
            return await self._subscribe(request, token)
        every = [s for mine in self.eventsub.sessions.values() for s in mine.subscriptions]
        if request.method == "DELETE":
            for mine in self.eventsub.sessions.values():
                mine.subscriptions = [s for s in mine.subscriptions if s["id"] != request.query.get("id")]
            return web.Response(status=204)
        return web.json_response({"data": every, "total": len(every), "total_cost": 0, "max_total_cost": 10})

    async def _subscribe(self, request: web.Request, token: Token) -> web.Response:
        body = await request.json()
        mine = self.eventsub.sessions.get(body["transport"].get("session_id", ""))
        condition = body["condition"]
        if mine is None:
            return wrong(400, "websocket transport session does not exist or has already disconnected")
        if condition.get("broadcaster_user_id", token.user_id) not in {*self.channels, token.user_id}:
            return wrong(400, "broadcaster_user_id is not valid")
        if body["type"].startswith("channel.chat") and "user:read:chat" not in token.scopes:
            return wrong(403, "subscription missing proper authorization")
        if any(s["type"] == body["type"] and s["condition"] == condition for s in mine.subscriptions):
            return wrong(409, "subscription already exists")
        subscription = {
            "id": str(uuid.uuid4()),
            "status": "enabled",
            "type": body["type"],
            "version": body["version"],
            "cost": 0,
            "condition": condition,
            "created_at": stamp(),
            "transport": {"method": "websocket", "session_id": mine.id, "connected_at": stamp()},
        }
        mine.subscriptions.append(subscription)
        answer = {"data": [subscription], "total": 1, "total_cost": 0, "max_total_cost": 10}
        return web.json_response(answer, status=202)


def _user(id: str, login: str) -> dict[str, Any]:
    return {
        "id": id,
        "login": login,
        "display_name": login.title(),
        "type": "",
        "broadcaster_type": "",
        "description": "",
        "profile_image_url": "",
        "offline_image_url": "",
        "view_count": 0,
        "email": None,
        "created_at": "2020-01-01T00:00:00Z",
    }


def _stream(id: str, login: str) -> dict[str, Any]:
    return {
        "id": "40" + id,
        "user_id": id,
        "user_login": login,
        "user_name": login.title(),
        "game_id": "0",
        "game_name": "",
        "type": "live",
        "title": "",
        "tags": [],
        "viewer_count": 1,
        "started_at": stamp(),
        "language": "fr",
        "thumbnail_url": "",
        "tag_ids": [],
        "is_mature": False,
    }
