"""What happens to a socket, and how no message is lost or read twice because of it."""

import asyncio
from typing import Any

import pytest

from connectors.twitch.account import TwitchAccount
from domain.chat import Gap, LiveEvent, LiveEventKind, Message, Role
from domain.errors import ActionRequired, Fault


async def test_a_bot_token_is_all_it_needs(terse: Any, joined: Any, take: Any) -> None:
    async with joined(terse.settings()) as connector:
        await terse.emit(terse.chat("!prix", "m1"))
        (message,) = await take(connector, 1)
    assert (message.id, message.channel, message.text) == ("m1", "twitch:100", "!prix")
    assert (message.author.id, message.author.name, message.author.role) == ("200", "200", Role.VIEWER)
    assert connector.account == "twitch:900"
    assert terse.subscriptions[0]["condition"] == {"broadcaster_user_id": "100", "user_id": "900"}
    assert terse.subscriptions[0]["transport"] == {"method": "websocket", "session_id": "session-1"}


async def test_what_comes_twice_is_read_once(terse: Any, joined: Any, take: Any) -> None:
    async with joined(terse.settings()) as connector:
        again = terse.chat("hello", "m1")
        await terse.emit(again, again, terse.chat("hello", "m1"), terse.chat("bye", "m2"))
        assert [m.id for m in await take(connector, 2)] == ["m1", "m2"]


async def test_old_notifications_are_dropped(terse: Any, joined: Any, take: Any) -> None:
    event = {
        "broadcaster_user_id": "100",
        "chatter_user_id": "2",
        "message_id": "m0",
        "message": {"text": "x"},
    }
    old = terse.notification(
        "channel.chat.message", event, message_timestamp="2020-01-01T00:00:00.000000000Z"
    )
    async with joined(terse.settings()) as connector:
        await terse.emit(terse.chat("first", "m1"), old, terse.chat("then", "m2"))
        assert [m.id for m in await take(connector, 2)] == ["m1", "m2"]


async def test_frames_that_make_no_sense_are_survived(terse: Any, joined: Any, take: Any) -> None:
    nonsense = ["not json", terse.envelope("notification", {}), terse.envelope("hello", {})]
    nonsense += [terse.notification("channel.chat.message", {"broadcaster_user_id": "100"})]
    async with joined(terse.settings()) as connector:
        await terse.emit(*nonsense, terse.chat("still here", "m1"))
        assert [m.id for m in await take(connector, 1)] == ["m1"]
        await terse.emit("[]")
        (gap,) = await take(connector, 1)
        assert isinstance(gap, Gap)
        await terse.emit(terse.chat("and here", "m2"))
        assert [m.id for m in await take(connector, 1)] == ["m2"]


async def test_own_echo_and_other_channels_are_not_messages(terse: Any, joined: Any, take: Any) -> None:
    shared = terse.chat("!code", "m2", source_broadcaster_user_id="555")
    own_shared = terse.chat("!code", "m3", source_broadcaster_user_id="100")
    elsewhere = terse.chat("!code", "m4", channel="777")
    async with joined(terse.settings()) as connector:
        await terse.emit(terse.chat("me", "m1", chatter="900"), shared, elsewhere, own_shared)
        assert [m.id for m in await take(connector, 1)] == ["m3"]


@pytest.mark.parametrize("code", [1006, 4000, 4002, 4003, 4004, 4005, 4006, 4007, 4001, 1000])
async def test_a_closed_socket_is_followed_by_a_new_one(
    code: int, terse: Any, joined: Any, take: Any
) -> None:
    async with joined(terse.settings()) as connector:
        if code == 1006:
            terse.sockets[0]._req.transport.abort()
        else:
            await terse.sockets[0].close(code=code)
        (gap,) = await take(connector, 1)
        assert isinstance(gap, Gap)
        assert (gap.channel, gap.is_recoverable) == ("twitch:100", False)
        assert gap.started_at <= gap.ended_at
        await terse.emit(terse.chat("again", "m9"))
        assert [m.id for m in await take(connector, 1)] == ["m9"]
    assert [s["transport"]["session_id"] for s in terse.subscriptions] == ["session-1", "session-2"]


