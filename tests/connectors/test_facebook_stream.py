"""Comments pushed in a stream: at once while it works, and none lost or doubled when it does not."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from connectors.facebook.checks import check_account
from connectors.facebook.events import LARGEST, Events
from connectors.facebook.settings import Read
from connectors.facebook.trust import DOUBT_S, LATE_S, Trust
from standins.facebook.server import FacebookStandin
from tests.connectors.facebook_page import ANN, attached, settings
from tests.connectors.reading import Notebook, until

SELDOM = {"read": Read.STREAM, "poll_s": 60.0}
"""Looks are so rare that what comes within a test was pushed."""


@pytest.fixture
async def facebook() -> AsyncIterator[FacebookStandin]:
    async with FacebookStandin() as opened:
        yield opened
        assert {} == dict(opened.violations)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


async def test_comments_are_pushed_without_a_look(facebook: FacebookStandin, notebook: Notebook) -> None:
    async with attached(facebook, notebook, **SELDOM) as (connector, reader):
        await until(lambda: facebook.streams.count and facebook.looks == 2)
        for number in range(50):
            await facebook.chat(ANN, f"line {number}", is_low_quality=number % 2 == 0)
        await until(lambda: len(reader.fresh()) == 50)
        assert [f"line {number}" for number in range(50)] == reader.fresh()
        assert (2, None) == (facebook.looks, connector.problem)


async def test_an_event_in_pieces_is_put_together(facebook: FacebookStandin, notebook: Notebook) -> None:
    facebook.faults.stream_is_torn = True
    async with attached(facebook, notebook, **SELDOM) as (_, reader):
        await until(lambda: facebook.streams.count)
        await facebook.chat(ANN, "!prix Öl für 5 € 🎉\ndata: nothing")
        await until(reader.fresh)
        assert ["!prix Öl für 5 € 🎉\ndata: nothing"] == reader.fresh()


async def test_a_comment_both_pushed_and_found_is_read_once(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook, read=Read.STREAM) as (_, reader):
        await until(lambda: facebook.streams.count)
        for number in range(60):
            await facebook.chat(ANN, f"line {number}")
            await asyncio.sleep(0.01)
        await until(lambda: len(reader.fresh()) >= 60)
        await asyncio.sleep(0.7)
        assert sorted(f"line {number}" for number in range(60)) == sorted(reader.fresh())


async def test_what_a_crowded_stream_leaves_out_is_found_by_looking(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook, read=Read.STREAM) as (_, reader):
        await until(lambda: facebook.streams.count)
        for number in range(250):
            await facebook.chat(ANN, f"line {number}")
        await until(lambda: len(reader.fresh()) >= 250)
        await asyncio.sleep(0.3)
        assert sorted(f"line {number}" for number in range(250)) == sorted(reader.fresh())
        assert facebook.streams.left_out > 0


async def test_a_stream_that_is_refused_is_told_and_done_without(
    facebook: FacebookStandin, notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    facebook.faults.stream_refused = 1_000
    async with attached(facebook, notebook, read=Read.STREAM) as (connector, reader):
        await until(lambda: connector.problem)
        assert "comments are looked at instead" in str(connector.problem)
        for number in range(10):
            await facebook.chat(ANN, f"line {number}")
        await until(lambda: len(reader.fresh()) == 10)
        looks = facebook.looks
        await asyncio.sleep(1.3)
        assert facebook.looks - looks > 10, "at full pace"
        assert 1 == facebook.streams.openings, "and not asked for again and again"
    assert 1 == capsys.readouterr().out.count("facebook_stream_lost")


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://nowhere.invalid"])
async def test_a_stream_that_nobody_serves_is_done_without(
    facebook: FacebookStandin, notebook: Notebook, address: str
) -> None:
    async with attached(facebook, notebook, read=Read.STREAM, stream_url=address) as (connector, reader):
        await facebook.chat(ANN, "!code")
        await until(reader.fresh)
        await until(lambda: connector.problem)
        assert ["!code"] == reader.fresh()


async def test_a_page_that_is_no_stream_is_not_taken_for_one(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    elsewhere = f"{facebook.graph_url}/me?"
    async with attached(facebook, notebook, read=Read.STREAM, stream_url=elsewhere) as (connector, reader):
        await until(lambda: connector.problem)
        await facebook.chat(ANN, "!code")
        await until(reader.fresh)


async def test_a_stream_that_ends_is_opened_again_and_nothing_is_missed(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook, **SELDOM) as (connector, reader):
        await until(lambda: facebook.streams.count and facebook.looks == 2)
        await facebook.chat(ANN, "before")
        facebook.faults.stream_ends = 1
        await facebook.chat(ANN, "instead of which it ends")
        await until(lambda: len(reader.fresh()) == 2)
        assert "it has ended" in str(connector.problem)
        await until(lambda: facebook.streams.openings == 2 and facebook.streams.count)
        await facebook.chat(ANN, "after")
        await until(lambda: len(reader.fresh()) == 3)
        assert ["before", "instead of which it ends", "after"] == reader.fresh()
        assert connector.problem is None


async def test_a_silent_stream_is_taken_for_dead_and_loses_nothing(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    facebook.faults.stream_is_silent = True
    async with attached(facebook, notebook, read=Read.STREAM, silence_s=0.3) as (connector, reader):
        await facebook.chat(ANN, "!code")
        await until(reader.fresh)
        await until(lambda: connector.problem)
        assert "it is silent" in str(connector.problem)
        await until(lambda: facebook.streams.openings == 2)
        assert ["!code"] == reader.fresh()


async def test_closing_lets_go_of_a_stream_that_says_nothing(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook, **SELDOM):
        await until(lambda: facebook.streams.count)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    await until(lambda: not any(thread.name == "facebook-stream" for thread in threading.enumerate()))


async def test_comments_show_what_the_ids_of_a_live_video_look_like(notebook: Notebook) -> None:
    async with (
        FacebookStandin(post_id="913") as facebook,
        attached(facebook, notebook, **SELDOM) as (_, reader),
    ):
        await until(lambda: facebook.streams.count and facebook.looks == 2)
        await facebook.chat(ANN, "looked for")
        await until(reader.fresh)
        looks = facebook.looks
        await facebook.chat(ANN, "pushed")
        await until(lambda: len(reader.fresh()) == 2)
        assert (["looked for", "pushed"], 3, 3) == (reader.fresh(), looks, facebook.looks)


async def test_a_stream_that_brings_all_lets_looks_be_rare(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook, read=Read.STREAM, status_s=300) as (_, reader):
        await until(lambda: facebook.streams.count)
        await facebook.chat(ANN, "!code")
        await until(reader.fresh)
        await asyncio.sleep(0.2)
        looks = facebook.looks
        await asyncio.sleep(2.0)
        assert facebook.looks - looks <= 5  # at full pace there would be forty


@pytest.mark.parametrize(("refused", "words"), [(0, "are pushed"), (1, "READ=poll")])
async def test_doctor_tells_whether_facebook_offers_the_stream(
    facebook: FacebookStandin, notebook: Notebook, refused: int, words: str
) -> None:
    facebook.faults.stream_refused = refused
    checks = await check_account(settings(facebook, read=Read.STREAM), ["1789"], notebook)
    (stream,) = [check for check in checks if check.name == "facebook stream 911"]
    assert (refused == 0, True) == (stream.ok, words in stream.sentence)
    await until(lambda: not any(thread.name == "facebook-stream" for thread in threading.enumerate()))


async def test_doctor_tells_what_a_webhook_lacks(facebook: FacebookStandin, notebook: Notebook) -> None:
    for changes, is_ok in (({}, False), ({"verify_token": SecretStr("our-word")}, True)):
        checks = await check_account(settings(facebook, read=Read.WEBHOOK, **changes), [], notebook)
        (webhook,) = [check for check in checks if check.name == "facebook webhook"]
        assert is_ok == webhook.ok


def test_trust_is_earned_by_a_comment_and_lost_by_one_that_was_not_pushed() -> None:
    trust = Trust()
    assert not trust.is_earned(0)
    trust.pushed("1", is_new=True)
    assert trust.is_earned(1)
    trust.found("2", age_s=0.5, now=2)
    assert trust.is_earned(2), "it may be on its way"
    trust.pushed("2", is_new=False)
    assert trust.is_earned(2 + 2 * LATE_S)
    trust.found("3", age_s=0.5, now=20)
    assert not trust.is_earned(21 + LATE_S)
    trust.pushed("4", is_new=True)
    assert not trust.is_earned(22 + LATE_S), "some are left out"
    assert trust.is_earned(30 + LATE_S + DOUBT_S)
    trust.found("5", age_s=LATE_S + 1, now=200)
    assert not trust.is_earned(200)


def test_a_repeated_comment_earns_no_trust() -> None:
    trust = Trust()
    trust.pushed("1", is_new=False)
    assert not trust.is_earned(0)


def test_events_are_read_however_they_are_cut_and_whatever_else_is_sent() -> None:
    whole = ': ping\n\nevent: x\ndata: {"a":\r\ndata:1}\r\n\r\nid: 7\n\ndata: é\n\ndata: cut'.encode()
    for size in (1, 2, 3, 7, len(whole)):
        events = Events()
        found = [e for at in range(0, len(whole), size) for e in events.feed(whole[at : at + size])]
        assert ['{"a":\n1}', "é"] == found


def test_an_event_without_end_is_passed_over() -> None:
    events = Events()
    endless = [b"data: " + b"x" * LARGEST, b"x" * LARGEST, b"\n\n", b"data: next\n\n"]
    assert ["next"] == [event for content in endless for event in events.feed(content)]
