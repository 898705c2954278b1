"""A chat's pages: pushed by a stream while one works, else looked for; never faster than the units allow.

A stream costs a look each time it is opened. It is opened no sooner than the next look would be due, and goes
on from the last page's token, so it never costs more than looking and loses nothing; one that ends sooner
than the next look is no better than a look, and rests. Whatever a stream dies of, one look at the list tells.
"""

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import structlog

from connectors.youtube.outcome import Refused, StreamFailed
from connectors.youtube.streams import OpenStream
from connectors.youtube.ways import Way, Ways
from connectors.youtube.wire import PART, Page

if TYPE_CHECKING:
    from connectors.youtube.account import YouTubeAccount

MOST = 2_000
SILENCE = 30
"""After so many polling intervals without a page the list is asked whether the stream is deaf."""
log = structlog.get_logger()


class Reading:
    """One chat, read for one reader. `token` is where it goes on."""

    def __init__(self, account: "YouTubeAccount") -> None:
        settings = account.settings
        self.chat_id = ""
        self.token: str | None = None
        self.polling_s = settings.least_poll_s
        self._account = account
        self._ways = Ways(settings.read, has_grpc=settings.grpc_target is not None)
        self._way = Way.GRPC
        self._stream: OpenStream | None = None
        self._is_in_doubt = False
        self._opened_at = self._page_at = self._due_at = 0.0
        self._last_stream_s = 0.0
        self._closed = asyncio.Event()

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed.is_set()

    @property
    def call_each_s(self) -> float:
        """Seconds that a call lasts as things are, were units no matter."""
        open_s = time.monotonic() - self._opened_at if self._stream else 0.0
        return max(self.polling_s, self._last_stream_s, open_s)

    @property
    def look_s(self) -> float:
        """Seconds between two calls, so that the units last."""
        return self._account.plan(self.polling_s).look_s

    def open(self) -> None:
        """Read again, after a `close`."""
        self._closed.clear()

    def begin(self, chat_id: str, token: str | None) -> None:
        """Read this chat from `token` on; the first call waits as after a look."""
        self._stream = None
        self.chat_id, self.token = chat_id, token
        self._due_at = time.monotonic() + self.polling_s

    async def next(self) -> Page | None:
        """The next page, as soon as it may be asked for; None when there was none. Raises as `look` does."""
        if self._stream is not None:
            return await self._from(self._stream)
        await self.sleep(self._due_at - time.monotonic())
        if self.is_closed:
            return None
        way = None if self._is_in_doubt else self._ways.best(time.monotonic())
        if way is None:
            return await self.look()
        await self._open(way)
        return None

    async def look(self) -> Page:
        """One look at the list; raises `Refused`, `Fault` or `ActionRequired`."""
        query = {"liveChatId": self.chat_id, "part": PART, "maxResults": MOST}
        if self.token is not None:
            query["pageToken"] = self.token
        self._due_at = time.monotonic() + self.look_s
        page = await self._account.ask("liveChatMessages", **query)
        self._is_in_doubt = False
        if self._stream is None:
            self._last_stream_s = 0.0
        self._take(page)
        self._due_at = time.monotonic() + self.look_s
        return page

    async def sleep(self, seconds: float) -> None:
        """Until then, or until it is closed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._closed.wait()

    async def close(self) -> None:
        """Stop reading; who waits for a page gets None."""
        self._closed.set()
        if self._stream is not None:
            await self._stream.close()

    async def _open(self, way: Way) -> None:
        pages = await self._account.stream(way, self.chat_id, self.token)
        self._way, self._stream = way, OpenStream(pages)
        self._opened_at = self._page_at = time.monotonic()
        self._due_at = self._opened_at + self.look_s

    async def _from(self, stream: OpenStream) -> Page | None:
        try:
            page = await stream.next(max(SILENCE * self.polling_s, self.look_s))
        except TimeoutError:
            return await self._while_silent()
        except StreamFailed as error:
            if error.is_login:
                self._account.forget_access()
            self._end(error)
            if error.is_out_of_units:
                raise Refused(403, "quotaExceeded", "") from None
            return None
        if page is None:
            self._end()
        else:
            self._take(page)
        return page

    async def _while_silent(self) -> Page:
        """The chat may be silent or the stream deaf: what the list has, the stream should have brought."""
        page = await self.look()
        self._page_at = time.monotonic()
        if page.get("items") and self._stream is not None:
            await self._stream.close()
            self._end(StreamFailed("it fell silent"), is_deaf=True)
        return page

    def _end(self, error: StreamFailed | None = None, *, is_deaf: bool = False) -> None:
        now = time.monotonic()
        self._stream = None
        self._last_stream_s = now - self._opened_at
        self._due_at = max(self._due_at, self._page_at + self.polling_s)
        if self._last_stream_s > self.polling_s and not is_deaf:
            self._ways.worked(self._way)
            return
        if not self.is_closed:
            log.info("youtube_stream_failed", way=self._way.value, why=str(error or "it ended at once"))
        is_missing = error is not None and error.is_missing
        self._ways.failed(self._way, now, is_missing=is_missing)
        self._is_in_doubt = error is not None and not is_missing
        if is_missing:
            # Nobody was there to count it as a call: what comes next need not wait.
            self._due_at = now

    def _take(self, page: Page) -> None:
        self._page_at = time.monotonic()
        self.token = page.get("nextPageToken") or self.token
        asked_s = float(page.get("pollingIntervalMillis") or 0) / 1000
        self.polling_s = max(asked_s or self.polling_s, self._account.settings.least_poll_s)
