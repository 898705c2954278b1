"""The stand-in Twitch is as strict as Twitch: what it documents, it does, and each breach it counts."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from standins.people import Chatter
from standins.twitch.server import TwitchStandin

ANN = Chatter("200", "ann", "Ann")
CHAT = {"broadcaster_user_id": "100", "user_id": "900"}


class Client:
    """A program that speaks to the stand-in over real sockets, and knows no more than Twitch's documents."""

    def __init__(self, twitch: TwitchStandin, session: aiohttp.ClientSession) -> None:
        self.twitch = twitch
        self.session = session
        self.token = twitch.bot_token
        self.sockets: list[aiohttp.ClientWebSocketResponse] = []

    async def call(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Client-Id": "client", **more.pop("headers", {})}
        url = f"{self.twitch.api_url}/{path}"
        async with self.session.request(method, url, headers=headers, **more) as answer:
            return answer.status, await answer.json() if answer.content_length else None

    async def say(self, text: str, **more: str) -> tuple[int, Any]:
        body = {"broadcaster_id": "100", "sender_id": "900", "message": text, **more}
        return await self.call("POST", "chat/messages", json=body)

    async def connect(self, url: str = "") -> tuple[aiohttp.ClientWebSocketResponse, str]:
        """A socket, and the session id of its welcome."""
        socket = await self.session.ws_connect(url or self.twitch.eventsub_url)
        self.sockets.append(socket)
        welcome = await self.frame(socket)
        assert "session_welcome" == welcome["metadata"]["message_type"]
        return socket, welcome["payload"]["session"]["id"]

    async def subscribe(self, session_id: str, kind: str = "channel.chat.message") -> tuple[int, Any]:
        transport = {"method": "websocket", "session_id": session_id}
        body = {"type": kind, "version": "1", "condition": CHAT, "transport": transport}
        return await self.call("POST", "eventsub/subscriptions", json=body)

    async def frame(self, socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await socket.receive_str(timeout=10))
        return found

    async def closed_with(self, socket: aiohttp.ClientWebSocketResponse) -> int | None:
        async with asyncio.timeout(10):
            async for _ in socket:
                pass
        return socket.close_code

    async def validate(self, token: str) -> int:
        headers = {"Authorization": f"OAuth {token}"}
        async with self.session.get(f"{self.twitch.id_url}/oauth2/validate", headers=headers) as answer:
            return answer.status

    async def tokens(self, **form: str) -> tuple[int, Any]:
        async with self.session.post(f"{self.twitch.id_url}/oauth2/token", data=form) as answer:
            return answer.status, await answer.json()


@pytest.fixture(params=[True, False], ids=["moderator", "ordinary"])
def is_moderator(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
async def twitch() -> AsyncIterator[TwitchStandin]:
    async with TwitchStandin() as opened:
        yield opened


@pytest.fixture
async def client(twitch: TwitchStandin) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        opened = Client(twitch, session)
        yield opened
        for socket in opened.sockets:
            await socket.close()


async def test_a_refresh_token_serves_once_and_what_it_gives_is_valid(client: Client) -> None:
    assert 200 == await client.validate(client.token)
    assert 401 == await client.validate("rubbish")
    first = client.twitch.bot_refresh_token
    status, pair = await client.tokens(grant_type="refresh_token", refresh_token=first)
    assert 200 == status
    assert 200 == await client.validate(pair["access_token"])
    assert 400 == (await client.tokens(grant_type="refresh_token", refresh_token=first))[0]


async def test_a_device_code_is_pending_until_someone_types_it(client: Client) -> None:
    url = f"{client.twitch.id_url}/oauth2/device"
    async with client.session.post(url, data={"client_id": "client", "scopes": "user:read:chat"}) as answer:
        device = await answer.json()
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": device["device_code"],
    }
    status, body = await client.tokens(**form)
    assert (400, "authorization_pending") == (status, body["message"])
    client.twitch.id.approve("900")
    assert 200 == (await client.tokens(**form))[0]
    assert (400, "invalid device code") == ((again := await client.tokens(**form))[0], again[1]["message"])


async def test_helix_wants_a_token_its_client_id_and_its_scope(client: Client) -> None:
    assert 200 == (await client.say("hello"))[0]
    assert 401 == (await client.call("GET", "users", headers={"Client-Id": "another"}))[0]
    client.token = "rubbish"
    assert (401, "Invalid OAuth token") == ((wrong := await client.say("hello"))[0], wrong[1]["message"])
    client.token, _ = client.twitch.id.issue("900", scopes=("user:read:chat",))
    status, body = await client.say("hello")
    assert 401 == status
    assert "Missing scope" in body["message"]


async def test_a_chat_message_reaches_who_subscribed_with_every_field(client: Client) -> None:
    socket, session_id = await client.connect()
    assert 202 == (await client.subscribe(session_id))[0]
    assert 409 == (await client.subscribe(session_id))[0]
    assert 400 == (await client.subscribe("no such session"))[0]
    id = await client.twitch.chat("100", ANN, "!code", source=Chatter("300", "elsewhere", "Elsewhere"))
    frame = await client.frame(socket)
    assert ("notification", "channel.chat.message") == (
        frame["metadata"]["message_type"],
        frame["metadata"]["subscription_type"],
    )
    event = frame["payload"]["event"]
    assert (id, "200", "!code") == (event["message_id"], event["chatter_user_id"], event["message"]["text"])
    assert ("100", "300") == (event["broadcaster_user_id"], event["source_broadcaster_user_id"])


async def test_a_socket_that_subscribes_to_nothing_is_closed(client: Client) -> None:
    client.twitch.eventsub.unused_s = 0.1
    socket, _ = await client.connect()
    assert 4003 == await client.closed_with(socket)


async def test_a_socket_on_which_the_client_talks_is_closed(client: Client) -> None:
    socket, _ = await client.connect()
    await socket.send_str("hello")
    assert 4001 == await client.closed_with(socket)


async def test_a_reconnect_moves_the_subscriptions_and_closes_the_old_socket_late(client: Client) -> None:
    client.twitch.eventsub.grace_s = 0.3
    old, session_id = await client.connect()
    await client.subscribe(session_id)
    await client.twitch.eventsub.reconnect()
    frame = await client.frame(old)
    assert "session_reconnect" == frame["metadata"]["message_type"]
    new, _ = await client.connect(frame["payload"]["session"]["reconnect_url"])
    await client.twitch.chat("100", ANN, "hello")
    assert "notification" == (await client.frame(new))["metadata"]["message_type"]
    assert 4004 == await client.closed_with(old)


async def test_a_reconnect_address_is_not_made_up(client: Client) -> None:
    socket = await client.session.ws_connect(f"{client.twitch.eventsub_url}?reconnect=rubbish")
    assert 4007 == await client.closed_with(socket)


async def test_keepalives_come_while_nothing_happens(client: Client) -> None:
    client.twitch.eventsub.least_keepalive_s = 1
    socket, session_id = await client.connect(f"{client.twitch.eventsub_url}?keepalive_timeout_seconds=1")
    await client.subscribe(session_id)
    assert "session_keepalive" == (await client.frame(socket))["metadata"]["message_type"]


async def test_a_revocation_takes_the_subscription_away(client: Client) -> None:
    socket, session_id = await client.connect()
    await client.subscribe(session_id)
    await client.twitch.eventsub.revoke("authorization_revoked")
    frame = await client.frame(socket)
    assert "revocation" == frame["metadata"]["message_type"]
    assert "authorization_revoked" == frame["payload"]["subscription"]["status"]
    assert 202 == (await client.subscribe(session_id))[0]


async def test_more_than_the_window_allows_is_dropped_and_counted(is_moderator: bool) -> None:
    async with TwitchStandin(bot_is_moderator=is_moderator) as twitch, aiohttp.ClientSession() as session:
        client = Client(twitch, session)
        allowed = 100 if is_moderator else 20
        twitch.limits_of("900").one_a_second = False
        shown = [(await client.say(f"text {n}"))[1]["data"][0]["is_sent"] for n in range(allowed + 2)]
        assert [True] * allowed + [False] * 2 == shown
        assert {"rate": 2} == dict(twitch.violations)


async def test_who_is_no_moderator_says_one_message_a_second() -> None:
    async with TwitchStandin(bot_is_moderator=False) as twitch, aiohttp.ClientSession() as session:
        client = Client(twitch, session)
        answers = [(await client.say(f"text {n}"))[1]["data"][0] for n in range(2)]
        assert [True, False] == [answer["is_sent"] for answer in answers]
        assert "msg_slowmode" == answers[1]["drop_reason"]["code"]
        assert {"slow": 1} == dict(twitch.violations)


async def test_the_same_text_twice_in_half_a_minute_is_dropped_and_counted(client: Client) -> None:
    answers = [(await client.say("the same"))[1]["data"][0] for _ in range(2)]
    assert "msg_duplicate" == answers[1]["drop_reason"]["code"]
    assert {"duplicate": 1} == dict(client.twitch.violations)


@pytest.mark.parametrize(
    ("text", "breach"), [("x" * 501, "long"), ("/ban ann", "command"), (".me", "command")]
)
async def test_what_must_never_be_sent_is_counted(client: Client, text: str, breach: str) -> None:
    await client.say(text)
    assert {breach: 1} == dict(client.twitch.violations)


@pytest.mark.parametrize(
    ("fault", "status"),
    [("unauthorized", 401), ("throttled", 429), ("broken", 503), ("broken_after_taking", 500)],
)
async def test_a_fault_strikes_as_often_as_it_is_set(client: Client, fault: str, status: int) -> None:
    setattr(client.twitch.faults, fault, 1)
    assert [status, 200] == [(await client.say(f"text {n}"))[0] for n in range(2)]
    assert (2 if fault == "broken_after_taking" else 1) == len(client.twitch.said)


async def test_notifications_are_repeated_reordered_and_withheld_on_request(client: Client) -> None:
    socket, session_id = await client.connect()
    await client.subscribe(session_id)
    faults = client.twitch.faults

    async def texts(count: int) -> list[str]:
        frames = [await client.frame(socket) for _ in range(count)]
        return [frame["payload"]["event"]["message"]["text"] for frame in frames]

    faults.duplicated = 1
    await client.twitch.chat("100", ANN, "twice")
    assert ["twice", "twice"] == await texts(2)
    faults.reordered = 1
    for text in ("first", "second"):
        await client.twitch.chat("100", ANN, text)
    assert ["second", "first"] == await texts(2)
    faults.is_silent = True
    await client.twitch.chat("100", ANN, "unheard")
    faults.is_silent = False
    await client.twitch.chat("100", ANN, "heard")
    assert ["heard"] == await texts(1)


async def test_codes_said_in_public_are_seen_whatever_their_case(client: Client) -> None:
    await client.say("here you are: k3m-9xq")
    assert 1 == client.twitch.leaks(["K3M-9XQ", "OTHER"])


async def test_whispers_to_more_than_forty_strangers_a_day_are_counted(client: Client) -> None:
    for number in range(41):
        query = {"from_user_id": "900", "to_user_id": str(number)}
        assert 204 == (await client.call("POST", "whispers", params=query, json={"message": "psst"}))[0]
    assert 40 == len(client.twitch.whispers)
    assert {"whisper_recipients": 1} == dict(client.twitch.violations)
