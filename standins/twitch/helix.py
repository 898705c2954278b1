"""api.twitch.tv/helix: users, streams, chat messages and whispers, each call admitted and counted.

Source: Twitch «Twitch API Guide», «Send Chat Message», «Send Whisper», «Get Users», «Get Streams» (read
2026-10).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from standins.twitch.frames import stamp
from standins.twitch.limits import CHARACTERS, Points
from standins.twitch.oauth import Token, wrong
from standins.twitch.subscriptions import Subscriptions

if TYPE_CHECKING:
    from standins.twitch.server import TwitchStandin

DROP_CODES = {
    "rate": "msg_ratelimit",
    "slow": "msg_slowmode",
    "duplicate": "msg_duplicate",
    "command": "msg_rejected",
}

Handler = Callable[[web.Request, Token], Awaitable[web.Response]]


class Helix:
    """The calls that the stand-in `owner` answers."""

    def __init__(self, owner: "TwitchStandin") -> None:
        self._owner = owner
        self._points: dict[str, Points] = {}

    def add_routes(self, app: web.Application) -> None:
        """Serve /helix/…"""
        owner = self._owner
        users = {*owner.channels, owner.bot.id}
        subscriptions = Subscriptions(owner.eventsub, users, owner.banned, owner.consented)
        app.router.add_get("/helix/users", self._admitted(self._users))
        app.router.add_get("/helix/streams", self._admitted(self._streams))
        app.router.add_post("/helix/chat/messages", self._admitted(self._say, "user:write:chat"))
        app.router.add_post("/helix/whispers", self._admitted(self._whisper, "user:manage:whispers"))
        app.router.add_route("*", "/helix/eventsub/subscriptions", self._admitted(subscriptions.serve))

    def _admitted(
        self, handler: Handler, scope: str = ""
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """`handler`, called when the request may pass; every answer tells what is left of the bucket."""

        async def answer(request: web.Request) -> web.Response:
            self._owner.calls[f"{request.method} {request.path.removeprefix('/helix/')}"] += 1
            token = self._owner.id.bearer(request)
            points = self._points.setdefault(token.user_id if token else "", Points(self._owner.violations))
            response = await self._refuse(request, token, scope, points)
            if response is None and token is not None:
                response = await handler(request, token)
            assert response is not None
            response.headers.update(points.headers() | dict(response.headers))
            return response

        return answer

    async def _refuse(
        self, request: web.Request, token: Token | None, scope: str, points: Points
    ) -> web.Response | None:
        faults = self._owner.faults
        if faults.slow_s:
            await asyncio.sleep(faults.slow_s)
        if "Authorization" not in request.headers:
            return wrong(401, "OAuth token is missing")
        if token is None or faults.strikes("unauthorized"):
            return wrong(401, "Invalid OAuth token")
        if request.headers.get("Client-Id") != self._owner.id.client_id:
            return wrong(401, "Client ID and OAuth token do not match")
        if scope and scope not in token.scopes:
            return wrong(401, f"Missing scope: {scope}")
        if not points.spend():
            return wrong(429, "Too Many Requests")
        if faults.strikes("throttled"):
            refused = wrong(429, "Too Many Requests")
            refused.headers.update({"Ratelimit-Remaining": "0", "Ratelimit-Reset": str(int(time.time()) + 1)})
            return refused
        return wrong(503, "Service Unavailable") if faults.strikes("broken") else None

    async def _users(self, request: web.Request, token: Token) -> web.Response:
        owner = self._owner
        known = {**owner.channels, owner.bot.id: owner.bot.login}
        logins = request.query.getall("login", [])
        asked = request.query.getall("id", []) + [id for id, login in known.items() if login in logins]
        if not asked and not logins:
            asked = [token.user_id]
        return web.json_response({"data": [_user(id, known[id]) for id in asked if id in known]})

    async def _streams(self, request: web.Request, _: Token) -> web.Response:
        owner = self._owner
        asked = request.query.getall("user_id", [])
        data = [
            _stream(id, owner.channels[id]) for id in asked if id in owner.online and id in owner.channels
        ]
        return web.json_response({"data": data, "pagination": {}})

    async def _say(self, request: web.Request, token: Token) -> web.Response:
        owner, body = self._owner, await request.json()
        channel, text = str(body.get("broadcaster_id")), str(body.get("message") or "")
        parent = body.get("reply_parent_message_id")
        if channel not in owner.channels or body.get("sender_id") != token.user_id or not text:
            return wrong(400, "The broadcaster, the sender or the message is not valid")
        if channel in owner.banned:
            return wrong(
                403, "The sender is not permitted to send chat messages to the broadcaster's chat room"
            )
        if parent is not None and parent not in owner.messages:
            return wrong(400, "Message cannot be replied to")
        limits = owner.limits_of(token.user_id)
        is_moderator = channel in owner.moderated or token.user_id == channel
        refused = limits.refuse(channel, text, time.monotonic(), is_moderator=is_moderator)
        if len(text) > CHARACTERS:
            return wrong(422, "The message is too large")
        dropped = DROP_CODES.get(refused or "")
        if dropped is None and owner.faults.strikes("not_sent"):
            dropped = owner.faults.drop_code
        owner.note_said(channel, text, parent, token.user_id, is_sent=dropped is None)
        if dropped is not None:
            reason = {"code": dropped, "message": "Your message was not sent."}
            return web.json_response({"data": [{"message_id": "", "is_sent": False, "drop_reason": reason}]})
        id = await owner.chat(channel, owner.bot_in(channel), text, reply_to=parent)
        if owner.faults.strikes("broken_after_taking"):
            return wrong(500, "Internal Server Error")
        return web.json_response({"data": [{"message_id": id, "is_sent": True, "drop_reason": None}]})

    async def _whisper(self, request: web.Request, token: Token) -> web.Response:
        """204 even for a whisper that nobody gets: the 41st recipient's, and a dropped one."""
        owner, limits = self._owner, self._owner.whispers_of(token.user_id)
        sender, to = request.query.get("from_user_id", ""), request.query.get("to_user_id", "")
        text = str((await request.json()).get("message") or "")
        if sender != token.user_id or sender == to or not to or not text:
            return wrong(400, "The sender, the recipient or the message is not valid")
        if to in owner.unwhispered:
            return wrong(400, "The recipient's settings prevent this sender from sending them whispers")
        if limits.is_too_fast(time.monotonic()):
            return wrong(429, "Too Many Requests")
        if not limits.is_one_too_many(to) and not owner.faults.strikes("whispers_dropped"):
            owner.whispers.append((to, text[:CHARACTERS]))
        return web.Response(status=204)


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
