"""wss://eventsub.wss.twitch.tv/ws: sessions, subscriptions, notifications.

Source: Twitch «EventSub WebSocket events» (2026-10): ten seconds to subscribe (4003), no data frames from
the client (4001), 30 seconds to reconnect (4004), an unknown reconnect address (4007).
"""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from standins.twitch.faults import Faults
from standins.twitch.frames import frame, session


@dataclass(slots=True, eq=False)
class Session:
    """One socket and what it is subscribed to."""

    id: str
    socket: web.WebSocketResponse
    keepalive_s: int
    subscriptions: list[dict[str, Any]] = field(default_factory=list)


class EventSub:
    """The sessions there are.

    `unused_s`, `grace_s` and `least_keepalive_s` are Twitch's own; a test may shorten them.
    """

    def __init__(self, faults: Faults) -> None:
        self.unused_s = 10.0
        self.grace_s = 30.0
        self.least_keepalive_s = 10
        self.faults = faults
        self.sessions: dict[str, Session] = {}
        self.url = ""
        self.welcome_delay_s = 0.0
        self._moving: dict[str, Session] = {}
        self._held: tuple[Session, str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, until it ends."""
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        wanted = int(request.query.get("keepalive_timeout_seconds", "10"))
        mine = Session(secrets.token_hex(12), socket, min(600, max(self.least_keepalive_s, wanted)))
        key = request.query.get("reconnect")
        if key is not None and key not in self._moving:
            await socket.close(code=4007)
            return socket
        await asyncio.sleep(self.welcome_delay_s)
        if key is not None:
            mine.subscriptions = self._moving.pop(key).subscriptions
        self.sessions[mine.id] = mine
        await socket.send_str(frame("session_welcome", session(mine.id, "connected", mine.keepalive_s, None)))
        self._later(self._expect_use(mine))
        self._later(self._keep_alive(mine))
        async for received in socket:
            if received.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                await socket.close(code=4001)
        self.sessions.pop(mine.id, None)
        return socket

    def sessions_reading(self, channel_id: str) -> list[Session]:
        """The sessions subscribed to the chat of a channel."""
        return [
            mine
            for mine in self.sessions.values()
            for subscription in mine.subscriptions
            if subscription["type"] == "channel.chat.message"
            and subscription["condition"].get("broadcaster_user_id") == channel_id
        ]

    async def notify(self, kind: str, event: dict[str, Any]) -> None:
        """Send an event to every session subscribed to it."""
        if self.faults.is_silent:
            return
        channel = event.get("broadcaster_user_id")
        for mine in list(self.sessions.values()):
            for subscription in mine.subscriptions:
                condition = subscription["condition"]
                if subscription["type"] == kind and condition.get("broadcaster_user_id") == channel:
                    text = frame(
                        "notification", {"subscription": subscription, "event": event}, subscription=kind
                    )
                    await self._send(mine, text)

    async def reconnect(self, *, slow_s: float = 0.0) -> None:
        """Ask every session to move; the old socket goes on for 30 seconds."""
        self.welcome_delay_s = slow_s
        for mine in list(self.sessions.values()):
            key = secrets.token_hex(8)
            self._moving[key] = mine
            url = f"{self.url}?reconnect={key}"
            await mine.socket.send_str(
                frame("session_reconnect", session(mine.id, "reconnecting", None, url))
            )
            self._later(self._close_old(mine))

    async def close(self, code: int) -> None:
        """Close every socket with `code`."""
        for mine in list(self.sessions.values()):
            await mine.socket.close(code=code)

    async def revoke(self, status: str = "authorization_revoked") -> None:
        """Take every subscription away."""
        for mine in list(self.sessions.values()):
            for subscription in mine.subscriptions:
                payload = {"subscription": {**subscription, "status": status}}
                await mine.socket.send_str(frame("revocation", payload, subscription=subscription["type"]))
            mine.subscriptions.clear()

    async def stop(self) -> None:
        """End every task and socket."""
        for task in self._tasks:
            task.cancel()
        await self.close(1001)

    async def _send(self, mine: Session, text: str) -> None:
        with contextlib.suppress(ConnectionError):
            if self.faults.strikes("reordered"):
                self._held = (mine, text)
                return
            await mine.socket.send_str(text)
            if self.faults.strikes("duplicated"):
                await mine.socket.send_str(text)
            if self._held is not None:
                held, self._held = self._held, None
                await held[0].socket.send_str(held[1])

    async def _expect_use(self, mine: Session) -> None:
        await asyncio.sleep(self.unused_s)
        if not mine.subscriptions and not mine.socket.closed:
            await mine.socket.close(code=4003)

    async def _keep_alive(self, mine: Session) -> None:
        while not mine.socket.closed:
            await asyncio.sleep(mine.keepalive_s * 0.8)
            if not self.faults.is_silent and not mine.socket.closed:
                with contextlib.suppress(ConnectionError):
                    await mine.socket.send_str(frame("session_keepalive", {}))

    async def _close_old(self, mine: Session) -> None:
        await asyncio.sleep(self.grace_s)
        if not mine.socket.closed:
            await mine.socket.close(code=4004)

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
