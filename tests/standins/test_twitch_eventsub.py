"""The stand-in's EventSub: welcome, keepalive, close codes, reconnects, subscriptions and their limits."""

import asyncio

import aiohttp
import pytest

from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from tests.standins.conftest import ANN, PATIENCE_S, Client

ENVELOPE = {"message_id", "message_type", "message_timestamp"}


@pytest.mark.parametrize(("asked", "given"), [("", 10), ("3", 10), ("45", 45), ("9999", 600), ("x", 10)])
async def test_the_welcome_tells_the_session_and_a_keepalive_within_bounds(
    client: Client, asked: str, given: int
) -> None:
    _, session = await client.connect(**({"keepalive_timeout_seconds": asked} if asked else {}))
    assert ("connected", given, None) == (
        session["status"],
        session["keepalive_timeout_seconds"],
        session["reconnect_url"],
    )
    assert session["id"] in client.twitch.eventsub.sessions


async def test_keepalives_come_while_nothing_happens_and_stop_when_silent(client: Client) -> None:
    client.twitch.eventsub.least_keepalive_s = 1
    socket, _ = await client.connect(keepalive_timeout_seconds="1")
    frame = await client.frame(socket)
    assert ENVELOPE == set(frame["metadata"])
    assert ("session_keepalive", {}) == (frame["metadata"]["message_type"], frame["payload"])
    client.twitch.faults.is_silent = True
    with pytest.raises(TimeoutError):
        await socket.receive_str(timeout=1.1)
    assert not socket.closed


async def test_a_socket_that_subscribes_to_nothing_is_closed(client: Client) -> None:
    client.twitch.eventsub.unused_s = 0.1
    socket, _ = await client.connect()
    assert 4003 == await client.closed_with(socket)


async def test_a_socket_that_subscribes_in_time_stays(client: Client) -> None:
    client.twitch.eventsub.unused_s = 0.3
    used = await client.reading()
    unused, _ = await client.connect()
    assert 4003 == await client.closed_with(unused)
    await client.twitch.chat("100", ANN, "hello")
    assert ["hello"] == await client.texts(used, 1)


async def test_a_socket_on_which_the_client_talks_is_closed(client: Client) -> None:
    socket, _ = await client.connect()
    await socket.send_str("hello")
    assert 4001 == await client.closed_with(socket)


async def test_a_client_that_answers_no_ping_is_closed(client: Client) -> None:
    client.twitch.eventsub.ping_s = client.twitch.eventsub.pong_s = 0.1
    deaf = await client.session.ws_connect(client.twitch.eventsub_url, autoping=False)
    client.sockets.append(deaf)
    assert 4002 == await client.closed_with(deaf)


async def test_a_client_that_answers_pings_stays_and_its_own_are_answered(client: Client) -> None:
    client.twitch.eventsub.ping_s = 0.05
    socket, session = await client.connect()
    listening = asyncio.create_task(client.closed_with(socket))
    async with asyncio.timeout(PATIENCE_S):
        while not client.twitch.eventsub.sessions[session["id"]].pongs:
            await asyncio.sleep(0.01)
    listening.cancel()
    client.twitch.eventsub.ping_s = 30.0
    other = await client.session.ws_connect(client.twitch.eventsub_url, autoping=False)
    client.sockets.append(other)
    assert aiohttp.WSMsgType.TEXT is (await other.receive(timeout=PATIENCE_S)).type
    await other.ping(b"are you there?")
    assert aiohttp.WSMsgType.PONG is (await other.receive(timeout=PATIENCE_S)).type


@pytest.mark.parametrize("code", [4000, 4002, 4005, 4006])
async def test_a_socket_ends_with_the_code_that_is_asked_for(client: Client, code: int) -> None:
    socket = await client.reading()
    await client.twitch.eventsub.close(code)
    assert code == await client.closed_with(socket)


async def test_a_dropped_connection_ends_without_a_word(client: Client) -> None:
    socket = await client.reading()
    client.twitch.eventsub.drop()
    assert 1006 == await client.closed_with(socket)


async def test_the_old_socket_is_read_until_the_new_one_is_welcomed(client: Client) -> None:
    client.twitch.eventsub.grace_s = 0.3
    old = await client.reading()
    await client.twitch.eventsub.reconnect()
    frame = await client.frame(old)
    assert ("session_reconnect", "reconnecting", None) == (
        frame["metadata"]["message_type"],
        frame["payload"]["session"]["status"],
        frame["payload"]["session"]["keepalive_timeout_seconds"],
    )
    await client.twitch.chat("100", ANN, "still on the old one")
    assert ["still on the old one"] == await client.texts(old, 1)
    new, session = await client.connect(frame["payload"]["session"]["reconnect_url"])
    await client.twitch.chat("100", ANN, "on the new one")
    assert ["on the new one"] == await client.texts(new, 1)
    assert 409 == (await client.subscribe(session["id"]))[0]
    assert 4004 == await client.closed_with(old)


async def test_a_reconnect_address_works_once_and_only_while_the_old_socket_is_there(client: Client) -> None:
    eventsub = client.twitch.eventsub
    addresses = [f"{client.twitch.eventsub_url}?reconnect=rubbish"]
    for _ in range(2):
        old = await client.reading()
        await eventsub.reconnect()
        addresses.append((await client.frame(old))["payload"]["session"]["reconnect_url"])
        if len(addresses) == 2:
            await client.connect(addresses[1])
        await old.close()
        await eventsub.close(4000)
    for address in addresses:
        socket = await client.session.ws_connect(address)
        client.sockets.append(socket)
        assert 4007 == await client.closed_with(socket)


