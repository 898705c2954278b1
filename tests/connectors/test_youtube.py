"""A broadcast's chat, read and written with Google's own client through everything YouTube may do."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from structlog.testing import capture_logs

from connectors.youtube.checks import check_account
from connectors.youtube.quota import LOOK, MESSAGE, day_of, plan, seconds_to_reset
from connectors.youtube.settings import STREAM_TARGET
from connectors.youtube.ways import Read
from domain.chat import Gap, LiveEvent, LiveEventKind, Role
from domain.errors import ActionRequired, Fault
from domain.ports import Sent
from standins.people import Chatter
from standins.youtube.server import YouTubeStandin
from tests.connectors.reading import Notebook, until
from tests.connectors.youtube_chat import ANN, account, attached


@pytest.fixture(params=["looks", "gRPC", "chunked JSON"])
def how(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each way in which a chat can be read, as settings."""
    ways: dict[str, dict[str, Any]] = {
        "looks": {"read": Read.POLL},
        "gRPC": {},
        "chunked JSON": {"stream_target": STREAM_TARGET},
    }
    return ways[str(request.param)]


async def test_the_chat_is_read_once_each_after_its_history(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    await youtube.chat(ANN, "!code, an hour ago")
    async with attached(youtube, notebook, **how) as (_, reader):
        youtube.faults.duplicated = 1
        for number in range(30):
            await youtube.chat(ANN, f"line {number}")
        await until(lambda: len(reader.fresh()) == 30)
        assert [f"line {number}" for number in range(30)] == reader.fresh()
        assert ["!code, an hour ago"] == [i.text for i in reader.items if i.is_backfill]


async def test_a_run_that_follows_at_once_misses_nothing(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    await youtube.chat(ANN, "history")
    async with attached(youtube, notebook, **how):
        pass
    await youtube.chat(ANN, "written meanwhile")
    async with attached(youtube, notebook, **how) as (_, reader):
        await until(reader.fresh)
        assert ["written meanwhile"] == reader.fresh()


async def test_roles_are_youtubes_and_super_chats_are_read(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    people = {
        "viewer": Chatter("UC1", "v", "@v"),
        "subscriber": Chatter("UC2", "s", "@s", ("subscriber",)),
        "moderator": Chatter("UC3", "m", "@m", ("moderator",)),
        "owner": youtube.owner,
    }
    async with attached(youtube, notebook, **how) as (_, reader):
        for text, who in people.items():
            await youtube.chat(who, text)
        await youtube.super_chat(ANN, "!code")
        await until(lambda: len(reader.fresh()) == 5)
        assert "!code" == reader.items.pop().text
        assert {name: Role[name.upper()] for name in people} == {i.text: i.author.role for i in reader.items}
        assert "v" == reader.items[0].author.handle


async def test_a_page_token_that_is_refused_leaves_a_gap_and_answers_nothing_old(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    async with attached(youtube, notebook, **how) as (_, reader):
        await youtube.chat(ANN, "before")
        await until(reader.fresh)
        youtube.faults.token_refused = 1
        await until(lambda: [i for i in reader.items if isinstance(i, Gap)])
        await youtube.chat(ANN, "after")
        await until(lambda: "after" in reader.fresh())
        assert ["before", "after"] == reader.fresh()


@pytest.mark.parametrize("fault", ["broken", "unauthorized", "rate_limited", "forbidden"])
async def test_reading_goes_on_after_a_failure_and_loses_nothing(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any], fault: str
) -> None:
    async with attached(youtube, notebook, **how) as (connector, reader):
        setattr(youtube.faults, fault, 1)
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        assert ["!code"] == reader.fresh()
        await until(lambda: connector.problem is None)


async def test_slow_answers_lose_nothing(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    async with attached(youtube, notebook, **how) as (_, reader):
        youtube.faults.slow_s = 0.3
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        assert ["!code"] == reader.fresh()


async def test_the_end_of_the_chat_is_told_once(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    async with attached(youtube, notebook, **how) as (_, reader):
        youtube.end_chat()
        await until(lambda: [i for i in reader.items if isinstance(i, LiveEvent)])
        await asyncio.sleep(0.5)
        assert [LiveEventKind.ENDED] == [i.kind for i in reader.items if isinstance(i, LiveEvent)]


async def test_an_encoder_that_drops_ends_nothing(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    async with attached(youtube, notebook, **how) as (_, reader):
        youtube.offline_at = "2026-11-23T21:00:00Z"
        await youtube.chat(ANN, "still here")
        await until(reader.fresh)
        assert [] == [i for i in reader.items if isinstance(i, LiveEvent)]
        youtube.life_cycle = "complete"
        await until(lambda: [i for i in reader.items if isinstance(i, LiveEvent)])


async def test_our_own_lines_are_not_heard(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    async with attached(youtube, notebook, **how) as (connector, reader):
        assert (await connector.send("499,99 €")).is_sure
        await youtube.chat(ANN, "!prix")
        await until(reader.fresh)
        assert ["!prix"] == reader.fresh()


async def test_a_line_with_an_open_fate_is_found_again_and_not_repeated(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    async with attached(youtube, notebook, **how) as (connector, _):
        youtube.faults.broken_after_taking = 1
        assert (await connector.send("499,99 €")).is_sure
        youtube.faults.hidden, youtube.faults.broken_after_taking = 1, 1
        assert Sent("", is_sure=False) == await connector.send("449,99 €")
        assert 2 == len(youtube.said)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"refresh_token": None}, "set BATELEUR_YOUTUBE__REFRESH_TOKEN"),
        ({"refresh_token": SecretStr("dead")}, "run `bateleur login youtube` again"),
        ({"api_url": "http://127.0.0.1:1"}, "cannot be reached"),
    ],
)
async def test_a_login_that_does_not_work_is_told_in_a_sentence(
    youtube: YouTubeStandin, notebook: Notebook, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises((ActionRequired, Fault), match=sentence):
        await account(youtube, notebook, **change).channel("video1").connect()


@pytest.mark.parametrize(
    ("id", "sentence"),
    [("nothing", "no YouTube video «nothing»"), ("UCother", "not the channel that is logged in")],
)
async def test_a_broadcast_that_is_not_there_is_told_in_a_sentence(
    youtube: YouTubeStandin, notebook: Notebook, id: str, sentence: str
) -> None:
    with pytest.raises(ActionRequired, match=sentence):
        await account(youtube, notebook).channel(id).connect()


async def test_several_broadcasts_or_none_are_told_apart(youtube: YouTubeStandin, notebook: Notebook) -> None:
    youtube.broadcasts["video2"] = "chat2"
    with pytest.raises(ActionRequired, match=r"youtube:video1 .* youtube:video2"):
        await account(youtube, notebook).channel(youtube.bot.id).connect()
    youtube.life_cycle = "ready"
    with pytest.raises(Fault, match="no broadcast on"):
        await account(youtube, notebook).channel(youtube.bot.id).connect()


async def test_a_chat_that_is_disabled_is_told_in_a_sentence(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    youtube.faults.is_disabled = True
    with pytest.raises(ActionRequired, match="switch it on in YouTube Studio"):
        await account(youtube, notebook).channel("video1").connect()


async def test_a_day_without_units_stops_every_call_until_it_is_over(
    youtube: YouTubeStandin, notebook: Notebook, how: dict[str, Any]
) -> None:
    async with attached(youtube, notebook, **how) as (connector, reader):
        youtube.quota.daily = youtube.quota.spent
        with pytest.raises(Fault, match="used up") as fault:
            await connector.send("499,99 €")
        assert fault.value.is_retryable
        assert 0 < (fault.value.retry_after or 0) <= 25 * 3600
        await until(lambda: connector.problem and "used up" in connector.problem)
        await asyncio.sleep(0.3)
        assert [] == reader.fresh()


async def test_units_are_counted_before_they_are_spent_and_for_every_process(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    async with attached(youtube, notebook) as (connector, _):
        await connector.send("499,99 €")
    spent = notebook.counts[f"units of {day_of(datetime.now(UTC))}"]
    assert spent == youtube.quota.spent
    another = account(youtube, notebook)
    await another.check()
    await another.rest()
    assert spent + 1 == another.spent == youtube.quota.spent


@given(units=st.integers(0, 20_000), left_s=st.floats(60, 12 * 3600), wanted=st.floats(0.5, 10))
def test_a_plan_never_costs_more_than_there_is(units: int, left_s: float, wanted: float) -> None:
    made = plan(units, left_s, wanted)
    assert made.look_s >= wanted
    assert made.messages >= 0
    assert 1 <= made.budget.messages or made.messages == 0
    if made.look_s < 60:
        assert LOOK * left_s / made.look_s + MESSAGE * made.messages <= units + MESSAGE


def test_a_day_of_plenty_is_read_as_fast_as_youtube_allows() -> None:
    assert 2.0 == plan(10_000, 1800, 2.0).look_s
    slow = plan(10_000, 4 * 3600, 2.0)
    assert 2.0 < slow.look_s < 20.0
    assert slow.messages >= 200


def test_the_day_ends_at_midnight_in_california() -> None:
    assert "2026-11-22" == day_of(datetime(2026, 11, 23, 7, 59, tzinfo=UTC))
    assert "2026-11-23" == day_of(datetime(2026, 11, 23, 8, 1, tzinfo=UTC))
    assert 60.0 == seconds_to_reset(datetime(2026, 11, 23, 7, 59, tzinfo=UTC))


def test_what_is_given_up_is_told_again_when_it_becomes_much_more() -> None:
    plenty, short, shorter = plan(9_000, 1_800, 5.0), plan(2_000, 7_200, 5.0), plan(700, 7_200, 5.0)
    assert [False, True, True] == [one.gives_up(5.0) for one in (plenty, short, shorter)]
    assert not short.is_much_less_than(short)
    assert shorter.is_much_less_than(short)
    assert not short.is_much_less_than(shorter)
    assert f"and {short.messages} messages may be said" in short.in_words()


async def test_the_operator_is_told_what_is_given_up_before_the_units_are_gone(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    youtube.quota.daily = 1_000
    with capture_logs() as log:
        async with attached(youtube, notebook, daily_units=1_000) as (connector, _):
            connector.plan_until(datetime.now(UTC) + timedelta(hours=3))
            await youtube.chat(ANN, "!prix")
            await until(lambda: connector.problem)
            assert "units are short: the chat is looked at each" in (connector.problem or "")
            assert youtube.quota.spent < 100
    (told,) = [line for line in log if line["event"] == "youtube_units_short"]
    assert "messages may be said" in told["plan"]


async def test_doctor_says_what_an_evening_is_like_with_the_units_that_are_left(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    settings = account(youtube, notebook, daily_units=1_000).settings
    (units,) = [c for c in await check_account(settings, [], notebook) if c.name == "youtube units"]
    assert units.ok
    assert "the chat is looked at each 60 s, and" in units.sentence
