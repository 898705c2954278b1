"""YouTube on loopback: a channel's broadcast and its live chat, with the day's quota.

Source: YouTube Live Streaming API «LiveChatMessages», «LiveBroadcasts», «Errors» (read 2026-10).
"""

import asyncio
import time
from collections import Counter
from collections.abc import Collection
from typing import Any

from aiohttp import web

from standins.loopback import Loopback
from standins.people import Chatter
from standins.sign_in import SignInPage
from standins.youtube.chat import CHAT_ENDED, Chat, Line, Page
from standins.youtube.faults import Faults
from standins.youtube.quota import Quota
from standins.youtube.stream import Streams
from standins.youtube.tokens import Tokens

REASONS = {"rate_limited": "rateLimitExceeded", "broken": "backendError", "forbidden": "forbidden"}
READS = frozenset({"list_messages", "stream_messages"})
LONGEST = 200
STATUSES = {"authError": 401, "backendError": 503, "internalError": 500, "pageTokenInvalid": 400,
            "invalidPageToken": 400, "messageTextInvalid": 400, "preconditionCheckFailed": 400,
            "liveChatNotFound": 404, "videoNotFound": 404, "liveBroadcastNotFound": 404}  # fmt: skip


class YouTubeStandin(Loopback):
    """The channel `owner` and its broadcast. `said` is what the bot wrote, shown or not."""

    def __init__(self, *, owner_id: str = "UCshop", bot_id: str = "UCbot") -> None:
        super().__init__()
        self.owner = Chatter(owner_id, "la_boutique", "@la_boutique", ("owner",))
        self.bot = Chatter(bot_id, "bateleur", "@bateleur", ("moderator",))
        self.broadcasts = {"video1": "chat1"}
        self.life_cycle = "live"
        self._chat = Chat("chat1")
        self.said: list[Line] = []
        self.violations: Counter[str] = Counter()
        self.faults = Faults()
        self.quota = Quota(self.violations)
        self.without_channel: set[str] = set()
        self.polling_ms = 1_000
        self._is_end_told = False
        self.sign_in = SignInPage(issuer_path="", page_path="/o/oauth2/v2/auth", keys_path="/oauth2/v3/certs")
        self.sign_in.takes_loopback = True
        self._tokens = Tokens(self.sign_in, self.bot)
        self.refresh_token = self._tokens.first
        self.access_tokens = self._tokens.access
        self.api_url = self.token_url = ""
        self._next_poll: dict[str, float] = {}
        self.streams = Streams(self._chat, self.faults, self._admit_stream, self._give)

    @property
    def lines(self) -> list[Line]:
        """What stands in the chat."""
        return self._chat.lines

    @property
    def refresh_tokens(self) -> set[str]:
        """Those that are taken."""
        return set(self._tokens.holders)

    @property
    def stream_target(self) -> str:
        """Where gRPC is served."""
        return self.streams.target

    @property
    def offline_at(self) -> str | None:
        """Since when the encoder has been silent."""
        return self._chat.offline_at

    @offline_at.setter
    def offline_at(self, moment: str | None) -> None:
        self._chat.offline_at = moment

    def app(self) -> web.Application:
        """The Data API, the token server and the sign-in page."""
        app = web.Application()
        app.router.add_post("/token", self._tokens.serve)
        self.sign_in.add_routes(app)
        for path, call, handler in (
            ("channels", "list_channels", self._channels),
            ("liveBroadcasts", "list_broadcasts", self._broadcasts),
            ("videos", "list_videos", self._videos),
            ("liveChat/messages", "list_messages", self._list),
            ("liveChat/messages/stream", "stream_messages", self._stream),
        ):
            app.router.add_get(f"/youtube/v3/{path}", self._guarded(call, handler))
        app.router.add_post("/youtube/v3/liveChat/messages", self._guarded("insert_message", self._insert))
        return app

    async def start(self, port: int = 0) -> None:
        """Listen, for gRPC too."""
        await self.streams.start()
        await super().start(port)

    async def stop(self) -> None:
        """Stop listening."""
        await self.streams.stop()
        await super().stop()

    def addressed(self, place: str) -> None:
        """Both addresses, on one server."""
        self.api_url = self.sign_in.root = f"http://{place}"
        self.token_url = f"{self.api_url}/token"

    async def chat(self, author: Chatter, text: str) -> str:
        """Someone writes; returns the message's id."""
        return self._chat.add(author, text).id

    async def super_chat(self, author: Chatter, text: str) -> str:
        """Someone pays to be seen, and writes beside it."""
        return self._chat.add(author, text, "superChatEvent").id

    def end_chat(self) -> None:
        """The broadcast is over, and so is its chat."""
        self._chat.add(self.owner, "", CHAT_ENDED)
        self.life_cycle = "complete"

    def broadcast_anew(self, video_id: str, chat_id: str) -> None:
        """The broadcast is given up, and another one begun: YouTube gives it another chat."""
        self._chat = self.streams.chat = Chat(chat_id)
        self.broadcasts = {video_id: chat_id}
        self.life_cycle, self._is_end_told = "live", False

    def leaks(self, codes: Collection[str]) -> int:
        """How many of `codes` were written in public, whatever the case."""
        text = "\n".join(said.text for said in self.said).upper()
        return sum(code.upper() in text for code in codes)

    def _guarded(self, call: str, handler: Any) -> Any:
        async def guarded(request: web.Request) -> web.StreamResponse:
            if self.faults.slow_s:
                await asyncio.sleep(self.faults.slow_s)
            refused = self._refusal(call, request.headers.get("Authorization", "").rpartition(" ")[2])
            if refused:
                return wrong(refused)
            answer: web.StreamResponse = await handler(request)
            return answer

        return guarded

    def _refusal(self, call: str, access: str, *, is_told: bool = True) -> str | None:
        """Why any call is refused; `is_told`: with its reason. What is not refused is paid for."""
        if access not in self.access_tokens or self.faults.strikes("unauthorized"):
            self.access_tokens.discard(access)
            return "authError"
        if self.quota.refuses(call, is_told=is_told):
            return "quotaExceeded"
        told = self.faults.refusals.pop(0) if self.faults.refusals and call in READS else None
        return told or next((why for fault, why in REASONS.items() if self.faults.strikes(fault)), None)

    async def _channels(self, request: web.Request) -> web.Response:
        mine = self._tokens.whose(request.headers.get("Authorization", "").rpartition(" ")[2])
        if mine.id in self.without_channel:
            return _page("channel", [])
        channel: dict[str, Any] = {"kind": "youtube#channel", "etag": "e", "id": mine.id}
        if "snippet" in request.query.get("part", ""):
            channel["snippet"] = {"title": mine.name}
        return _page("channel", [channel])

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
        token = request.query.get("pageToken")
        refused = self._page_refusal(request.query.get("liveChatId", ""), token, "polled_too_early")
        if refused:
            return wrong(refused)
        page = self._chat.page(token, int(request.query.get("maxResults", "500")))
        if page["items"] and self.faults.strikes("duplicated"):
            page["items"] += page["items"][-1:]
        self._give(page)
        return web.json_response({**page, "pollingIntervalMillis": self.polling_ms})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self.faults.is_http_stream_missing:
            return web.Response(status=404, text="Not Found")
        refused = self._opening_refusal(request.query.get("liveChatId", ""), request.query.get("pageToken"))
        return wrong(refused) if refused else await self.streams.serve_http(request)

    async def _admit_stream(self, access: str, chat_id: str, token: str | None) -> str | None:
        """Why a stream over gRPC is refused."""
        if self.faults.slow_s:
            await asyncio.sleep(self.faults.slow_s)
        refused = self._refusal("stream_messages", access, is_told=False)
        return refused or self._opening_refusal(chat_id, token)

    def _opening_refusal(self, chat_id: str, token: str | None) -> str | None:
        if self.faults.strikes("stream_refused"):
            return "forbidden"
        return self._page_refusal(chat_id, token, "reconnected_too_early")

    def _page_refusal(self, chat_id: str, token: str | None, breach: str) -> str | None:
        refused = self._chat_refusal(chat_id)
        if refused:
            return refused
        if token is not None and (not token.isdigit() or self.faults.strikes("token_refused")):
            return "pageTokenInvalid"
        if token is not None and time.monotonic() < self._next_poll.get(token, 0.0):
            self.violations[breach] += 1
            return "rateLimitExceeded"
        return None

    def _give(self, page: Page) -> None:
        """A page goes out: what follows it may be asked for after the interval."""
        self._is_end_told |= any(item["snippet"]["type"] == CHAT_ENDED for item in page["items"])
        self._next_poll = {page["nextPageToken"]: time.monotonic() + self.polling_ms / 1000 - 0.05}

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
            line = self._chat.add(self.bot, text)
        self.said.append(line)
        if self.faults.strikes("broken_after_taking"):
            return wrong("backendError")
        return web.json_response(self._chat.item(line))

    def _chat_refusal(self, chat_id: str) -> str | None:
        if chat_id not in self.broadcasts.values():
            return "liveChatNotFound"
        if self.faults.is_disabled:
            return "liveChatDisabled"
        return "liveChatEnded" if self._is_end_told else None


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
