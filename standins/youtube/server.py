"""YouTube on loopback: a channel's broadcast and its live chat, with the day's quota.

Source: YouTube Live Streaming API «LiveChatMessages», «LiveBroadcasts», «Errors» (read 2026-10).
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from standins.loopback import Loopback
from standins.people import Chatter
from standins.sign_in import SignInPage
from standins.youtube.faults import Faults
from standins.youtube.quota import Quota

REASONS = {"rate_limited": "rateLimitExceeded", "broken": "backendError", "forbidden": "forbidden"}
LONGEST = 200
HISTORY = 75
STATUSES = {"authError": 401, "backendError": 503, "pageTokenInvalid": 400, "messageTextInvalid": 400,
            "liveChatNotFound": 404, "videoNotFound": 404}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the chat."""

    id: str
    author: Chatter
    text: str
    at: str
    kind: str = "textMessageEvent"


class YouTubeStandin(Loopback):
    """The channel `owner` and its broadcast. `said` is what the bot wrote, shown or not."""

    def __init__(self, *, owner_id: str = "UCshop", bot_id: str = "UCbot") -> None:
        super().__init__()
        self.owner = Chatter(owner_id, "la_boutique", "@la_boutique", ("owner",))
        self.bot = Chatter(bot_id, "bateleur", "@bateleur", ("moderator",))
        self.broadcasts = {"video1": "chat1"}
        self.life_cycle = "live"
        self.lines: list[Line] = []
        self.said: list[Line] = []
        self.violations: Counter[str] = Counter()
        self.faults = Faults()
        self.quota = Quota(self.violations)
        self.without_channel: set[str] = set()
        self.polling_ms = 1_000
        self.offline_at: str | None = None
        self._is_end_told = False
        self.sign_in = SignInPage(issuer_path="", page_path="/o/oauth2/v2/auth", keys_path="/oauth2/v3/certs")
        self.refresh_token = secrets.token_hex(20)
        self.access_tokens: set[str] = set()
        self.api_url = self.token_url = ""
        self._next_poll: dict[str, float] = {}

    def app(self) -> web.Application:
        """The Data API, the token server and the sign-in page."""
        app = web.Application()
        app.router.add_post("/token", self._token)
        self.sign_in.add_routes(app)
        for path, call, handler in (
            ("channels", "list_channels", self._channels),
            ("liveBroadcasts", "list_broadcasts", self._broadcasts),
            ("videos", "list_videos", self._videos),
            ("liveChat/messages", "list_messages", self._list),
        ):
            app.router.add_get(f"/youtube/v3/{path}", self._guarded(call, handler))
        app.router.add_post("/youtube/v3/liveChat/messages", self._guarded("insert_message", self._insert))
        return app

    def addressed(self, place: str) -> None:
        """Both addresses, on one server."""
        self.api_url = self.sign_in.root = f"http://{place}"
        self.token_url = f"{self.api_url}/token"

    async def chat(self, author: Chatter, text: str) -> str:
        """Someone writes; returns the message's id."""
        return self._add(author, text).id

    def end_chat(self) -> None:
        """The broadcast is over, and so is its chat."""
        self._add(self.owner, "", "chatEndedEvent")
        self.life_cycle = "complete"

    def leaks(self, codes: Collection[str]) -> int:
        """How many of `codes` were written in public, whatever the case."""
        text = "\n".join(said.text for said in self.said).upper()
        return sum(code.upper() in text for code in codes)

    def _add(self, author: Chatter, text: str, kind: str = "textMessageEvent") -> Line:
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        line = Line(f"LCC.{len(self.lines)}", author, text, at, kind)
        self.lines.append(line)
        return line

    def _guarded(self, call: str, handler: Any) -> Any:
        async def guarded(request: web.Request) -> web.Response:
            if self.faults.slow_s:
                await asyncio.sleep(self.faults.slow_s)
            token = request.headers.get("Authorization", "").rpartition(" ")[2]
            if token not in self.access_tokens or self.faults.strikes("unauthorized"):
                self.access_tokens.discard(token)
                return wrong("authError")
            if self.quota.refuses(call):
                return wrong("quotaExceeded")
            for fault, reason in REASONS.items():
                if self.faults.strikes(fault):
                    return wrong(reason)
            answer: web.Response = await handler(request)
            return answer

        return guarded

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("grant_type") == "authorization_code":
            given = self.sign_in.redeem({name: str(value) for name, value in form.items()})
            if given is None:
                return web.json_response({"error": "invalid_grant"}, status=400)
            self.access_tokens.add(given["access_token"])
            return web.json_response(given)
        if form.get("refresh_token") != self.refresh_token:
            refused = {"error": "invalid_grant", "error_description": "Bad Request"}
            return web.json_response(refused, status=400)
        access = secrets.token_hex(20)
        self.access_tokens.add(access)
        return web.json_response({"access_token": access, "expires_in": 3599, "token_type": "Bearer"})

    async def _channels(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").rpartition(" ")[2]
        mine = self.sign_in.signed_in.get(token, self.bot)
        if mine.id in self.without_channel:
            return _page("channel", [])
        return _page("channel", [{"kind": "youtube#channel", "etag": "e", "id": mine.id}])

    async def _broadcasts(self, request: web.Request) -> web.Response:
        if request.query.get("broadcastStatus") == "active" and self.life_cycle != "live":
            return _page("liveBroadcast", [])
        wanted = request.query.get("id")
        found = [
            {
                "kind": "youtube#liveBroadcast",
                "etag": "e",
                "id": id,
                "snippet": {"channelId": self.owner.id, "title": f"La soirée ({id})", "liveChatId": chat},
                "status": {"lifeCycleStatus": self.life_cycle},
            }
            for id, chat in self.broadcasts.items()
            if wanted in (None, id)
        ]
        return _page("liveBroadcast", found)

    async def _videos(self, request: web.Request) -> web.Response:
        id = request.query.get("id", "")
        if id not in self.broadcasts:
            return _page("video", [])
        details = {"activeLiveChatId": self.broadcasts[id]} if self.life_cycle == "live" else {}
        video = {"kind": "youtube#video", "etag": "e", "id": id, "liveStreamingDetails": details}
        return _page("video", [video])

    async def _list(self, request: web.Request) -> web.Response:
        refused = self._chat_refusal(request.query.get("liveChatId", ""))
        if refused:
            return wrong(refused)
        token = request.query.get("pageToken")
        if token is not None and (not token.isdigit() or self.faults.strikes("token_refused")):
            return wrong("pageTokenInvalid")
        now = time.monotonic()
        if token is not None and now < self._next_poll.get(token, 0.0):
            self.violations["polled_too_early"] += 1
            return wrong("rateLimitExceeded")
        start = int(token) if token is not None else max(0, len(self.lines) - HISTORY)
        most = int(request.query.get("maxResults", "500"))
        lines = self.lines[start : start + most]
        following = str(start + len(lines))
        self._is_end_told = self._is_end_told or any(line.kind == "chatEndedEvent" for line in lines)
        self._next_poll = {following: now + self.polling_ms / 1000 - 0.05}
        items = [self._item(line) for line in lines]
        if items and self.faults.strikes("duplicated"):
            items += items[-1:]
        body = {
            "kind": "youtube#liveChatMessageListResponse",
            "etag": "e",
            "nextPageToken": following,
            "pollingIntervalMillis": self.polling_ms,
            "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
            "items": items,
        }
        if self.offline_at is not None:
            body["offlineAt"] = self.offline_at
        return web.json_response(body)

    async def _insert(self, request: web.Request) -> web.Response:
        snippet = (await request.json())["snippet"]
        refused = self._chat_refusal(snippet["liveChatId"])
        if refused:
            self.violations["wrote_to_an_ended_chat"] += refused == "liveChatEnded"
            return wrong(refused)
        text = str(snippet["textMessageDetails"]["messageText"])
        if len(text.encode("utf-16-le")) // 2 > LONGEST:
            self.violations["too_long"] += 1
            return wrong("messageTextInvalid")
        if self.faults.strikes("hidden"):
            line = Line("LCC.hidden", self.bot, text, "2026-11-23T20:00:00.000Z")
        else:
            line = self._add(self.bot, text)
        self.said.append(line)
        if self.faults.strikes("broken_after_taking"):
            return wrong("backendError")
        return web.json_response(self._item(line))

    def _chat_refusal(self, chat_id: str) -> str | None:
        if chat_id not in self.broadcasts.values():
            return "liveChatNotFound"
        if self.faults.is_disabled:
            return "liveChatDisabled"
        return "liveChatEnded" if self._is_end_told else None

    def _item(self, line: Line) -> dict[str, Any]:
        author = line.author
        snippet: dict[str, Any] = {
            "type": line.kind,
            "liveChatId": next(iter(self.broadcasts.values()), ""),
            "authorChannelId": author.id,
            "publishedAt": line.at,
            "hasDisplayContent": bool(line.text),
            "displayMessage": line.text,
        }
        if line.kind == "textMessageEvent":
            snippet["textMessageDetails"] = {"messageText": line.text}
        return {
            "kind": "youtube#liveChatMessage",
            "etag": "e",
            "id": line.id,
            "snippet": snippet,
            "authorDetails": {
                "channelId": author.id,
                "channelUrl": f"http://www.youtube.com/channel/{author.id}",
                "displayName": author.name,
                "profileImageUrl": "https://img.example/p.jpg",
                "isVerified": False,
                "isChatOwner": "owner" in author.badges,
                "isChatSponsor": "subscriber" in author.badges,
                "isChatModerator": "moderator" in author.badges,
            },
        }


def wrong(reason: str) -> web.Response:
    """An error as Google writes it."""
    status = STATUSES.get(reason, 403)
    detail = {"domain": "youtube.liveChat", "reason": reason, "message": reason}
    body = {"error": {"code": status, "message": reason, "errors": [detail]}}
    return web.json_response(body, status=status)


def _page(kind: str, items: list[dict[str, Any]]) -> web.Response:
    info = {"totalResults": len(items), "resultsPerPage": len(items)}
    about = {"kind": f"youtube#{kind}ListResponse", "etag": "e"}
    return web.json_response({**about, "pageInfo": info, "items": items})
