"""The streaming host: comments pushed as server-sent events, the best of them when there are many.

No event has an id, and nothing that was missed is sent again. Above `comment_rate` comments are left out.
Source: Meta «Live Comments», server-sent events (read 2026-10).
"""

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field

from aiohttp import web

from standins.facebook.comment import Comment
from standins.facebook.errors import wrong
from standins.facebook.faults import Faults

SLOWEST = "one_per_two_seconds"
RATES = {SLOWEST: (1, 2.0), "ten_per_second": (10, 1.0), "one_hundred_per_second": (100, 1.0)}
"""How many comments in how many seconds."""


@dataclass(slots=True)
class _Stream:
    """One open stream. None in `waiting` ends it."""

    rate: tuple[int, float]
    takes_all: bool
    waiting: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    sent_at: deque[float] = field(default_factory=deque)

    def has_room(self) -> bool:
        """Whether the rate allows one more now; counts it."""
        count, seconds = self.rate
        now = time.monotonic()
        while self.sent_at and now - self.sent_at[0] >= seconds:
            self.sent_at.popleft()
        if len(self.sent_at) >= count:
            return False
        self.sent_at.append(now)
        return True


class Streams:
    """The open streams of one live video. `openings` counts those that were asked for, `left_out` the
    comments that a rate kept back."""

    def __init__(self, faults: Faults) -> None:
        self.openings = 0
        self.left_out = 0
        self._faults = faults
        self._open: list[_Stream] = []

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def send(self, comment: Comment) -> None:
        """Push a comment to all who listen."""
        if self._faults.stream_is_silent:
            return
        if self._open and self._faults.strikes("stream_ends"):
            self.end()
            return
        data = json.dumps(comment.shown(), ensure_ascii=False)
        for stream in self._open:
            if comment.is_low_quality and not stream.takes_all:
                continue
            if stream.has_room():
                stream.waiting.put_nowait(f"data: {data}\n\n".encode())
            else:
                self.left_out += 1

    def end(self) -> None:
        """End all streams."""
        for stream in self._open:
            stream.waiting.put_nowait(None)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One who listens, until either side has enough."""
        self.openings += 1
        rate = RATES.get(request.query.get("comment_rate", SLOWEST))
        if rate is None:
            return wrong(100)
        if self._faults.strikes("stream_refused"):
            return wrong(12)
        stream = _Stream(rate, request.query.get("live_filter") == "no_filter")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self._open.append(stream)
        try:
            while (event := await stream.waiting.get()) is not None:
                await self._write(response, event)
        except ConnectionError:
            pass  # nobody listens any more
        finally:
            self._open.remove(stream)
        return response

    async def _write(self, response: web.StreamResponse, event: bytes) -> None:
        size = 1 if self._faults.stream_is_torn else len(event)
        for start in range(0, len(event), size):
            await response.write(event[start : start + size])
            await asyncio.sleep(0)
