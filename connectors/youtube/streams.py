"""The chat pushed by YouTube, over gRPC or as a JSON array that goes on and on.

Each opening costs what a look at the list costs, and gives pages until YouTube ends it.
Source: YouTube Live Streaming API «LiveChatMessages: streamList» (read 2026-11).
"""

import asyncio
import ipaddress
from collections.abc import AsyncGenerator

import aiohttp
import grpc

from connectors.youtube.frames import METHOD, read_page, write_request
from connectors.youtube.json_pages import JsonPages
from connectors.youtube.outcome import OUT_OF_UNITS, StreamFailed
from connectors.youtube.settings import YouTubeSettings
from connectors.youtube.ways import Way
from connectors.youtube.wire import PART, Page

CONNECT_S = 5.0
LARGEST = 16 * 1024 * 1024
NOT_THERE = frozenset({404, 405, 501})
Pages = AsyncGenerator[Page, None]


def open_stream(way: Way, settings: YouTubeSettings, access: str, chat_id: str, token: str | None) -> Pages:
    """What follows the page token, as it is written. The generator raises `StreamFailed`."""
    if way is Way.GRPC and settings.grpc_target is not None:
        return _by_grpc(settings.grpc_target, access, chat_id, token)
    return _by_http(settings.api_url, access, chat_id, token)


async def _by_grpc(target: str, access: str, chat_id: str, token: str | None) -> Pages:
    async with grpc_channel(target) as channel:
        await _reach(channel)
        call = channel.unary_stream(METHOD)(
            write_request(chat_id, token), metadata=(("authorization", f"Bearer {access}"),)
        )
        try:
            async for frame in call:
                yield read_page(frame)
        except grpc.aio.AioRpcError as error:
            code = error.code()
            raise StreamFailed(
                f"{code.name}: {error.details()}",
                is_missing=code is grpc.StatusCode.UNIMPLEMENTED,
                is_login=code is grpc.StatusCode.UNAUTHENTICATED,
            ) from None
        finally:
            call.cancel()


async def _by_http(api_url: str, access: str, chat_id: str, token: str | None) -> Pages:
    query = {"liveChatId": chat_id, "part": PART}
    query |= {"pageToken": token} if token is not None else {}
    url = f"{api_url.rstrip('/')}/youtube/v3/liveChat/messages/stream"
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
    bearer = {"Authorization": f"Bearer {access}"}
    pages = JsonPages()
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=bearer) as session,
            session.get(url, params=query) as answer,
        ):
            if answer.status != 200:
                raise _refused(answer.status, await answer.text(errors="replace"))
            async for content in answer.content.iter_any():
                for page in pages.feed(content):
                    yield page
    except aiohttp.ClientConnectorError:
        raise StreamFailed("YouTube cannot be reached", is_missing=True) from None
    except (aiohttp.ClientError, OSError) as error:
        raise StreamFailed(type(error).__name__) from None


def _refused(status: int, text: str) -> StreamFailed:
    is_ours = '"errors"' in text  # of YouTube's API, which knows the call, and not of what stands before it
    return StreamFailed(
        f"HTTP {status}",
        is_missing=status in NOT_THERE and not is_ours,
        is_login=status == 401,
        is_out_of_units=any(f'"{reason}"' in text for reason in OUT_OF_UNITS),
    )


def grpc_channel(target: str) -> grpc.aio.Channel:
    """A channel with TLS; without, to this machine or to an address that is written `http://`."""
    options = (("grpc.max_receive_message_length", LARGEST),)
    place = target.removeprefix("http://")
    if place != target or _is_here(place.rpartition(":")[0]):
        return grpc.aio.insecure_channel(place, options=options)
    return grpc.aio.secure_channel(place, grpc.ssl_channel_credentials(), options=options)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def _reach(channel: grpc.aio.Channel) -> None:
    """Returns once the channel is up; raises `StreamFailed` when nobody is there."""
    try:
        async with asyncio.timeout(CONNECT_S):
            state = channel.get_state(try_to_connect=True)
            while state is not grpc.ChannelConnectivity.READY:
                if state is grpc.ChannelConnectivity.TRANSIENT_FAILURE:
                    raise StreamFailed("gRPC cannot be reached", is_missing=True)
                await channel.wait_for_state_change(state)
                state = channel.get_state(try_to_connect=True)
    except TimeoutError:
        raise StreamFailed("gRPC cannot be reached", is_missing=True) from None


class OpenStream:
    """An open stream: `next` may be left waiting, and `close` ends it from anywhere."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._coming: asyncio.Future[Page | None] | None = None

    async def next(self, patience_s: float) -> Page | None:
        """The next page, None at the end. Raises `StreamFailed`, or `TimeoutError` and goes on waiting."""
        if self._coming is None:
            self._coming = asyncio.ensure_future(self._next())
        coming = self._coming
        await asyncio.wait({coming}, timeout=patience_s)
        if not coming.done():
            raise TimeoutError
        self._coming = None
        return None if coming.cancelled() else coming.result()

    async def close(self) -> None:
        """End it; who waits for a page gets None."""
        coming = self._coming
        if coming is not None:
            coming.cancel()
            await asyncio.wait({coming})
            if not coming.cancelled():
                coming.exception()  # taken note of, so that nobody else tells it
        await self._pages.aclose()

    async def _next(self) -> Page | None:
        return await anext(self._pages, None)
