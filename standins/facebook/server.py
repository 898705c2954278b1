"""Facebook on loopback: a Page's live video, its comments and its private replies.

Source: Meta «Live Video Comments», «Private replies», «Securing requests» (read 2026-10).
"""

import asyncio
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web

from standins.facebook.comment import Comment
from standins.facebook.errors import wrong
from standins.facebook.faults import Faults
from standins.facebook.stream import Streams
from standins.facebook.usage import Usage
from standins.facebook.webhook import Webhook
from standins.loopback import Loopback
from standins.people import Chatter

REPEAT_S = 60.0
GAP_S = 2.0
REPLY_WITHIN_S = 7 * 86_400.0
LONGEST_PAGE = 100
HANGS_S = 60.0


class FacebookStandin(Loopback):
    """The Page `page_id` and its live video `live_id`, whose comments' ids begin with `post_id`. `said` is
    what the Page wrote in public, `looks` how often the comments were listed."""

    def __init__(self, *, page_id: str = "1789", live_id: str = "911", post_id: str = "") -> None:
        super().__init__()
        self.page_id = page_id
        self.live_id = live_id
        self.post_id = post_id or live_id
        self.page_token = "page-token"  # noqa: S105 - a stand-in's
        self.app_secret = "app-secret"  # noqa: S105 - a stand-in's
        self.page = Chatter(page_id, "la_boutique", "La Boutique")
        self.status = "LIVE"
        self.also_live: list[str] = []
        self.comments: list[Comment] = []
        self.said: list[Comment] = []
        self.private_replies: dict[str, str] = {}
        self.violations: Counter[str] = Counter()
        self.faults = Faults()
        self.usage = Usage(self.violations, page_id)
        self.looks = 0
        self.streams = Streams(self.faults)
        self.webhook = Webhook(self)
        self.graph_url = ""
        self.stream_url = ""

    def app(self) -> web.Application:
        """The Graph API, and the streaming host's one call."""
        app = web.Application(middlewares=[self._guarded])
        app.router.add_get("/v26.0/me", self._me)
        app.router.add_get("/v26.0/{page}/live_videos", self._live_videos)
        app.router.add_get("/v26.0/{live}/comments", self._list)
        app.router.add_post("/v26.0/{parent}/comments", self._comment)
        app.router.add_post("/v26.0/{page}/messages", self._private_reply)
        app.router.add_get("/v26.0/{live}", self._live)
        app.router.add_get("/{live}/live_comments", self._stream)
        return app

    async def stop(self) -> None:
        """End the streams, give up what notices are on their way, and stop listening."""
        self.streams.end()
        await self.webhook.close()
        await super().stop()

    def addressed(self, place: str) -> None:
        """The API's address, with its version, and the streaming host's."""
        self.graph_url = f"http://{place}/v26.0"
        self.stream_url = f"http://{place}"

    async def chat(
        self, author: Chatter, text: str, *, seconds_ago: float = 0.0, is_low_quality: bool = False
    ) -> str:
        """Someone comments; returns the comment's id."""
        id = f"{self.post_id}_{len(self.comments) + 1}"
        shown = None if self.faults.strikes("authorless") else author
        at = time.time() - seconds_ago
        self._publish(Comment(id, shown, text, at, is_low_quality=is_low_quality))
        return id

    def broadcast_anew(self, live_id: str) -> None:
        """The live video is given up, and another one begun: its comments are under a post of its own."""
        self.live_id = self.post_id = live_id
        self.status = "LIVE"

    async def remove(self, id: str) -> None:
        """A comment is deleted."""
        (gone,) = [comment for comment in self.comments if comment.id == id]
        gone.is_removed = True
        self.webhook.tell(gone, "remove")

    def _publish(self, comment: Comment) -> None:
        self.comments.append(comment)
        self.streams.send(comment)
        self.webhook.tell(comment, "add")

    def leaks(self, codes: Collection[str]) -> int:
        """How many of `codes` the Page wrote in public, whatever the case."""
        text = "\n".join(said.text for said in self.said).upper()
        return sum(code.upper() in text for code in codes)

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.faults.slow_s:
            await asyncio.sleep(self.faults.slow_s)
        response: web.StreamResponse | None = self._refusal(request)
        if response is None:
            response = await handler(request)
        assert response is not None
        if not response.prepared:
            response.headers.update(self.usage.headers())
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "").rpartition(" ")[2] or request.query.get(
            "access_token"
        )
        if given != self.page_token or self.faults.strikes("dead_token"):
            return wrong(190, 460)
        proof = hmac.new(self.app_secret.encode(), given.encode(), hashlib.sha256).hexdigest()
        if request.query.get("appsecret_proof") != proof:
            self.violations["no_proof"] += 1
            return wrong(100, message="API calls from the server require an appsecret_proof argument")
        if self.faults.strikes("throttled"):
            self.usage.block()
            return wrong(32)
        if self.usage.refuses():
            return wrong(32)
        for fault, code in (("no_permission", 200), ("transient", 2)):
            if self.faults.strikes(fault):
                return wrong(code)
        return web.Response(status=502, text="Bad gateway") if self.faults.strikes("broken") else None

    async def _me(self, _: web.Request) -> web.Response:
        return web.json_response({"id": self.page_id, "name": self.page.name})

    async def _live_videos(self, request: web.Request) -> web.Response:
        if request.match_info["page"] != self.page_id:
            return wrong(100, 33)
        is_shown = self.status == "LIVE" or "LIVE" not in request.query.get("broadcast_status", "")
        shown = [self._video()] if is_shown else []
        shown += [{**self._video(), "id": id, "status": "LIVE"} for id in self.also_live]
        return web.json_response({"data": shown})

    async def _live(self, request: web.Request) -> web.Response:
        if request.match_info["live"] != self.live_id:
            return wrong(100, 33)
        return web.json_response(self._video())

    def _video(self) -> dict[str, Any]:
        return {
            "id": self.live_id,
            "status": self.status,
            "title": "La grande soirée",
            "video": {"id": "912"},
        }

    async def _list(self, request: web.Request) -> web.Response:
        if request.match_info["live"] != self.live_id:
            return wrong(100, 33)
        self.looks += 1
        query = request.query
        hides = query.get("live_filter", "filter_low_quality") != "no_filter"
        since = float(query.get("since", "0"))
        there = [c for c in self._under_this() if int(c.at) >= since and not c.is_removed]
        shown = [c for c in there if not (hides and c.is_low_quality)]
        shown.sort(key=lambda comment: comment.at, reverse=query.get("order") == "reverse_chronological")
        if self.faults.is_empty:
            shown = []
        start, limit = int(query.get("after", "0")), min(LONGEST_PAGE, int(query.get("limit", "25")))
        body: dict[str, Any] = {"data": [self._shown(comment) for comment in shown[start : start + limit]]}
        if shown:
            body["paging"] = {"cursors": {"before": str(start), "after": str(start + limit)}}
            if start + limit < len(shown):
                body["paging"]["next"] = f"{self.graph_url}/{self.live_id}/comments?after={start + limit}"
        return web.json_response(body)

    def _under_this(self) -> list[Comment]:
        return [comment for comment in self.comments if comment.id.startswith(f"{self.post_id}_")]

    def _shown(self, comment: Comment) -> dict[str, Any]:
        may_reply = comment.author not in (None, self.page)
        return {**comment.shown(), "can_reply_privately": may_reply, "is_hidden": False}

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["live"] != self.live_id:
            return wrong(100, 33)
        return await self.streams.serve(request)

    async def _comment(self, request: web.Request) -> web.Response:
        parent = request.match_info["parent"]
        known = {comment.id for comment in self.comments}
        if parent != self.live_id and parent not in known:
            return wrong(100, 33)
        if self.faults.strikes("policy_block"):
            return wrong(368)
        text = str((await _form(request)).get("message", ""))
        now = time.time()
        recent = [said for said in self.said if now - said.at < REPEAT_S]
        if any(said.text == text for said in recent):
            self.violations["repeated_text"] += 1
            return wrong(506)
        if recent and now - recent[-1].at < GAP_S:
            self.violations["too_fast"] += 1
        id = f"{self.post_id}_{len(self.comments) + 1}"
        comment = Comment(id, self.page, text, now, parent if parent != self.live_id else None)
        self._publish(comment)
        self.said.append(comment)
        if self.faults.strikes("broken_after_taking"):
            return wrong(2)
        return web.json_response({"id": id})

    async def _private_reply(self, request: web.Request) -> web.Response:
        body = await request.json()
        id = body["recipient"].get("comment_id", "")
        comment = next((comment for comment in self.comments if comment.id == id), None)
        if self.faults.strikes("reply_hangs"):
            await asyncio.sleep(HANGS_S)
        if self.faults.strikes("reply_refused"):
            return wrong(self.faults.reply_code)
        if comment is None or comment.is_removed:
            return wrong(100, 2018292)
        if comment.author is None or comment.author == self.page:
            return wrong(10903)
        if id in self.private_replies:
            return wrong(10900)
        if time.time() - comment.at > REPLY_WITHIN_S:
            return wrong(10, 2018278)
        self.private_replies[id] = str(body["message"]["text"])
        if self.faults.strikes("reply_hangs_when_taken"):
            await asyncio.sleep(HANGS_S)
        if self.faults.strikes("broken_after_taking"):
            return wrong(2)
        return web.json_response({"recipient_id": comment.author.id, "message_id": f"m_{id}"})


async def _form(request: web.Request) -> Mapping[str, Any]:
    if request.content_type == "application/json":
        found: Mapping[str, Any] = await request.json()
        return found
    return await request.post()
