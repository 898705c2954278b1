"""/helix/eventsub/subscriptions: what a socket is told of, and why it may be refused.

Source: Twitch «Create EventSub Subscription», «EventSub subscription types», «Handling WebSocket Events»
(read 2026-10): three sockets with subscriptions a user, 300 subscriptions a socket, a total cost of 10.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from standins.twitch.eventsub import EventSub, Session
from standins.twitch.frames import stamp
from standins.twitch.oauth import Token, wrong

SOCKETS, A_SOCKET, COST = 3, 300, 10
CHAT = ("broadcaster_user_id", "user_id")
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "channel.chat.message": ("user:read:chat", CHAT),
    "channel.chat.message_delete": ("user:read:chat", CHAT),
    "channel.chat.clear": ("user:read:chat", CHAT),
    "channel.chat.clear_user_messages": ("user:read:chat", CHAT),
    "channel.chat.notification": ("user:read:chat", CHAT),
    "stream.online": ("", ("broadcaster_user_id",)),
    "stream.offline": ("", ("broadcaster_user_id",)),
    "user.update": ("", ("user_id",)),
    "user.whisper.message": ("user:read:whispers", ("user_id",)),
}
"""Version 1 of each kind: the scope it needs and the keys of its condition."""


class Subscriptions:
    """The subscriptions of every socket.

    Of `users` one may be told. Whom the bot is `banned` by it may not read. Who has `consented` to the
    application costs nothing.
    """

    def __init__(self, eventsub: EventSub, users: set[str], banned: set[str], consented: set[str]) -> None:
        self._eventsub = eventsub
        self._users = users
        self._banned = banned
        self._consented = consented

    async def serve(self, request: web.Request, token: Token) -> web.Response:
        """Create, list or delete."""
        if request.method == "POST":
            return self._create(await request.json(), token)
        every = [s for _, s in self._of(token.user_id)]
        if request.method == "DELETE":
            return self._delete(request.query.get("id", ""), token)
        return web.json_response({"data": every, "pagination": {}, **self._sums(token.user_id)})

    def _create(self, body: dict[str, Any], token: Token) -> web.Response:
        transport, condition = body.get("transport") or {}, body.get("condition") or {}
        kind, version = body.get("type", ""), body.get("version", "")
        mine = self._eventsub.sessions.get(transport.get("session_id", ""))
        cost = self._cost(kind, condition, token)
        refused = self._refuse_words(kind, version, condition, token) or self._refuse_socket(
            mine, kind, condition, cost, token
        )
        if refused is not None or mine is None:
            return refused or wrong(400, "invalid transport")
        subscription = {
            "id": str(uuid.uuid4()),
            "status": "enabled",
            "type": kind,
            "version": version,
            "cost": cost,
            "condition": condition,
            "created_at": stamp(),
            "transport": {"method": "websocket", "session_id": mine.id, "connected_at": mine.connected_at},
        }
        mine.user_id = token.user_id
        mine.is_used = True
        mine.subscriptions.append(subscription)
        return web.json_response({"data": [subscription], **self._sums(token.user_id)}, status=202)

    def _refuse_words(
        self, kind: str, version: str, condition: dict[str, Any], token: Token
    ) -> web.Response | None:
        if not token.user_id:
            return wrong(400, "invalid transport and auth combination")
        if kind not in KINDS or version != "1":
            return wrong(400, "invalid subscription type and version")
        scope, keys = KINDS[kind]
        missing = [key for key in keys if not condition.get(key)]
        if missing:
            return wrong(400, f"missing condition: {', '.join(missing)}")
        channel, user = condition.get("broadcaster_user_id"), condition.get("user_id")
        if channel is not None and channel not in self._users:
            return wrong(400, "broadcaster_user_id is not valid")
        is_other = scope and user != token.user_id
        if is_other or (scope and (scope not in token.scopes or channel in self._banned)):
            return wrong(403, "subscription missing proper authorization")
        return None

    def _refuse_socket(
        self, mine: Session | None, kind: str, condition: dict[str, Any], cost: int, token: Token
    ) -> web.Response | None:
        if mine is None:
            return wrong(400, "websocket transport session does not exist or has already disconnected")
        if mine.user_id not in ("", token.user_id):
            return wrong(400, "websocket transport cannot have subscriptions created by different users")
        for there in mine.subscriptions:
            if there["type"] == kind and there["condition"] == condition:
                return wrong(409, "subscription already exists", id=there["id"])
        used = {session.id for session, _ in self._of(token.user_id)}
        if len(used | {mine.id}) > SOCKETS:
            return wrong(429, "number of websocket transports limit exceeded")
        if len(mine.subscriptions) >= A_SOCKET:
            return wrong(429, "number of subscriptions limit exceeded")
        if self._sums(token.user_id)["total_cost"] + cost > COST:
            return wrong(429, "subscriptions total cost exceeded")
        return None

    def _delete(self, id: str, token: Token) -> web.Response:
        for mine, subscription in list(self._of(token.user_id)):
            if subscription["id"] == id:
                mine.subscriptions.remove(subscription)
                return web.Response(status=204)
        return wrong(404, "subscription does not exist")

    def _cost(self, kind: str, condition: dict[str, Any], token: Token) -> int:
        """Nothing when the user whom it is about, or who reads, has consented to the application."""
        about = {condition.get("broadcaster_user_id"), condition.get("user_id")}
        return 0 if about & {*self._consented, token.user_id} else 1

    def _sums(self, user_id: str) -> dict[str, int]:
        costs = [subscription["cost"] for _, subscription in self._of(user_id)]
        return {"total": len(costs), "total_cost": sum(costs), "max_total_cost": COST}

    def _of(self, user_id: str) -> Iterator[tuple[Session, dict[str, Any]]]:
        for mine in self._eventsub.sessions.values():
            if mine.user_id == user_id:
                for subscription in mine.subscriptions:
                    yield mine, subscription
