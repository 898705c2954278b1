"""wss://eventsub.wss.twitch.tv/ws: sessions and notifications.

Source: Twitch «EventSub WebSocket events» (2026-10): ten seconds to subscribe (4003), no data frames from
the client (4001), pongs to its pings (4002), 30 seconds to reconnect (4004), an unknown reconnect address
or one whose old socket is gone (4007).
"""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from standins.twitch.faults import Faults
from standins.twitch.frames import frame, session, stamp

KEEPALIVE_S, LONGEST_KEEPALIVE_S = 10, 600


@dataclass(slots=True, eq=False)
class Session:
    """One socket and what it is subscribed to."""

    id: str
    request: web.Request
    socket: web.WebSocketResponse
    keepalive_s: int
    connected_at: str = field(default_factory=stamp)
    user_id: str = ""
    is_used: bool = False
    pongs: int = 0
    subscriptions: list[dict[str, Any]] = field(default_factory=list)


class EventSub:
    """The sessions there are.

    `unused_s`, `grace_s` and `least_keepalive_s` are Twitch's own; a test may shorten them, and also how
    often clients are pinged (`ping_s`) and how long a pong is waited for (`pong_s`).
    """

    def __init__(self, faults: Faults) -> None:
        self.unused_s = 10.0
        self.grace_s = 30.0
        self.least_keepalive_s = KEEPALIVE_S
        self.ping_s = 30.0
        self.pong_s = 10.0
        self.faults = faults
        self.sessions: dict[str, Session] = {}
        self.url = ""
        self.welcome_delay_s = 0.0
        self._moving: dict[str, Session] = {}
        self._held: list[tuple[Session, str]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, until it ends."""
        socket = web.WebSocketResponse(autoping=False, timeout=1.0)
        await socket.prepare(request)
        mine = Session(secrets.token_hex(12), request, socket, self._keepalive_s(request))
        key = request.query.get("reconnect")
        await asyncio.sleep(self.welcome_delay_s)
        if key is not None and not self._move(key, mine):
            await socket.close(code=4007)
            return socket
        self.sessions[mine.id] = mine
        welcome = session(mine.id, "connected", mine.keepalive_s, None)
        await socket.send_str(frame("session_welcome", welcome))
        tasks = [
            self._later(work) for work in (self._expect_use(mine), self._keep_alive(mine), self._ping(mine))
        ]
        try:
            await self._read(mine)
        finally:
            self.sessions.pop(mine.id, None)
            for task in tasks:
                task.cancel()
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

    async def notify(self, kind: str, event: dict[str, Any], *, age_s: float = 0.0) -> None:
        """Send an event to every session subscribed to it, as one of `age_s` seconds ago."""
        if self.faults.is_silent:
            return
        for mine in list(self.sessions.values()):
            for subscription in mine.subscriptions:
                if subscription["type"] == kind and _is_about(subscription["condition"], event):
                    payload = {"subscription": subscription, "event": event}
                    await self._send(mine, frame("notification", payload, subscription=kind, age_s=age_s))

    async def reconnect(self, *, slow_s: float = 0.0) -> None:
        """Ask every session to move; the old socket goes on for 30 seconds. Welcomes come `slow_s` late."""
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

    def drop(self) -> None:
        """Cut every connection off without a word: the client sees 1006."""
        for mine in list(self.sessions.values()):
            if mine.request.transport is not None:
                mine.request.transport.abort()

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

    def _keepalive_s(self, request: web.Request) -> int:
        """What the client asked for, within what Twitch gives."""
        asked = request.query.get("keepalive_timeout_seconds", "")
        wanted = int(asked) if asked.isdecimal() else KEEPALIVE_S
        return min(LONGEST_KEEPALIVE_S, max(self.least_keepalive_s, wanted))

    def _move(self, key: str, mine: Session) -> bool:
        """Give `mine` what the old socket was subscribed to; False when there is no such reconnect."""
        old = self._moving.pop(key, None)
        if old is None or old.id not in self.sessions:
            return False
        mine.user_id, mine.is_used, mine.keepalive_s = old.user_id, old.is_used, old.keepalive_s
        mine.subscriptions, old.subscriptions = old.subscriptions, []
        for subscription in mine.subscriptions:
            subscription["transport"] = {**subscription["transport"], "session_id": mine.id}
        return True

    async def _read(self, mine: Session) -> None:
        async for received in mine.socket:
            if received.type is WSMsgType.PING:
                await mine.socket.pong(received.data)
            elif received.type is WSMsgType.PONG:
                mine.pongs += 1
            else:
                await mine.socket.close(code=4001)

    async def _send(self, mine: Session, text: str) -> None:
        with contextlib.suppress(ConnectionError):
            if self.faults.strikes("reordered"):
                self._held.append((mine, text))
                return
            await mine.socket.send_str(text)
            if self.faults.strikes("duplicated"):
                await mine.socket.send_str(text)
            while self._held:
                before, held = self._held.pop()
                await before.socket.send_str(held)

    async def _expect_use(self, mine: Session) -> None:
        await asyncio.sleep(self.unused_s)
        if not mine.is_used:
            await mine.socket.close(code=4003)

    async def _keep_alive(self, mine: Session) -> None:
        while True:
            await asyncio.sleep(mine.keepalive_s * 0.8)
            if not self.faults.is_silent:
                with contextlib.suppress(ConnectionError):
                    await mine.socket.send_str(frame("session_keepalive", {}))

    async def _ping(self, mine: Session) -> None:
        while True:
            await asyncio.sleep(self.ping_s)
            before = mine.pongs
            with contextlib.suppress(ConnectionError):
                await mine.socket.ping()
            await asyncio.sleep(self.pong_s)
            if mine.pongs == before:
                await mine.socket.close(code=4002)
                return

    async def _close_old(self, mine: Session) -> None:
        await asyncio.sleep(self.grace_s)
        if not mine.socket.closed:
            await mine.socket.close(code=4004)

    def _later(self, work: Any) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _is_about(condition: dict[str, Any], event: dict[str, Any]) -> bool:
    """True when an event is one of those that a condition asks for."""
    if "broadcaster_user_id" in condition:
        return bool(condition["broadcaster_user_id"] == event.get("broadcaster_user_id"))
    return condition.get("user_id") in (event.get("to_user_id"), event.get("user_id"))