async def test_a_revocation_takes_the_subscription_away(client: Client) -> None:
    socket, session = await client.connect()
    await client.subscribe(session["id"])
    await client.twitch.eventsub.revoke("user_removed")
    frame = await client.frame(socket)
    assert ("revocation", "channel.chat.message") == (
        frame["metadata"]["message_type"],
        frame["metadata"]["subscription_type"],
    )
    assert "user_removed" == frame["payload"]["subscription"]["status"]
    assert 202 == (await client.subscribe(session["id"]))[0]


async def test_a_subscription_is_confirmed_once_listed_and_deleted(client: Client) -> None:
    _, session = await client.connect()
    status, body = await client.subscribe(session["id"])
    (made,) = body["data"]
    assert (202, "enabled", "1", 0) == (status, made["status"], made["version"], made["cost"])
    assert session["id"] == made["transport"]["session_id"]
    assert (1, 0, 10) == (body["total"], body["total_cost"], body["max_total_cost"])
    status, body = await client.subscribe(session["id"])
    assert (409, made["id"]) == (status, body["id"])
    assert [made] == (await client.call("GET", "eventsub/subscriptions"))[1]["data"]
    for expected in (204, 404):
        assert (
            expected == (await client.call("DELETE", "eventsub/subscriptions", params={"id": made["id"]}))[0]
        )


async def test_what_cannot_be_subscribed_to_is_refused_with_its_status(client: Client) -> None:
    twitch = client.twitch
    socket, session = await client.connect()
    id, chat = session["id"], {"broadcaster_user_id": "100", "user_id": "900"}
    assert 400 == (await client.subscribe("no such session"))[0]
    assert 400 == (await client.subscribe(id, "no.such.kind"))[0]
    assert 400 == (await client.subscribe(id, version="7"))[0]
    assert 400 == (await client.subscribe(id, broadcaster_user_id="100"))[0]
    assert 400 == (await client.subscribe(id, **{**chat, "broadcaster_user_id": "4242"}))[0]
    assert 403 == (await client.subscribe(id, **{**chat, "user_id": "100"}))[0]
    twitch.banned.add("200")
    assert 403 == (await client.subscribe(id, **{**chat, "broadcaster_user_id": "200"}))[0]
    good = client.token
    client.token, _ = twitch.id.issue("900", scopes=("user:write:chat",))
    status, body = await client.subscribe(id)
    assert (403, "subscription missing proper authorization") == (status, body["message"])
    client.token = "rubbish"
    assert 401 == (await client.subscribe(id))[0]
    client.token = good
    assert 202 == (await client.subscribe(id))[0]
    client.token, _ = twitch.id.issue("100")
    assert 400 == (await client.subscribe(id, broadcaster_user_id="100", user_id="100"))[0]
    await socket.close()


async def test_three_sockets_and_a_cost_of_ten_are_the_limit() -> None:
    channels = {str(number): f"shop{number}" for number in range(100, 112)}
    async with TwitchStandin(channels=channels) as twitch, aiohttp.ClientSession() as session:
        client = Client(twitch, session)
        twitch.consented.add("100")
        ids = [(await client.connect())[1]["id"] for _ in range(4)]
        assert [202, 202, 202, 429] == [(await client.subscribe(id))[0] for id in ids]
        follow = [
            (await client.subscribe(ids[0], "stream.online", broadcaster_user_id=channel))[0]
            for channel in channels
        ]
        assert [202] * 11 + [429] == follow
        for socket in client.sockets:
            await socket.close()


async def test_every_event_reaches_who_asked_for_it_and_nobody_else(client: Client) -> None:
    client.token, _ = client.twitch.id.issue("900", scopes=("user:read:chat",))
    socket, session = await client.connect()
    kinds = ["channel.chat.message", "channel.chat.message_delete"]
    for kind in kinds:
        await client.subscribe(session["id"], kind)
    for kind in ("stream.online", "stream.offline"):
        await client.subscribe(session["id"], kind, broadcaster_user_id="100")
    await client.subscribe(session["id"], "user.update", user_id="200")
    for channel in ("200", "100"):
        message = await client.twitch.chat(channel, ANN, "hello")
        await client.twitch.delete(channel, message)
        await client.twitch.stream(channel, is_online=False)
        await client.twitch.stream(channel, is_online=True)
    await client.twitch.rename(Chatter("300", "bob", "Bob"))
    await client.twitch.rename(Chatter("200", "anna", "Anna"))
    heard = [await client.frame(socket) for _ in range(5)]
    assert [*kinds, "stream.offline", "stream.online", "user.update"] == [
        frame["metadata"]["subscription_type"] for frame in heard
    ]
    events = [frame["payload"]["event"] for frame in heard]
    assert ["100"] * 4 == [event["broadcaster_user_id"] for event in events[:4]]
    assert {"id", "broadcaster_user_id", "broadcaster_user_login", "broadcaster_user_name"} == set(events[2])
    assert "Anna" == events[4]["user_name"]
