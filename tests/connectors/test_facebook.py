"""A Page's live video, read and written over real sockets through everything Facebook may do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.facebook.account import FacebookAccount
from connectors.facebook.usage import Usage, read_usage
from domain.chat import LiveEvent, LiveEventKind, Message, Role, Viewer
from domain.errors import ActionRequired, Fault
from domain.ports import Sent
from standins.facebook.server import FacebookStandin
from tests.connectors.facebook_page import ANN, attached, settings
from tests.connectors.reading import Notebook, until


@pytest.fixture
async def facebook() -> AsyncIterator[FacebookStandin]:
    async with FacebookStandin() as opened:
        yield opened


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def comment(id: str) -> Message:
    viewer = Viewer("facebook", ANN.id, ANN.name, ANN.name)
    return Message(id, "facebook:1789", viewer, "!code", datetime.now(UTC))


async def test_comments_are_read_once_each_even_those_facebook_thinks_little_of(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook) as (_, reader):
        for number in range(250):
            await facebook.chat(ANN, f"line {number}", is_low_quality=number % 2 == 0)
        await until(lambda: len(reader.fresh()) == 250)
        await asyncio.sleep(0.3)
        assert [f"line {number}" for number in range(250)] == reader.fresh()
        assert {} == dict(facebook.violations)


async def test_what_stood_there_before_is_history(facebook: FacebookStandin, notebook: Notebook) -> None:
    await facebook.chat(ANN, "!code", seconds_ago=3)
    async with attached(facebook, notebook) as (_, reader):
        await until(lambda: reader.items)
        await facebook.chat(ANN, "!prix")
        await until(reader.fresh)
        assert ["!prix"] == reader.fresh()


async def test_a_run_that_follows_at_once_goes_on_where_the_last_one_stopped(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    await facebook.chat(ANN, "history", seconds_ago=3)
    async with attached(facebook, notebook):
        pass
    await facebook.chat(ANN, "written meanwhile")
    async with attached(facebook, notebook) as (_, reader):
        await until(reader.fresh)
        assert ["written meanwhile"] == reader.fresh()


async def test_comments_without_an_author_are_passed_over(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook) as (_, reader):
        facebook.faults.authorless = 1
        await facebook.chat(ANN, "!code from nobody")
        await facebook.chat(ANN, "!code from ann")
        await until(reader.fresh)
        assert ["!code from ann"] == reader.fresh()


async def test_our_own_comments_are_not_heard_and_the_pages_orders_are(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook) as (connector, reader):
        await connector.send("Bonsoir !")
        await facebook.chat(facebook.page, "!stop")
        await until(reader.fresh)
        (order,) = [i for i in reader.items if isinstance(i, Message) and not i.is_backfill]
        assert ("!stop", Role.OWNER) == (order.text, order.author.role)


@pytest.mark.parametrize("fault", ["transient", "broken"])
async def test_reading_goes_on_after_a_failure_and_loses_nothing(
    facebook: FacebookStandin, notebook: Notebook, fault: str
) -> None:
    async with attached(facebook, notebook) as (connector, reader):
        setattr(facebook.faults, fault, 2)
        await facebook.chat(ANN, "!code")
        await until(reader.fresh)
        assert ["!code"] == reader.fresh()
        await until(lambda: connector.problem is None)


async def test_a_dead_token_is_told_in_a_sentence(facebook: FacebookStandin, notebook: Notebook) -> None:
    facebook.faults.dead_token = 1
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    with pytest.raises(ActionRequired, match="BATELEUR_FACEBOOK__PAGE_TOKEN"):
        await connector.connect()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"page_token": None}, "set BATELEUR_FACEBOOK__PAGE_TOKEN"),
        ({"page_id": "42"}, "not of 42"),
        ({"app_secret": None}, "appsecret_proof"),
        ({"graph_url": "http://127.0.0.1:1/v26.0"}, "cannot be reached"),
    ],
)
async def test_settings_that_do_not_fit_are_told_in_a_sentence(
    facebook: FacebookStandin, notebook: Notebook, changes: dict[str, Any], sentence: str
) -> None:
    connector = FacebookAccount(settings(facebook, **changes), notebook).channel(facebook.page_id)
    with pytest.raises((ActionRequired, Fault), match=sentence):
        await connector.connect()


async def test_a_page_without_a_live_video_is_looked_at_again(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    facebook.status = "VOD"
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    with pytest.raises(Fault, match="no live video") as fault:
        await connector.connect()
    assert fault.value.is_retryable


async def test_the_end_of_the_live_video_is_told_once(facebook: FacebookStandin, notebook: Notebook) -> None:
    async with attached(facebook, notebook) as (_, reader):
        facebook.status = "LIVE_STOPPED"
        await until(lambda: [i for i in reader.items if isinstance(i, LiveEvent)])
        await asyncio.sleep(0.5)
        (event,) = [i for i in reader.items if isinstance(i, LiveEvent)]
        assert LiveEventKind.ENDED is event.kind


async def test_a_comment_is_written_to_all_or_to_one(facebook: FacebookStandin, notebook: Notebook) -> None:
    async with attached(facebook, notebook) as (connector, _):
        id = await facebook.chat(ANN, "!prix")
        assert (await connector.send("499,99 €", reply_to=id)).is_sure
        assert [(id, "499,99 €")] == [(said.parent, said.text) for said in facebook.said]


async def test_a_comment_with_an_open_fate_is_found_again_and_not_repeated(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook, poll_s=0.2) as (connector, _):
        facebook.faults.broken_after_taking = 1
        assert (await connector.send("499,99 €")).is_sure
        assert 1 == len(facebook.said)


async def test_a_comment_that_never_showed_is_not_sure(facebook: FacebookStandin, notebook: Notebook) -> None:
    async with attached(facebook, notebook) as (connector, _):
        await asyncio.sleep(0.2)
        facebook.faults.broken = 1
        sent = await connector.send("499,99 €")
        assert sent == Sent("", is_sure=False) or facebook.said  # the fault may have met the reading


@pytest.mark.parametrize(("fault", "seconds"), [("throttled", 60.0), ("policy_block", 3600.0)])
async def test_being_asked_to_wait_is_obeyed(
    facebook: FacebookStandin, notebook: Notebook, fault: str, seconds: float
) -> None:
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    await connector.connect()
    setattr(facebook.faults, fault, 1)
    with pytest.raises(Fault) as told:
        await connector.send("499,99 €")
    assert told.value.is_retryable
    assert seconds == told.value.retry_after
    if fault == "throttled":
        with pytest.raises(Fault):
            await connector.send("499,99 €")
    assert {} == dict(facebook.violations)


async def test_a_page_that_uses_its_calls_up_slows_down_before_the_limit(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    facebook.usage.calls_allowed = 12
    async with attached(facebook, notebook) as (connector, _):
        await until(lambda: connector._account.graph.usage.must_wait)
        await asyncio.sleep(0.5)
    assert {} == dict(facebook.violations)


def test_usage_is_read_from_whatever_header_says_most() -> None:
    case = '{"1789": [{"call_count": 80, "total_time": 3, "estimated_time_to_regain_access": 2}]}'
    usage = read_usage({"X-App-Usage": '{"call_count": 12}', "X-Business-Use-Case-Usage": case})
    assert Usage(80.0, 120.0) == usage
    assert usage.must_wait
    assert Usage() == read_usage({"X-App-Usage": "rubbish", "X-Business-Use-Case-Usage": "[]"})


async def test_a_code_is_replied_privately_once(facebook: FacebookStandin, notebook: Notebook) -> None:
    id = await facebook.chat(ANN, "!code")
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    await connector.connect()
    assert (await connector.send_private(comment(id), "Votre code : K3M9XQ")).is_sure
    assert (await connector.send_private(comment(id), "Votre code : K3M9XQ")).is_sure
    assert {id: "Votre code : K3M9XQ"} == facebook.private_replies
    assert 0 == facebook.leaks(["K3M9XQ"])


@pytest.mark.parametrize("code", [551, 10902, 10903])
async def test_a_viewer_who_cannot_be_reached_is_not_tried_again(
    facebook: FacebookStandin, notebook: Notebook, code: int
) -> None:
    id = await facebook.chat(ANN, "!code")
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    await connector.connect()
    facebook.faults.reply_code, facebook.faults.reply_refused = code, 1
    with pytest.raises(Fault) as fault:
        await connector.send_private(comment(id), "Votre code : K3M9XQ")
    assert not fault.value.is_retryable


async def test_replies_too_late_or_to_nothing_are_final_and_passing_failures_are_not(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    old = await facebook.chat(ANN, "!code", seconds_ago=8 * 86_400)
    fresh = await facebook.chat(ANN, "!code")
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    await connector.connect()
    for id in (old, "911_4242"):
        with pytest.raises(Fault) as fault:
            await connector.send_private(comment(id), "K3M9XQ")
        assert not fault.value.is_retryable
    facebook.faults.transient = 1
    with pytest.raises(Fault) as fault:
        await connector.send_private(comment(fresh), "K3M9XQ")
    assert fault.value.is_retryable


async def test_a_notice_shortens_the_wait_for_the_next_look(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook, poll_s=60.0) as (connector, reader):
        await facebook.chat(ANN, "!code")
        connector.look_now()
        await until(reader.fresh)
        assert ["!code"] == reader.fresh()


async def test_a_missing_permission_is_told_in_a_sentence(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    await connector.connect()
    facebook.faults.no_permission = 1
    with pytest.raises(ActionRequired, match="pages_manage_engagement"):
        await connector.send("499,99 €")
    facebook.faults.dead_token = 1
    with pytest.raises(ActionRequired, match="PAGE_TOKEN anew"):
        await connector.send("499,99 €")


async def test_slow_and_empty_answers_lose_nothing(facebook: FacebookStandin, notebook: Notebook) -> None:
    async with attached(facebook, notebook) as (_, reader):
        facebook.faults.is_empty, facebook.faults.slow_s = True, 0.2
        await facebook.chat(ANN, "!code")
        await asyncio.sleep(0.5)
        assert [] == reader.fresh()
        facebook.faults.is_empty = False
        await until(reader.fresh)
        assert ["!code"] == reader.fresh()
