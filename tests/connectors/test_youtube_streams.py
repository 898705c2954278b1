"""A chat that YouTube pushes: over gRPC or as chunked JSON, for ten seconds or for the evening."""

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.youtube.frames import read_page
from connectors.youtube.json_pages import JsonPages
from connectors.youtube.outcome import StreamFailed
from connectors.youtube.quota import LOOK
from connectors.youtube.reading import SILENCE
from connectors.youtube.settings import STREAM_TARGET
from connectors.youtube.ways import STRIKES, Read, Way, Ways
from domain.chat import Gap
from standins.people import Chatter
from standins.youtube.frames import write_page
from standins.youtube.server import YouTubeStandin
from tests.connectors.reading import Notebook, until
from tests.connectors.youtube_chat import ANN, attached

BY_GRPC: dict[str, Any] = {}
BY_HTTP: dict[str, Any] = {"stream_target": STREAM_TARGET}  # not for a stand-in, so not used
both_ways = pytest.mark.parametrize(("how", "name"), [(BY_GRPC, "grpc"), (BY_HTTP, "http")])


def looks(youtube: YouTubeStandin) -> int:
    """How often the list was asked."""
    return youtube.quota.calls["list_messages"]


@both_ways
async def test_a_stream_that_stays_open_costs_one_opening_and_no_looks(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any], name: str
) -> None:
    await youtube.chat(ANN, "!code, an hour ago")
    async with attached(youtube, notebook, **how) as (_, reader):
        await until(lambda: youtube.streams.opened[name])
        spent = youtube.quota.spent
        for number in range(20):
            await youtube.chat(ANN, f"line {number} é✨")
            await asyncio.sleep(0.05)
        await until(lambda: len(reader.fresh()) == 20)
        assert [f"line {number} é✨" for number in range(20)] == reader.fresh()
        assert ["!code, an hour ago"] == [i.text for i in reader.items if i.is_backfill]
        assert (1, 1, spent) == (youtube.streams.opened[name], looks(youtube), youtube.quota.spent)


@both_ways
async def test_what_is_pushed_is_heard_before_the_next_look_would_be_due(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any], name: str
) -> None:
    async with attached(youtube, notebook, least_poll_s=1.0, **how) as (_, reader):
        await until(lambda: youtube.streams.opened[name])
        await asyncio.sleep(0.2)
        written = time.monotonic()
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        assert time.monotonic() - written < 0.5


@both_ways
async def test_streams_that_end_are_taken_up_where_they_ended(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any], name: str
) -> None:
    youtube.streams.lasts_s = 0.4
    async with attached(youtube, notebook, **how) as (_, reader):
        await until(lambda: youtube.streams.opened[name])
        for number in range(60):
            await youtube.chat(ANN, f"line {number}")
            await asyncio.sleep(0.04)
        await until(lambda: len(reader.fresh()) == 60)
        assert [f"line {number}" for number in range(60)] == reader.fresh()
        assert [] == [i for i in reader.items if isinstance(i, Gap)]
        assert youtube.streams.opened[name] >= 4
        assert 1 == looks(youtube)


