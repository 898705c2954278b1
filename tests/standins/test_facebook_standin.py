"""The stand-in Facebook is as strict as the Graph API, and counts what must never happen."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from standins.facebook.server import FacebookStandin
from standins.people import Chatter

ANN = Chatter("501", "ann", "Ann")


class Client:
    """A program that knows no more than Meta's documents."""

    def __init__(self, facebook: FacebookStandin, session: aiohttp.ClientSession) -> None:
        self.facebook = facebook
        self.session = session
        key, token = facebook.app_secret.encode(), facebook.page_token.encode()
        self.proof = hmac.new(key, token, hashlib.sha256).hexdigest()

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any, Any]:
        query = {"access_token": self.facebook.page_token, "appsecret_proof": self.proof, **query}
        url = f"{self.facebook.graph_url}/{path}"
        async with self.session.request(method, url, params=query, json=body) as answer:
            return answer.status, await answer.json(), answer.headers

    async def error(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, int | None]:
        _, found, _ = await self.call(method, path, body, **query)
        return found["error"]["code"], found["error"].get("error_subcode")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with FacebookStandin() as facebook, aiohttp.ClientSession() as session:
        yield Client(facebook, session)


async def test_every_call_wants_the_token_and_its_proof(client: Client) -> None:
    assert 200 == (await client.call("GET", "me"))[0]
    assert (190, 460) == await client.error("GET", "me", access_token="rubbish")
    assert (100, None) == await client.error("GET", "me", appsecret_proof="rubbish")
    assert {"no_proof": 1} == dict(client.facebook.violations)


async def test_low_quality_comments_are_hidden_unless_asked_for(client: Client) -> None:
    await client.facebook.chat(ANN, "good")
    await client.facebook.chat(ANN, "!code", is_low_quality=True)
    _, usual, _ = await client.call("GET", "911/comments")
    _, whole, _ = await client.call("GET", "911/comments", live_filter="no_filter")
    assert ["good"] == [comment["message"] for comment in usual["data"]]
    assert ["good", "!code"] == [comment["message"] for comment in whole["data"]]


async def test_comments_come_in_pages_until_there_is_no_next(client: Client) -> None:
    for number in range(7):
        await client.facebook.chat(ANN, str(number))
    found: list[str] = []
    after = "0"
    while after:
        _, page, _ = await client.call("GET", "911/comments", limit="3", after=after)
        found += [comment["message"] for comment in page["data"]]
        after = page["paging"]["cursors"]["after"] if "next" in page["paging"] else ""
    assert [str(number) for number in range(7)] == found


async def test_a_comment_takes_one_private_reply(client: Client) -> None:
    id = await client.facebook.chat(ANN, "!code")
    body = {"recipient": {"comment_id": id}, "message": {"text": "psst"}}
    status, answer, _ = await client.call("POST", "1789/messages", body)
    assert (200, "501") == (status, answer["recipient_id"])
    assert (10900, None) == await client.error("POST", "1789/messages", body)
    nothing = {**body, "recipient": {"comment_id": "911_99"}}
    assert (100, 2018292) == await client.error("POST", "1789/messages", nothing)
    old = await client.facebook.chat(ANN, "!code", seconds_ago=8 * 86_400)
    late = {**body, "recipient": {"comment_id": old}}
    assert (10, 2018278) == await client.error("POST", "1789/messages", late)


async def test_repeated_text_and_haste_are_counted(client: Client) -> None:
    await client.call("POST", "911/comments", {"message": "Bonsoir"})
    assert (506, None) == await client.error("POST", "911/comments", {"message": "Bonsoir"})
    await client.call("POST", "911/comments", {"message": "Bonsoir à tous"})
    assert {"repeated_text": 1, "too_fast": 1} == dict(client.facebook.violations)


async def test_usage_rises_to_a_block_that_calling_prolongs(client: Client) -> None:
    client.facebook.usage.calls_allowed = 3
    headers = [(await client.call("GET", "me"))[2] for _ in range(3)]
    assert '"call_count": 100' in headers[-1]["X-App-Usage"]
    assert (32, None) == await client.error("GET", "me")
    assert (32, None) == await client.error("GET", "me")
    assert {"called_while_blocked": 1} == dict(client.facebook.violations)


@pytest.mark.parametrize(
    ("fault", "code"), [("dead_token", 190), ("no_permission", 200), ("transient", 2), ("policy_block", 368)]
)
async def test_a_fault_strikes_as_often_as_it_is_set(client: Client, fault: str, code: int) -> None:
    setattr(client.facebook.faults, fault, 1)
    assert (code, (code == 190 and 460) or None) == await client.error(
        "POST", "911/comments", {"message": "a"}
    )
    assert 200 == (await client.call("POST", "911/comments", {"message": "b"}))[0]


async def test_a_live_video_that_is_gone_is_said_to_be(client: Client) -> None:
    assert (100, 33) == await client.error("GET", "4242", fields="status")
    client.facebook.status = "VOD"
    _, found, _ = await client.call("GET", "1789/live_videos", broadcast_status='["LIVE"]')
    assert [] == found["data"]


@asynccontextmanager
async def listening(client: Client, **query: str) -> AsyncIterator[aiohttp.ClientResponse]:
    query = {"access_token": client.facebook.page_token, "appsecret_proof": client.proof, **query}
    async with client.session.get(f"{client.facebook.stream_url}/911/live_comments", params=query) as answer:
        yield answer


async def pushed(answer: aiohttp.ClientResponse) -> list[str]:
    """The texts that come until nothing more does."""
    texts = []
    try:
        while line := await asyncio.wait_for(answer.content.readline(), 0.2):
            if line.startswith(b"data: "):
                texts.append(json.loads(line[6:])["message"])
    except TimeoutError:
        return texts
    return [*texts, "the end"]


async def test_the_stream_pushes_what_is_written_from_then_on(client: Client) -> None:
    await client.facebook.chat(ANN, "before")
    async with listening(client, comment_rate="ten_per_second") as answer:
        assert "text/event-stream" == answer.content_type
        await client.facebook.chat(ANN, "hush", is_low_quality=True)
        await client.facebook.chat(ANN, "heard")
        client.facebook.faults.stream_ends = 1
        await client.facebook.chat(ANN, "lost")
        assert ["heard", "the end"] == await pushed(answer)


@pytest.mark.parametrize(
    ("rate", "count"), [("one_per_two_seconds", 1), ("ten_per_second", 10), ("one_hundred_per_second", 100)]
)
async def test_the_stream_leaves_out_what_is_beyond_the_rate(client: Client, rate: str, count: int) -> None:
    async with listening(client, comment_rate=rate, live_filter="no_filter") as answer:
        for number in range(count + 5):
            await client.facebook.chat(ANN, str(number), is_low_quality=True)
        assert [str(number) for number in range(count)] == await pushed(answer)
    assert 5 == client.facebook.streams.left_out


async def test_the_stream_wants_a_rate_it_knows_a_proof_and_a_live_video(client: Client) -> None:
    client.facebook.faults.stream_refused = 1
    refused = [{"comment_rate": "all"}, {}, {"access_token": "rubbish"}]
    for query, code in zip(refused, (100, 12, 190), strict=True):
        async with listening(client, **query) as answer:
            assert code == (await answer.json())["error"]["code"]
    assert {} == dict(client.facebook.violations)
    async with listening(client, appsecret_proof="rubbish"):
        assert {"no_proof": 1} == dict(client.facebook.violations)
