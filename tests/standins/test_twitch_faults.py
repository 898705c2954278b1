"""Each fault that can be asked of the stand-in strikes as often as it is set, and does what it says."""

import asyncio

import pytest

from tests.standins.conftest import ANN, Client


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [("unauthorized", 401, 1), ("throttled", 429, 1), ("broken", 503, 1), ("broken_after_taking", 500, 2)],
)
async def test_a_call_fails_as_often_as_it_is_set(client: Client, fault: str, status: int, said: int) -> None:
    setattr(client.twitch.faults, fault, 1)
    assert [status, 200] == [(await client.say(f"text {n}"))[0] for n in range(2)]
    assert said == len(client.twitch.said)
    assert {} == dict(client.twitch.violations)


async def test_a_message_broken_after_taking_is_on_the_screen_all_the_same(client: Client) -> None:
    socket = await client.reading()
    client.twitch.faults.broken_after_taking = 1
    assert 500 == (await client.say("hello"))[0]
    assert ["hello"] == await client.texts(socket, 1)


async def test_a_message_not_sent_is_answered_200_and_never_shown(client: Client) -> None:
    socket = await client.reading()
    client.twitch.faults.not_sent, client.twitch.faults.drop_code = 1, "automod_held"
    assert [(False, "automod_held"), (True, None)] == [await client.outcome(f"text {n}") for n in range(2)]
    assert ["text 1"] == await client.texts(socket, 1)
    assert [False, True] == [said.is_sent for said in client.twitch.said]


async def test_a_whisper_dropped_is_answered_as_if_it_had_been_sent(client: Client) -> None:
    client.twitch.faults.whispers_dropped = 1
    assert [204, 204] == [await client.whisper("200", "lost"), await client.whisper("200", "found")]
    assert [("200", "found")] == client.twitch.whispers


async def test_a_notification_duplicated_comes_twice_with_the_same_id(client: Client) -> None:
    socket = await client.reading()
    client.twitch.faults.duplicated = 1
    await client.twitch.chat("100", ANN, "twice")
    await client.twitch.chat("100", ANN, "once")
    frames = [await client.frame(socket) for _ in range(3)]
    ids = [frame["metadata"]["message_id"] for frame in frames]
    assert ids[0] == ids[1] != ids[2]


async def test_a_notification_reordered_comes_after_the_next_one(client: Client) -> None:
    socket = await client.reading()
    client.twitch.faults.reordered = 1
    for text in ("first", "second", "third"):
        await client.twitch.chat("100", ANN, text)
    assert ["second", "first", "third"] == await client.texts(socket, 3)
    client.twitch.faults.reordered = 2
    for text in ("first", "second", "third"):
        await client.twitch.chat("100", ANN, text)
    assert ["third", "second", "first"] == await client.texts(socket, 3)


async def test_while_silent_nothing_is_told_and_nothing_kept_for_later(client: Client) -> None:
    socket = await client.reading()
    client.twitch.faults.is_silent = True
    await client.twitch.chat("100", ANN, "unheard")
    client.twitch.faults.is_silent = False
    await client.twitch.chat("100", ANN, "heard")
    assert ["heard"] == await client.texts(socket, 1)


async def test_slow_answers_come_late_and_are_right(client: Client) -> None:
    client.twitch.faults.slow_s = 0.2
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert 200 == (await client.say("hello"))[0]
    assert loop.time() - began >= 0.2


async def test_a_slow_welcome_comes_after_the_old_socket_said_more(client: Client) -> None:
    old = await client.reading()
    await client.twitch.eventsub.reconnect(slow_s=0.3)
    url = (await client.frame(old))["payload"]["session"]["reconnect_url"]
    connecting = asyncio.create_task(client.connect(url))
    await asyncio.sleep(0.1)
    await client.twitch.chat("100", ANN, "meanwhile")
    assert ["meanwhile"] == await client.texts(old, 1)
    new, _ = await connecting
    await client.twitch.chat("100", ANN, "afterwards")
    assert ["afterwards"] == await client.texts(new, 1)