async def test_each_opening_is_counted_as_a_look_and_never_comes_sooner_than_one(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    youtube.streams.lasts_s = 0.15
    youtube.polling_ms = 500
    async with attached(youtube, notebook) as (_, reader):
        await until(lambda: youtube.streams.opened["grpc"] == 2)
        began, spent = time.monotonic(), youtube.quota.spent
        await until(lambda: youtube.streams.opened["grpc"] + looks(youtube) >= 6)
        assert time.monotonic() - began >= 3 * 0.5 - 0.1
        assert youtube.quota.spent - spent >= 3 * LOOK
        assert [] == reader.fresh()
    assert youtube.quota.spent == sum(notebook.counts.values())


async def test_streams_that_end_at_once_give_way_to_looks(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    youtube.streams.lasts_s = 0.0
    async with attached(youtube, notebook) as (_, reader):
        await until(lambda: looks(youtube) >= 5)
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        assert {"grpc": STRIKES, "http": STRIKES} == youtube.streams.opened


async def test_without_grpc_there_is_chunked_json_and_without_that_there_are_looks(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    youtube.faults.is_grpc_missing = True
    async with attached(youtube, notebook) as (connector, reader):
        await until(lambda: youtube.streams.opened["http"])
        await youtube.chat(ANN, "one")
        await until(reader.fresh)
        assert connector.problem is None
    youtube.faults.is_http_stream_missing = True
    async with attached(youtube, notebook) as (connector, reader):
        await until(lambda: looks(youtube) >= 3)
        await youtube.chat(ANN, "two")
        await until(lambda: "two" in reader.fresh())
        assert connector.problem is None


async def test_a_target_where_nobody_listens_costs_nothing_but_the_try(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    async with attached(youtube, notebook, stream_target="127.0.0.1:1") as (_, reader):
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        assert {"grpc": 0, "http": 1} == youtube.streams.opened


async def test_whoever_wants_looks_gets_looks(youtube: YouTubeStandin, notebook: Notebook) -> None:
    async with attached(youtube, notebook, read=Read.POLL):
        await until(lambda: looks(youtube) >= 4)
        assert {"grpc": 0, "http": 0} == youtube.streams.opened


@both_ways
async def test_a_stream_that_breaks_off_in_the_middle_of_a_message_loses_and_repeats_nothing(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any], name: str
) -> None:
    async with attached(youtube, notebook, **how) as (connector, reader):
        await until(lambda: youtube.streams.opened[name])
        for number in range(4):
            youtube.faults.stream_cut = 1
            await youtube.chat(ANN, f"line {number}")
            await asyncio.sleep(0.3)
        await until(lambda: len(reader.fresh()) == 4)
        assert [f"line {number}" for number in range(4)] == reader.fresh()
        assert [] == [i for i in reader.items if isinstance(i, Gap)]
        assert connector.problem is None


@both_ways
async def test_a_stream_that_is_refused_is_looked_into_and_the_chat_is_read_meanwhile(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any], name: str
) -> None:
    youtube.faults.stream_refused = 2
    async with attached(youtube, notebook, **how) as (connector, reader):
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        await until(lambda: youtube.streams.opened[name])
        assert connector.problem is None


@both_ways
async def test_a_stream_that_went_deaf_is_found_out(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any], name: str
) -> None:
    async with attached(youtube, notebook, **how) as (_, reader):
        await until(lambda: youtube.streams.opened[name])
        youtube.faults.is_stream_mute = True
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        youtube.faults.is_stream_mute = False
        await youtube.chat(ANN, "!prix")
        await until(lambda: len(reader.fresh()) == 2)
        assert ["!code", "!prix"] == reader.fresh()
        await until(lambda: sum(youtube.streams.opened.values()) == 2)


async def test_a_silent_chat_is_asked_after_now_and_then(youtube: YouTubeStandin, notebook: Notebook) -> None:
    async with attached(youtube, notebook):
        await until(lambda: youtube.streams.opened["grpc"])
        await asyncio.sleep(SILENCE * 0.1 + 0.5)
        assert (2, 1) == (looks(youtube), youtube.streams.opened["grpc"])


@both_ways
async def test_a_day_without_units_opens_no_stream(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any], name: str
) -> None:
    youtube.streams.lasts_s = 0.3
    async with attached(youtube, notebook, **how) as (connector, _):
        await until(lambda: youtube.streams.opened[name])
        youtube.quota.daily = youtube.quota.spent
        await until(lambda: connector.problem and "used up" in connector.problem)
        opened = dict(youtube.streams.opened)
        await asyncio.sleep(0.5)
        assert opened == youtube.streams.opened


async def test_a_stream_that_stays_open_leaves_the_units_to_what_is_said(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    async with attached(youtube, notebook, daily_units=1_000) as (connector, _):
        at_first = connector.capabilities.budget.messages
        await until(lambda: youtube.streams.opened["grpc"])
        await asyncio.sleep(2.0)
        assert connector.capabilities.budget.messages > at_first


page = st.fixed_dictionaries({"nextPageToken": st.text(), "items": st.lists(st.text())})


@given(pages=st.lists(page, max_size=4), piece=st.integers(1, 9), is_ascii=st.booleans())
def test_pages_are_found_wherever_the_bytes_are_cut(
    pages: list[dict[str, Any]], piece: int, is_ascii: bool
) -> None:
    content = json.dumps(pages, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    reader = JsonPages()
    found = [page for at in range(0, len(content), piece) for page in reader.feed(content[at : at + piece])]
    assert json.loads(content) == found


def test_what_is_no_page_is_refused() -> None:
    with pytest.raises(StreamFailed):
        JsonPages().feed(b"[{rubbish}")
    with pytest.raises(StreamFailed):
        read_page(b"\xff\xff\xff")


def test_a_frame_says_what_the_list_says() -> None:
    youtube = YouTubeStandin()
    page = youtube._chat.page(None, 10)
    youtube._chat.add(Chatter("UC1", "m", "@m", ("moderator",)), "bonjour ✨")
    youtube._chat.add(ANN, "merci", "superChatEvent")
    youtube.end_chat()
    page = youtube._chat.page(None, 10)
    read = read_page(write_page(page))
    assert page["nextPageToken"] == read["nextPageToken"]
    kinds = ["textMessageEvent", "superChatEvent", "chatEndedEvent"]
    assert kinds == [item["snippet"]["type"] for item in read["items"]]
    assert page["items"][0]["authorDetails"].items() >= read["items"][0]["authorDetails"].items()
    assert "bonjour ✨" == read["items"][0]["snippet"]["textMessageDetails"]["messageText"]
    assert "merci" == read["items"][1]["snippet"]["superChatDetails"]["userComment"]


def test_a_way_that_fails_rests_for_longer_each_time_and_gives_way_to_the_other() -> None:
    ways = Ways(Read.AUTO)
    assert Way.GRPC is ways.best(0.0)
    ways.failed(Way.GRPC, 0.0, is_missing=True)
    assert Way.HTTP is ways.best(1.0)
    for _ in range(STRIKES):
        ways.failed(Way.HTTP, 1.0)
    assert ways.best(2.0) is None
    assert Way.GRPC is ways.best(600.0)
    ways.failed(Way.GRPC, 600.0)
    ways.worked(Way.HTTP)
    assert Way.HTTP is ways.best(1_000.0)
    assert ways.best(599.0) is None
    assert Ways(Read.POLL).best(0.0) is None
    assert Way.HTTP is Ways(Read.STREAM, has_grpc=False).best(0.0)
