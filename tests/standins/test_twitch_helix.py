"""The stand-in's Helix: who may call, what may be said and whispered, and every breach counted."""

import time

import pytest

from tests.standins.conftest import ANN, Client


async def test_helix_wants_a_token_its_client_id_and_its_scope(client: Client) -> None:
    assert 200 == (await client.say("hello"))[0]
    status, body = await client.call("GET", "users", headers={"Authorization": None})
    assert (401, "OAuth token is missing") == (status, body["message"])
    for client_id in ("another", None):
        status, body = await client.call("GET", "users", headers={"Client-Id": client_id})
        assert (401, "Client ID and OAuth token do not match") == (status, body["message"])
    client.token, _ = client.twitch.id.issue("900", scopes=("user:read:chat",))
    status, body = await client.say("hello")
    assert (401, "Missing scope: user:write:chat") == (status, body["message"])
    assert 401 == await client.whisper("200")
    client.token = "rubbish"
    status, body = await client.say("hello")
    assert (401, "Unauthorized", "Invalid OAuth token") == (status, body["error"], body["message"])
    assert 1 == len(client.twitch.said)


async def test_users_and_streams_are_told_by_id_and_by_login(client: Client) -> None:
    async def ids(path: str, key: str, **query: str) -> list[str]:
        status, body = await client.call("GET", path, params=query)
        assert 200 == status
        return [found[key] for found in body["data"]]

    assert ["900"] == await ids("users", "id")
    assert ["100"] == await ids("users", "id", id="100")
    assert ["200"] == await ids("users", "id", login="annex")
    assert [] == await ids("users", "id", login="nobody")
    assert ["100"] == await ids("streams", "user_id", user_id="100")
    await client.twitch.stream("100", is_online=False)
    assert [] == await ids("streams", "user_id", user_id="100")


async def test_every_answer_tells_what_is_left_of_the_minutes_calls(client: Client) -> None:
    await client.call("GET", "users")
    first = client.headers
    await client.call("GET", "users")
    assert "800" == first["Ratelimit-Limit"]
    assert int(client.headers["Ratelimit-Remaining"]) < 800
    assert int(first["Ratelimit-Reset"]) >= int(time.time())


async def test_a_throttled_call_says_until_when_to_wait(client: Client) -> None:
    client.twitch.faults.throttled = 1
    assert 429 == (await client.say("hello"))[0]
    assert "0" == client.headers["Ratelimit-Remaining"]
    assert 0 <= int(client.headers["Ratelimit-Reset"]) - time.time() + 1 <= 3


async def test_what_is_wrong_with_a_message_is_told_by_its_status(client: Client) -> None:
    twitch = client.twitch
    parent = await twitch.chat("100", ANN, "how much?")
    assert 400 == (await client.say("hello", "4242"))[0]
    assert 400 == (await client.say("hello", sender_id="100"))[0]
    assert 400 == (await client.say(""))[0]
    assert 200 == (await client.say("hello", reply_parent_message_id=parent))[0]
    await twitch.delete("100", parent)
    status, body = await client.say("hello again", reply_parent_message_id=parent)
    assert (400, "Message cannot be replied to") == (status, body["message"])
    twitch.banned.add("100")
    assert 403 == (await client.say("hello again"))[0]
    assert ["hello"] == [said.text for said in twitch.said]
    assert {} == dict(twitch.violations)


@pytest.mark.parametrize(("is_moderator", "allowed"), [(True, 100), (False, 20)])
async def test_more_than_the_window_allows_is_dropped_and_counted(
    client: Client, is_moderator: bool, allowed: int
) -> None:
    """The window is the account's: what is said in one channel counts in every other."""
    twitch = client.twitch
    if not is_moderator:
        twitch.moderated.clear()
    twitch.limits_of("900").one_a_second = False
    outcomes = [await client.outcome(f"text {n}", ("100", "200")[n % 2]) for n in range(allowed + 2)]
    assert [(True, None)] * allowed + [(False, "msg_ratelimit")] * 2 == outcomes
    assert {"rate": 2} == dict(twitch.violations)
    assert allowed == sum(said.is_sent for said in twitch.said)


async def test_where_it_moderates_the_bot_may_say_more_than_elsewhere(client: Client) -> None:
    twitch = client.twitch
    twitch.moderated.discard("200")
    assert {(True, None)} == {await client.outcome(f"text {n}") for n in range(30)}
    assert (False, "msg_ratelimit") == await client.outcome("one more", "200")
    assert {"rate": 1} == dict(twitch.violations)


async def test_who_is_no_moderator_says_one_message_a_second_in_a_channel(client: Client) -> None:
    client.twitch.moderated.clear()
    assert (True, None) == await client.outcome("one")
    assert (True, None) == await client.outcome("elsewhere", "200")
    assert (False, "msg_slowmode") == await client.outcome("two")
    assert {"slow": 1} == dict(client.twitch.violations)


async def test_the_same_text_twice_in_half_a_minute_is_dropped_and_counted(client: Client) -> None:
    assert (True, None) == await client.outcome("the same")
    assert (False, "msg_duplicate") == await client.outcome("the same")
    assert (True, None) == await client.outcome("the same", "200")
    assert {"duplicate": 1} == dict(client.twitch.violations)


async def test_five_hundred_characters_are_said_and_one_more_is_a_breach(client: Client) -> None:
    assert (True, None) == await client.outcome("x" * 500)
    assert 422 == (await client.say("x" * 501))[0]
    assert {"long": 1} == dict(client.twitch.violations)


@pytest.mark.parametrize("text", ["/ban ann", ".me waves"])
async def test_a_line_that_twitch_takes_for_a_command_is_swallowed_and_counted(
    client: Client, text: str
) -> None:
    assert (False, "msg_rejected") == await client.outcome(text)
    assert {"command": 1} == dict(client.twitch.violations)


async def test_codes_said_in_public_are_seen_whatever_their_case(client: Client) -> None:
    await client.say("here you are: k3m-9xq")
    assert 1 == client.twitch.leaks(["K3M-9XQ", "OTHER"])


async def test_the_forty_first_recipient_of_whispers_gets_nothing_and_is_counted(client: Client) -> None:
    limits = client.twitch.whispers_of("900")
    limits.recipients.update(f"stranger {number}" for number in range(39))
    assert [204, 204] == [await client.whisper("200"), await client.whisper("201")]
    assert 204 == await client.whisper("200", "again")
    assert [("200", "psst"), ("200", "again")] == client.twitch.whispers
    assert {"whisper_recipients": 1} == dict(client.twitch.violations)


async def test_a_fourth_whisper_in_a_second_is_refused_and_counted(client: Client) -> None:
    assert [204, 204, 204, 429] == [await client.whisper(str(number)) for number in range(200, 204)]
    assert {"whisper_rate": 1} == dict(client.twitch.violations)


async def test_whispers_to_oneself_or_to_who_wants_none_are_refused(client: Client) -> None:
    client.twitch.unwhispered.add("200")
    assert [400, 400, 400] == [
        await client.whisper("900"),
        await client.whisper("200"),
        await client.whisper("201", ""),
    ]
    assert [] == client.twitch.whispers
