"""What the stand-in YouTube answers is what Google's own discovery document describes."""

import json
from importlib.resources import files
from typing import Any

import aiohttp
import grpc
import pytest

from connectors.youtube.frames import METHOD, write_request
from standins.people import Chatter
from standins.youtube.server import YouTubeStandin

DOCUMENT = json.loads(
    files("googleapiclient").joinpath("discovery_cache/documents/youtube.v3.json").read_text(encoding="utf-8")
)
ANN = Chatter("UCann", "ann", "@ann", ("subscriber",))


async def answers(youtube: YouTubeStandin) -> dict[str, Any]:
    """One answer of each kind, by the name of its schema."""
    await youtube.chat(ANN, "!code")
    found: dict[str, Any] = {}
    async with aiohttp.ClientSession() as session:
        form = {"grant_type": "refresh_token", "refresh_token": youtube.refresh_token}
        async with session.post(youtube.token_url, data=form) as answer:
            token = (await answer.json())["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        for schema, path in (
            ("ChannelListResponse", "channels?mine=true"),
            ("LiveBroadcastListResponse", "liveBroadcasts?broadcastStatus=active"),
            ("VideoListResponse", "videos?id=video1"),
            ("LiveChatMessageListResponse", "liveChat/messages?liveChatId=chat1"),
        ):
            async with session.get(f"{youtube.api_url}/youtube/v3/{path}") as answer:
                found[schema] = await answer.json()
        body = {"snippet": {"liveChatId": "chat1", "textMessageDetails": {"messageText": "hello"}}}
        async with session.post(f"{youtube.api_url}/youtube/v3/liveChat/messages", json=body) as answer:
            found["LiveChatMessage"] = await answer.json()
    return found


def check(value: Any, schema: dict[str, Any], where: str) -> None:
    """Every field exists in the schema, with its type."""
    if "$ref" in schema:
        schema = DOCUMENT["schemas"][schema["$ref"]]
    kind = schema["type"]
    if kind == "object":
        assert isinstance(value, dict), where
        for name, inner in value.items():
            assert name in schema["properties"], f"{where}.{name} is not in the discovery document"
            check(inner, schema["properties"][name], f"{where}.{name}")
    elif kind == "array":
        for number, inner in enumerate(value):
            check(inner, schema["items"], f"{where}[{number}]")
    else:
        expected = {"string": str, "integer": int, "boolean": bool}[kind]
        assert isinstance(value, expected), f"{where} is no {kind}"
        if "enum" in schema:
            assert value in schema["enum"], where


async def test_every_field_is_in_the_discovery_document_with_its_type() -> None:
    async with YouTubeStandin() as youtube:
        for schema, answer in (await answers(youtube)).items():
            check(answer, {"$ref": schema}, schema)


async def test_streamed_pages_are_as_described_too_and_come_in_pieces() -> None:
    async with YouTubeStandin() as youtube, aiohttp.ClientSession() as session:
        youtube.access_tokens.add("t")
        youtube.streams.lasts_s = 0.3
        await youtube.chat(ANN, "bonsoir ✨")
        url = f"{youtube.api_url}/youtube/v3/liveChat/messages/stream?liveChatId=chat1"
        pieces = []
        async with session.get(url, headers={"Authorization": "Bearer t"}) as answer:
            await youtube.super_chat(ANN, "!code")
            async for piece, _ in answer.content.iter_chunks():
                pieces.append(piece)
        pages = json.loads(b"".join(pieces))
        for page in pages:
            check(page, {"$ref": "LiveChatMessageListResponse"}, "stream")
        texts = [item["snippet"]["displayMessage"] for page in pages for item in page["items"]]
        assert ["bonsoir ✨", "!code"] == texts
        assert [] == pages[-1]["items"]
        assert pages[-2]["nextPageToken"] == pages[-1]["nextPageToken"]
        assert len(pieces) > len(pages)
        assert 5 == youtube.quota.spent


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, grpc.StatusCode.UNAUTHENTICATED),
        ({"token": "t", "chat": "other"}, grpc.StatusCode.NOT_FOUND),
        ({"token": "t", "page": "rubbish"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"token": "t", "units": 4}, grpc.StatusCode.RESOURCE_EXHAUSTED),
    ],
)
async def test_a_stream_over_grpc_is_refused_by_its_status(
    change: dict[str, Any], code: grpc.StatusCode
) -> None:
    async with YouTubeStandin() as youtube, grpc.aio.insecure_channel(youtube.stream_target) as channel:
        youtube.access_tokens.add("t")
        youtube.quota.daily = change.get("units", 100)
        bearer = (("authorization", f"Bearer {change.get('token', 'wrong')}"),)
        request = write_request(change.get("chat", "chat1"), change.get("page"))
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await channel.unary_stream(METHOD)(request, metadata=bearer).read()
        assert code is error.value.code()


async def test_opening_a_stream_again_before_the_interval_is_a_breach() -> None:
    async with YouTubeStandin() as youtube, aiohttp.ClientSession() as session:
        youtube.access_tokens.add("t")
        youtube.streams.lasts_s = 0.0
        session.headers["Authorization"] = "Bearer t"
        url = f"{youtube.api_url}/youtube/v3/liveChat/messages/stream?liveChatId=chat1"
        async with session.get(url) as answer:
            token = (await answer.json())[-1]["nextPageToken"]
        async with session.get(f"{url}&pageToken={token}") as answer:
            assert 403 == answer.status
        assert {"reconnected_too_early": 1} == dict(youtube.violations)


async def test_units_are_counted_as_documented_and_enforced() -> None:
    async with YouTubeStandin() as youtube:
        await answers(youtube)
        assert 1 + 1 + 1 + 5 + 20 == youtube.quota.spent
        youtube.quota.daily = youtube.quota.spent
        with pytest.raises(KeyError):
            (await answers(youtube))["LiveChatMessage"]["snippet"]
        assert 0 < youtube.violations["called_without_units"]


async def test_polling_before_the_interval_is_a_breach_and_so_is_a_long_text() -> None:
    async with YouTubeStandin() as youtube, aiohttp.ClientSession() as session:
        youtube.access_tokens.add("t")
        session.headers["Authorization"] = "Bearer t"
        url = f"{youtube.api_url}/youtube/v3/liveChat/messages"
        async with session.get(f"{url}?liveChatId=chat1") as answer:
            token = (await answer.json())["nextPageToken"]
        async with session.get(f"{url}?liveChatId=chat1&pageToken={token}") as answer:
            assert 403 == answer.status
        body = {"snippet": {"liveChatId": "chat1", "textMessageDetails": {"messageText": "x" * 201}}}
        async with session.post(url, json=body) as answer:
            assert 400 == answer.status
        assert {"polled_too_early": 1, "too_long": 1} == dict(youtube.violations)