async def test_a_silent_socket_is_noticed_and_replaced(terse: Any, joined: Any, take: Any) -> None:
    async with joined(terse.settings()) as connector:
        started = asyncio.get_running_loop().time()
        (gap,) = await take(connector, 1)
        assert isinstance(gap, Gap)
        assert 1.0 < asyncio.get_running_loop().time() - started < 2.5
        await terse.emit(terse.chat("again", "m9"))
        assert [m.id for m in await take(connector, 1)] == ["m9"]


async def test_keepalives_keep_a_socket(terse: Any, joined: Any) -> None:
    async with joined(terse.settings()):
        for _ in range(6):
            await asyncio.sleep(0.4)
            await terse.emit(terse.envelope("session_keepalive", {}))
        assert len(terse.sockets) == 1


async def test_a_reconnect_loses_nothing(terse: Any, joined: Any, take: Any, until: Any) -> None:
    terse.welcome["keepalive_timeout_seconds"] = 10
    async with joined(terse.settings()) as connector:
        terse.welcome_delay_s = 0.3
        url = f"ws://{terse.url}/ws?reconnect=1"
        await terse.emit(terse.envelope("session_reconnect", {"session": {"id": "x", "reconnect_url": url}}))
        for number in range(10):
            await terse.emit(terse.chat("meanwhile", f"old-{number}"), socket=0)
            await asyncio.sleep(0.02)
        await until(lambda: len(terse.sockets) == 2)
        await terse.emit(terse.chat("late", "old-10"), terse.chat("both", "b"), socket=0)
        await terse.emit(terse.chat("both", "b"), terse.chat("new", "n"), socket=1)
        items = await take(connector, 13)
        assert {m.id for m in items} == {*(f"old-{n}" for n in range(11)), "b", "n"}
        await asyncio.sleep(0.4)
        assert terse.sockets[0].closed and not terse.sockets[1].closed
        assert len(terse.subscriptions) == 1


async def test_a_refused_reconnect_becomes_a_fresh_socket(terse: Any, joined: Any, take: Any) -> None:
    terse.welcome["keepalive_timeout_seconds"] = 10
    async with joined(terse.settings()) as connector:
        session = {"id": "x", "reconnect_url": f"ws://{terse.url}/nowhere"}
        await terse.emit(terse.envelope("session_reconnect", {"session": session}))
        (gap,) = await take(connector, 1)
        assert isinstance(gap, Gap)
        await terse.emit(terse.chat("here", "m1"))
        assert [m.id for m in await take(connector, 1)] == ["m1"]
        assert terse.subscriptions[-1]["transport"]["session_id"] == "session-2"


async def test_a_revoked_subscription_is_asked_for_again(terse: Any, joined: Any, take: Any) -> None:
    terse.welcome["keepalive_timeout_seconds"] = 10
    async with joined(terse.settings()) as connector:
        condition = {"broadcaster_user_id": "100"}
        revoked = {"type": "channel.chat.message", "status": "user_removed", "condition": condition}
        await terse.emit(terse.envelope("revocation", {"subscription": revoked}))
        (gap,) = await take(connector, 1)
        assert isinstance(gap, Gap)
    assert terse.count("channel.chat.message") == 2
    assert len(terse.sockets) == 1


async def test_a_revoked_consent_is_a_persons_business(terse: Any, joined: Any, until: Any) -> None:
    async with joined(terse.settings()) as connector:
        terse.tokens.clear()
        condition = {"broadcaster_user_id": "100"}
        revoked = {"type": "channel.chat.message", "status": "authorization_revoked", "condition": condition}
        await terse.emit(terse.envelope("revocation", {"subscription": revoked}))
        await until(lambda: connector.problem is not None)
        assert "bateleur login twitch" in connector.problem
        terse.tokens.add("t0")
        await until(lambda: connector.problem is None)
        await until(lambda: terse.count("channel.chat.message") == 2)


async def test_subscriptions_that_fail_for_now_are_tried_again(terse: Any, joined: Any) -> None:
    terse.welcome["keepalive_timeout_seconds"] = 10
    terse.subscribe_answers.extend([(500, "oops"), (429, "slow down"), (503, "later")])
    async with joined(terse.settings()):
        assert terse.count("channel.chat.message") == 1
        assert len(terse.sockets) == 1


