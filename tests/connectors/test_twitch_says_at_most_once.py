"""What becomes of what the bot says: shown once, surely or perhaps, or not at all and why."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from connectors.twitch.sending import FOR_ALL, FOR_MODERATORS
from connectors.twitch.whispers import DAY_S, WhisperQuota
from domain.chat import Message, Viewer
from domain.errors import ActionRequired, Fault
from domain.ports import Sent
from domain.show import DeliveryWay

ANN = Viewer("twitch", "200", "Ann", "ann")
ASK = Message("m1", "twitch:100", ANN, "!code", datetime(2026, 11, 23, 20, tzinfo=UTC))


def answer(status: int, body: Any, **headers: str) -> Any:
    async def given(_: web.Request) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(body, status=status, headers=named)

    return given


def drop(code: str) -> Any:
    reason = {"code": code, "message": "because"}
    return answer(200, {"data": [{"message_id": "", "is_sent": False, "drop_reason": reason}]})


async def never(_: web.Request) -> web.Response:
    await asyncio.sleep(3)
    return web.Response()


async def hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def test_a_message_is_said_as_a_reply(terse: Any, joined: Any) -> None:
    async with joined(terse.settings()) as connector:
        assert await connector.send("499,99 €", reply_to="m1") == Sent("id-1")
    expected = {"broadcaster_id": "100", "sender_id": "900", "message": "499,99 €"}
    assert terse.said == [{**expected, "reply_parent_message_id": "m1"}]


async def test_a_parent_that_is_gone_is_left_out(terse: Any, joined: Any) -> None:
    terse.answers.append(answer(400, {"message": "Message cannot be replied to"}))
    async with joined(terse.settings()) as connector:
        assert await connector.send("hello", reply_to="m1") == Sent("id-2")
    assert "reply_parent_message_id" not in terse.said[1]


@pytest.mark.parametrize("text", ["/ban ann", ".timeout ann", " \u200b/me waves", "\\/ban", "\n/clear"])
async def test_nothing_said_is_a_platform_command(text: str, terse: Any, joined: Any) -> None:
    async with joined(terse.settings()) as connector:
        await connector.send(text)
    assert terse.said[0]["message"][0] not in "/.\\ \n"


@pytest.mark.parametrize("text", ["", " \u202e ", "x" * 501])
async def test_what_twitch_cannot_show_is_never_posted(text: str, terse: Any, joined: Any) -> None:
    async with joined(terse.settings()) as connector:
        with pytest.raises(Fault) as fault:
            await connector.send(text)
    assert not fault.value.is_retryable
    assert terse.said == []


@pytest.mark.parametrize(
    "trouble", [never, hang_up, answer(500, {}), answer(502, {}), answer(200, {"odd": 1})]
)
async def test_an_open_fate_is_posted_once_and_not_sure(trouble: Any, terse: Any, joined: Any) -> None:
    terse.answers.append(trouble)
    async with joined(terse.settings()) as connector:
        assert await connector.send("hello") == Sent("", is_sure=False)
    assert len(terse.said) == 1


@pytest.mark.parametrize("trouble", [never, answer(503, {})])
async def test_our_own_echo_settles_an_open_fate(trouble: Any, terse: Any, joined: Any) -> None:
    terse.answers.append(trouble)
    async with joined(terse.settings()) as connector:
        sending = asyncio.create_task(connector.send("hello"))
        await asyncio.sleep(0.1)
        await terse.emit(terse.chat("hello", "echo-1", chatter="900"))
        assert await sending == Sent("echo-1")
    assert len(terse.said) == 1


@pytest.mark.parametrize(
    ("code", "is_retryable", "retry_after"),
    [
        ("msg_duplicate", False, None),
        ("msg_ratelimit", True, 32.0),
        ("msg_slowmode", True, 30.0),
        ("msg_rejected", False, None),
        ("something_new", False, None),
    ],
)
async def test_a_dropped_message_says_whether_to_try_again(
    code: str, is_retryable: bool, retry_after: float | None, terse: Any, joined: Any
) -> None:
    terse.answers.append(drop(code))
    async with joined(terse.settings()) as connector:
        with pytest.raises(Fault, match=code) as fault:
            await connector.send("hello")
    assert (fault.value.is_retryable, fault.value.retry_after) == (is_retryable, retry_after)
    assert len(terse.said) == 1


async def test_a_throttle_is_waited_for_as_long_as_twitch_says(terse: Any, joined: Any) -> None:
    reset = str(int(time.time()) + 7)
    terse.answers.append(answer(429, {"message": "Too Many Requests"}, Ratelimit_Reset=reset))
    async with joined(terse.settings()) as connector:
        with pytest.raises(Fault) as fault:
            await connector.send("hello")
    assert fault.value.is_retryable
    assert fault.value.retry_after is not None and 5 < fault.value.retry_after <= 7


async def test_a_ban_is_a_persons_business(terse: Any, joined: Any) -> None:
    terse.answers.append(answer(403, {"message": "The sender is banned"}))
    async with joined(terse.settings()) as connector:
        with pytest.raises(ActionRequired, match="twitch:100"):
            await connector.send("hello")


async def test_a_bad_request_is_not_tried_again(terse: Any, joined: Any) -> None:
    terse.answers.append(answer(422, {"message": "too large"}))
    async with joined(terse.settings()) as connector:
        with pytest.raises(Fault) as fault:
            await connector.send("hello")
    assert not fault.value.is_retryable


async def test_badges_on_our_echo_give_a_moderators_budget(terse: Any, joined: Any, until: Any) -> None:
    async with joined(terse.settings()) as connector:
        assert connector.capabilities.budget == FOR_ALL
        badges = [{"set_id": "moderator", "id": "1", "info": ""}]
        await terse.emit(terse.chat("me", "e1", chatter="900", badges=badges))
        await until(lambda: connector.capabilities.budget == FOR_MODERATORS)
        await terse.emit(terse.chat("me", "e2", chatter="900", badges=[]))
        await until(lambda: connector.capabilities.budget == FOR_ALL)


async def test_the_broadcaster_has_a_moderators_budget(terse: Any, joined: Any) -> None:
    async with joined(terse.settings(), "900") as connector:
        assert connector.capabilities.budget == FOR_MODERATORS


async def test_a_whisper_is_sent_and_never_sure(terse: Any, joined: Any) -> None:
    async with joined(terse.settings(whispers=True)) as connector:
        assert DeliveryWay.WHISPER == connector.capabilities.private
        assert await connector.send_private(ASK, "your code") == Sent("", is_sure=False)
    assert terse.whispers == [("200", "your code")]


async def test_whispers_are_off_unless_switched_on(terse: Any, joined: Any) -> None:
    async with joined(terse.settings()) as connector:
        with pytest.raises(ActionRequired, match="WHISPERS"):
            await connector.send_private(ASK, "your code")
    assert terse.whispers == []


def test_the_forty_first_recipient_of_a_day_waits_for_the_next() -> None:
    quota = WhisperQuota()
    for number in range(40):
        assert quota.spend(f"viewer-{number}", 2.0 * number, 2.0 * number)
    assert not quota.spend("viewer-0", 90.0, 90.0)
    with pytest.raises(Fault) as fault:
        quota.spend("viewer-40", 100.0, 100.0)
    assert DAY_S - 100.0 == fault.value.retry_after
    assert quota.spend("viewer-40", DAY_S, DAY_S)


def test_whom_a_run_before_whispered_to_counts_too() -> None:
    before, after = WhisperQuota(), WhisperQuota()
    for number in range(40):
        before.spend(f"viewer-{number}", 2.0 * number, 2.0 * number)
    after.read(before.written())
    assert not after.spend("viewer-0", 0.0, 90.0)
    with pytest.raises(Fault):
        after.spend("viewer-40", 1.0, 91.0)


def test_whispers_are_spread_over_seconds() -> None:
    quota = WhisperQuota()
    for _ in range(3):
        quota.spend("ann", 10.0, 0.0)
    with pytest.raises(Fault) as fault:
        quota.spend("ann", 10.25, 0.0)
    assert 1.0 == fault.value.retry_after
    quota.spend("ann", 11.25, 0.0)


async def test_secrets_show_in_no_address(terse: Any, joined: Any) -> None:
    async with joined(terse.settings()) as connector:
        await connector.send("hello")
    assert "t0" not in json.dumps(list(terse.calls))
