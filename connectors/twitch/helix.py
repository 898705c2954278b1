"""twitchio's Helix client with our addresses, our token and our time-outs.

twitchio builds the calls; `request`, which carries them all, is ours: nothing global is changed, an
answer is waited for 10 s at most, a 401 is mended once, and 429 says how long to wait.
"""

import re
from typing import Any

import aiohttp

from connectors.twitch.call import call
from connectors.twitch.library import ManagedHTTPClient, Route, SubscriptionPayload, SubscriptionType
from connectors.twitch.outcome import Answered
from connectors.twitch.settings import TwitchSettings
from connectors.twitch.tokens import Tokens
from domain.sentences import sentence

LOGIN = re.compile(r"[A-Za-z0-9_]{1,25}")


class Helix(ManagedHTTPClient):
    """Methods raise `Answered`, `Unreached`, `Unclear`, and what `Tokens.recover` raises."""

    def __init__(
        self, session: aiohttp.ClientSession, settings: TwitchSettings, tokens: Tokens, answer_s: float
    ) -> None:
        super().__init__(client_id=settings.client_id, session=session)
        self._calls = session
        self._root = settings.api_url.rstrip("/") + "/"
        self._keeper = tokens
        self._answer_s = answer_s

    async def request(self, route: Route) -> Any:
        """Carry out one of twitchio's calls."""
        used = self._keeper.access
        try:
            return await self._attempt(route)
        except Answered as error:
            if error.status != 401:
                raise
            await self._keeper.recover(used, error.message)
        return await self._attempt(route)

    async def _attempt(self, route: Route) -> Any:
        headers = {
            "Authorization": f"Bearer {self._keeper.access}",
            "Client-Id": self._keeper.client_id,
            "User-Agent": self.user_agent,
        }
        url = self._root + route.url.removeprefix(Route.BASE)
        body = route.json or None
        return await call(self._calls, route.method, url, answer_s=self._answer_s, headers=headers, json=body)

    async def subscribe(self, payload: SubscriptionPayload, session_id: str, user_id: str) -> None:
        """Ask for one kind of event on a socket."""
        await self.create_eventsub_subscription(
            type=SubscriptionType(payload.type),
            version=payload.version,
            condition=payload.condition,
            transport={"method": "websocket", "session_id": session_id},
            token_for=user_id,
        )

    async def why_missing(self, channel: str) -> str:
        """A sentence that says how to write `channel`, which should be a number; empty when it is one."""
        if channel.isascii() and channel.isdecimal():
            if await self._users(id=channel):
                return ""
            return sentence(
                "There is no Twitch channel with the number {channel}: write another, as in twitch:12345.",
                channel=channel,
            )
        named = await self._users(login=channel.lower()) if LOGIN.fullmatch(channel) else []
        if not named:
            return sentence(
                "There is no Twitch channel «{channel}»: write its number, as in twitch:12345.",
                channel=channel,
            )
        return sentence(
            "«{channel}» is the channel's name: open the live on its number, {number}.",
            channel=channel,
            number=f"twitch:{named[0].get('id')}",
        )

    async def _users(self, **asked: str) -> list[dict[str, Any]]:
        return _data(await self.request(Route("GET", "users", params=asked)))

    async def started_at(self, user_id: str) -> str | None:
        """When the running broadcast of a channel started, RFC 3339; None when there is none."""
        data = _data(await self.request(Route("GET", "streams", params={"user_id": user_id})))
        return str(data[0].get("started_at") or "") if data else None


def _data(body: Any) -> list[dict[str, Any]]:
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, list) else []
