"""The Page's webhook: signed notices of comments, in batches, tried again until they are taken.

Source: Meta «Webhooks: getting started» and «Page webhooks», feed (read 2026-10).
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

import aiohttp

from standins.facebook.comment import Comment

if TYPE_CHECKING:
    from standins.facebook.server import FacebookStandin

ANSWER_WITHIN_S = 20.0
RETRIES_S = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Facebook goes on for hours; here that is over sooner."""
MOST_IN_A_BATCH = 1_000


class Webhook:
    """Notices of the Page's feed. `url` empty: nobody has subscribed. `answers` are the statuses received,
    `sent` the bodies and their signatures, in the order of sending."""

    def __init__(self, facebook: "FacebookStandin") -> None:
        self.url = ""
        self.answers: list[int] = []
        self.sent: list[tuple[bytes, str]] = []
        self._facebook = facebook
        self._waiting: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def subscribe(self, url: str, verify_token: str) -> bool:
        """Ask the address whose it is; from then on notices go there, if it knows the word."""
        word = secrets.token_hex(8)
        query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": word}
        async with self._http().get(url, params=query) as answer:
            is_ours = answer.status == 200 and await answer.text() == word
        if is_ours:
            self.url = url
        return is_ours

    def tell(self, comment: Comment, verb: str) -> None:
        """Tell of a comment soon, together with what else happens meanwhile."""
        self.send(self._value(comment, verb))

    def send(self, value: dict[str, Any]) -> None:
        """Tell of any change of the feed, soon."""
        faults = self._facebook.faults
        if not self.url or faults.strikes("hook_lost"):
            return
        self._waiting.append({"field": "feed", "value": value})
        if len(self._waiting) == 1 and not faults.hook_is_held:
            self._start(self._send_waiting())

    def release(self) -> None:
        """Let go of what was held, the newest first, each in a notice of its own."""
        self._facebook.faults.hook_is_held = False
        waiting, self._waiting = self._waiting, []
        self._start(self._send_each(waiting[::-1]))

    def repeat(self) -> None:
        """Send once more all that was ever sent, the newest first."""
        for body, signature in reversed(list(self.sent)):
            self._start(self._deliver(body, signature))

    async def settle(self) -> None:
        """Wait until everything has been taken or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Give up what is on its way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _value(self, comment: Comment, verb: str) -> dict[str, Any]:
        value: dict[str, Any] = {
            "item": "comment",
            "verb": verb,
            "comment_id": comment.id,
            "post_id": f"{self._facebook.page_id}_{self._facebook.post_id}",
            "parent_id": comment.parent or f"{self._facebook.page_id}_{self._facebook.post_id}",
            "created_time": int(comment.at),
            "message": comment.text,
        }
        if comment.author is not None and not self._facebook.faults.hook_is_bare:
            value["from"] = {"id": comment.author.id, "name": comment.author.name}
        return value

    async def _send_waiting(self) -> None:
        await asyncio.sleep(0)  # what happens at once goes together
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_IN_A_BATCH], self._waiting[MOST_IN_A_BATCH:]
            self._start(self._send(batch))

    async def _send_each(self, changes: list[dict[str, Any]]) -> None:
        for change in changes:
            await self._send([change])

    async def _send(self, changes: list[dict[str, Any]]) -> None:
        entry = {"id": self._facebook.page_id, "time": int(time.time()), "changes": changes}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        signature = "sha256=" + hmac.new(self._key(), body, hashlib.sha256).hexdigest()
        self.sent.append((body, signature))
        await self._deliver(body, signature)
        if self._facebook.faults.strikes("hook_doubled"):
            await self._deliver(body, signature)

    def _key(self) -> bytes:
        is_forged = self._facebook.faults.strikes("hook_forged")
        return b"a guess" if is_forged else self._facebook.app_secret.encode()

    async def _deliver(self, body: bytes, signature: str) -> None:
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
        for pause in RETRIES_S:
            await asyncio.sleep(pause)
            began = time.monotonic()
            try:
                async with self._http().post(self.url, data=body, headers=headers) as answer:
                    self.answers.append(answer.status)
            except (aiohttp.ClientError, TimeoutError):
                self.answers.append(0)
            if time.monotonic() - began >= ANSWER_WITHIN_S:
                self._facebook.violations["notice_answered_late"] += 1
            if self.answers[-1] == 200:
                return

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN_S))
        return self._session

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
