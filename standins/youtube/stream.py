"""A chat that is pushed: over gRPC, and over HTTP as a JSON array that is not finished for long.

Source: YouTube Live Streaming API «LiveChatMessages: streamList» (read 2026-11). How long a stream lasts is
not documented: ten seconds have been seen, and whole broadcasts; `lasts_s` plays both.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import grpc
from aiohttp import web

from standins.youtube.chat import CHAT_ENDED, Chat, Page
from standins.youtube.faults import Faults
from standins.youtube.frames import read_request, write_page

SERVICE, METHOD = "youtube.api.v3.V3DataLiveChatMessageService", "StreamList"
MOST = 500
PIECE = 97
"""Bytes in which HTTP answers leave: a number that splits words, letters and escapes."""
OPEN_S = 3600.0
CODES = {
    "authError": grpc.StatusCode.UNAUTHENTICATED,
    "quotaExceeded": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "rateLimitExceeded": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "pageTokenInvalid": grpc.StatusCode.INVALID_ARGUMENT,
    "liveChatNotFound": grpc.StatusCode.NOT_FOUND,
    "liveChatEnded": grpc.StatusCode.FAILED_PRECONDITION,
    "backendError": grpc.StatusCode.UNAVAILABLE,
}
Admit = Callable[[str, str, str | None], Awaitable[str | None]]
"""Called with the access token, the chat's id and the page token; why not, if so."""


class Cut(Exception):
    """The stream is to break off here."""


class Streams:
    """`lasts_s` seconds a stream, None for as long as the reader likes. `opened` counts them by transport,
    `chat` is what they bring."""

    def __init__(self, chat: Chat, faults: Faults, admit: Admit, given: Callable[[Page], None]) -> None:
        self.lasts_s: float | None = None
        self.opened = {"grpc": 0, "http": 0}
        self.target = ""
        self.chat = chat
        self._faults = faults
        self._admit = admit
        self._given = given
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """Listen for gRPC on a port of its own."""
        self._server = grpc.aio.server()
        handler = grpc.unary_stream_rpc_method_handler(self._serve_grpc)
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler}),)
        )
        self.target = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            await self._server.stop(grace=None)

    async def serve_http(self, request: web.Request) -> web.StreamResponse:
        """The JSON array. Whether it is admitted was asked before."""
        self.opened["http"] += 1
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        before = b"["
        try:
            async for page in self._pages(request.query.get("pageToken")):
                await _write(response, before + json.dumps(page, ensure_ascii=False).encode())
                before = b",\r\n"
            await response.write(b"]")
        except Cut:
            await response.write(b',\r\n{"kind": "youtube#liveChatMessageListResponse", "items": [{"id": "LC')
            if request.transport is not None:
                request.transport.abort()
        except ConnectionResetError:
            pass  # the reader has left
        return response

    async def _serve_grpc(self, frame: bytes, context: grpc.aio.ServicerContext) -> AsyncIterator[bytes]:
        if self._faults.is_grpc_missing:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "")
        chat_id, token = read_request(frame)
        given = dict(context.invocation_metadata() or ())
        refused = await self._admit(str(given.get("authorization", "")).rpartition(" ")[2], chat_id, token)
        if refused:
            # What YouTube writes beside the code is not documented: nobody is to rely on it.
            await context.abort(CODES.get(refused, grpc.StatusCode.PERMISSION_DENIED), "refused")
        self.opened["grpc"] += 1
        try:
            async for page in self._pages(token):
                yield write_page(page)
        except Cut:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the stream broke off")

    async def _pages(self, token: str | None) -> AsyncIterator[Page]:
        """The history or what was missed, then what is written, then an empty page with the same token."""
        ends_at = time.monotonic() + (OPEN_S if self.lasts_s is None else self.lasts_s)
        page = self._page(token)
        yield page
        while (left_s := ends_at - time.monotonic()) > 0 and not _has_ended(page):
            if self._faults.strikes("stream_cut"):
                raise Cut
            if int(page["nextPageToken"]) < len(self.chat.lines) and not self._faults.is_stream_mute:
                page = self._page(page["nextPageToken"])
                yield page
            else:
                await self.chat.wait(min(left_s, 0.05))
        if not self._faults.is_stream_mute:
            yield self._page(page["nextPageToken"], most=0)

    def _page(self, token: str | None, most: int = MOST) -> Page:
        page = self.chat.page(token, most)
        if page["items"] and self._faults.strikes("duplicated"):
            page["items"] += page["items"][-1:]
        self._given(page)
        return page


def _has_ended(page: Page) -> bool:
    return any(item["snippet"]["type"] == CHAT_ENDED for item in page["items"])


async def _write(response: web.StreamResponse, content: bytes) -> None:
    for at in range(0, len(content), PIECE):
        await response.write(content[at : at + PIECE])
        await asyncio.sleep(0)