async def test_a_dead_session_is_replaced(terse: Any, joined: Any) -> None:
    terse.subscribe_answers.append((400, "websocket transport session does not exist"))
    async with joined(terse.settings()):
        assert terse.subscriptions[0]["transport"]["session_id"] == "session-2"


async def test_an_existing_subscription_is_good_enough(terse: Any, joined: Any, take: Any) -> None:
    terse.subscribe_answers.append((409, "subscription already exists"))
    async with joined(terse.settings()) as connector:
        await terse.emit(terse.chat("hello", "m1"))
        assert [m.id for m in await take(connector, 1)] == ["m1"]


async def test_one_refused_channel_does_not_stop_another(terse: Any, quick: Any, take: Any) -> None:
    account = TwitchAccount(terse.settings(), pace=quick)
    good, bad = account.channel("100"), account.channel("666")
    await good.connect()
    terse.subscribe_answers.append((403, "the bot is banned"))
    with pytest.raises(ActionRequired, match="twitch:666"):
        await bad.connect()
    with pytest.raises(ActionRequired, match="twitch:666"):
        await bad.connect()
    await terse.emit(terse.chat("hello", "m1"))
    assert [m.id for m in await take(good, 1)] == ["m1"]
    await good.close()
    assert terse.count("channel.chat.message") == 1


async def test_an_unreachable_chat_is_a_fault_worth_retrying(terse: Any, joined: Any) -> None:
    settings = terse.settings(eventsub_url="ws://127.0.0.1:1/ws")
    with pytest.raises(Fault, match="cannot be read yet") as fault:
        async with joined(settings):
            pass
    assert fault.value.is_retryable


async def test_a_broadcast_is_believed_when_it_lasts(terse: Any, joined: Any, take: Any) -> None:
    def told(kind: str) -> str:
        return terse.notification(f"stream.{kind}", {"broadcaster_user_id": "100", "id": "s"})

    terse.welcome["keepalive_timeout_seconds"] = 10
    async with joined(terse.settings()) as connector:
        await terse.emit(told("online"), told("offline"), told("online"))
        (event,) = await take(connector, 1)
        assert isinstance(event, LiveEvent) and event.kind is LiveEventKind.STARTED
        await terse.emit(told("offline"), told("online"))
        await asyncio.sleep(0.3)
        await terse.emit(told("offline"))
        (event,) = await take(connector, 1)
        assert isinstance(event, LiveEvent) and event.kind is LiveEventKind.ENDED


async def test_closing_ends_the_stream_of_messages(terse: Any, quick: Any) -> None:
    connector = TwitchAccount(terse.settings(), pace=quick).channel("100")
    await connector.connect()
    await terse.emit(terse.chat("last", "m1"))
    await asyncio.sleep(0.1)
    await connector.close()
    assert [item.id async for item in connector.messages() if isinstance(item, Message)] == ["m1"]


async def test_a_closed_channel_can_be_joined_again(terse: Any, quick: Any, take: Any) -> None:
    connector = TwitchAccount(terse.settings(), pace=quick).channel("100")
    await connector.connect()
    await connector.close()
    await connector.connect()
    await terse.emit(terse.chat("hello", "m1"))
    assert [m.id for m in await take(connector, 1)] == ["m1"]
    await connector.close()


async def test_an_old_socket_that_ends_before_the_new_welcome_leaves_a_gap(
    terse: Any, joined: Any, take: Any
) -> None:
    async with joined(terse.settings()) as connector:
        terse.welcome_delay_s = 0.3
        session = {"session": {"id": "session-1", "reconnect_url": f"ws://{terse.url}/ws?again=1"}}
        await terse.emit(terse.envelope("session_reconnect", session))
        await terse.sockets[0].close(code=4004)
        (gap,) = await take(connector, 1)
        assert isinstance(gap, Gap)
        await terse.emit(terse.chat("still here", "m1"))
        assert ["m1"] == [m.id for m in await take(connector, 1)]
