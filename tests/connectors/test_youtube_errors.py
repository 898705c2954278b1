"""What each of YouTube's errors leads to, and which broadcast is read when one has ended or is lost."""

import asyncio
import gc
import warnings
from functools import partial
from typing import Any

import pytest

from connectors.youtube.api import Api
from connectors.youtube.outcome import Refused, in_our_words
from connectors.youtube.ways import Read
from domain.chat import LiveEvent, LiveEventKind
from domain.errors import ActionRequired, Fault
from standins.youtube.server import YouTubeStandin
from tests.connectors.reading import Notebook, Reader, until
from tests.connectors.youtube_chat import ANN, account, attached

PASSING = (
    "authError", "rateLimitExceeded", "userRateLimitExceeded", "userRequestsExceedRateLimit", "forbidden",
    "insufficientPermissions", "insufficientLivePermissions", "liveStreamingNotEnabled", "backendError",
    "internalError", "preconditionCheckFailed", "pageTokenInvalid", "invalidPageToken", "liveChatNotFound",
    "videoNotFound", "liveBroadcastNotFound", "liveChatDisabled", "somethingNew",
)  # fmt: skip


def events(reader: Reader) -> list[LiveEventKind]:
    return [item.kind for item in reader.items if isinstance(item, LiveEvent)]


@pytest.mark.parametrize("how", [{"read": Read.POLL}, {}], ids=["looks", "stream"])
@pytest.mark.parametrize("reason", PASSING)
async def test_reading_goes_on_after_any_refusal_that_does_not_end_the_chat(
    youtube: YouTubeStandin, notebook: Notebook, reason: str, how: dict[str, Any]
) -> None:
    async with attached(youtube, notebook, **how) as (connector, reader):
        youtube.streams.lasts_s = 0.3
        youtube.faults.refusals = [reason]
        await until(lambda: not youtube.faults.refusals)
        await until(lambda: connector.problem is None)
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        assert ["!code"] == reader.fresh()
        assert [] == events(reader)


@pytest.mark.parametrize("reason", ["quotaExceeded", "dailyLimitExceeded"])
async def test_without_units_nothing_is_called_until_the_day_is_over(
    youtube: YouTubeStandin, notebook: Notebook, reason: str
) -> None:
    async with attached(youtube, notebook, read=Read.POLL) as (connector, _):
        youtube.faults.refusals = [reason]
        await until(lambda: connector.problem and "used up" in connector.problem)
        spent = youtube.quota.spent
        with pytest.raises(Fault, match="used up"):
            await connector.send("499,99 €")
        assert spent == youtube.quota.spent


@pytest.mark.parametrize(
    ("status", "reason", "sentence"),
    [
        (401, "authError", "run `bateleur login youtube` again"),
        (403, "liveChatDisabled", "switch it on in YouTube Studio"),
        (403, "forbidden", "check the account's rights"),
        (403, "insufficientPermissions", "check the account's rights"),
        (403, "insufficientLivePermissions", "check the account's rights"),
        (403, "liveStreamingNotEnabled", "check the account's rights"),
    ],
)
def test_what_a_person_must_mend_is_told_in_a_sentence(status: int, reason: str, sentence: str) -> None:
    error = in_our_words(Refused(status, reason, reason), 3600.0)
    assert isinstance(error, ActionRequired)
    assert sentence in str(error)


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (403, "quotaExceeded", (True, 3600.0)),
        (403, "dailyLimitExceeded", (True, 3600.0)),
        (403, "rateLimitExceeded", (True, 5.0)),
        (403, "userRateLimitExceeded", (True, 5.0)),
        (403, "userRequestsExceedRateLimit", (True, 5.0)),
        (429, "", (True, 5.0)),
        (403, "liveChatEnded", (True, None)),
        (404, "liveChatNotFound", (True, None)),
        (503, "backendError", (True, None)),
        (500, "internalError", (True, None)),
        (400, "messageTextInvalid", (False, None)),
        (400, "messageTextRequired", (False, None)),
        (400, "preconditionCheckFailed", (False, None)),
    ],
)
def test_what_passes_is_tried_again_and_what_is_wrong_is_not(
    status: int, reason: str, expected: tuple[bool, float | None]
) -> None:
    error = in_our_words(Refused(status, reason, reason), 3600.0)
    assert isinstance(error, Fault)
    assert expected == (error.is_retryable, error.retry_after)


async def test_a_broadcast_begun_anew_is_found_and_read_from_where_the_old_one_ended(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    async with attached(youtube, notebook, id=youtube.bot.id) as (connector, reader):
        await youtube.chat(ANN, "before")
        await until(reader.fresh)
        youtube.end_chat()
        await until(lambda: events(reader) == [LiveEventKind.ENDED])
        youtube.broadcast_anew("video2", "chat2")
        await youtube.chat(ANN, "!code, at once")
        await until(lambda: "!code, at once" in reader.fresh())
        assert [LiveEventKind.ENDED, LiveEventKind.STARTED] == events(reader)
        assert "video2" == connector.video_id
        assert (await connector.send("499,99 €")).is_sure
        assert ["before", "!code, at once"] == reader.fresh()


async def test_a_broadcast_given_up_for_another_is_followed_without_an_end(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    async with attached(youtube, notebook, id=youtube.bot.id, read=Read.POLL) as (_, reader):
        youtube.broadcast_anew("video2", "chat2")
        await youtube.chat(ANN, "!code")
        await until(reader.fresh)
        assert [] == events(reader)


async def test_a_video_that_is_gone_has_ended_and_costs_little(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    async with attached(youtube, notebook) as (connector, reader):
        youtube.end_chat()
        await until(lambda: events(reader))
        spent = youtube.quota.spent
        await until(lambda: connector.problem and "no broadcast on" in connector.problem)
        with pytest.raises(Fault, match="over or gone"):
            await connector.send("499,99 €")
        assert youtube.quota.spent <= spent + 2
        assert [LiveEventKind.ENDED] == events(reader)


async def test_two_broadcasts_at_once_share_the_units(youtube: YouTubeStandin, notebook: Notebook) -> None:
    one = account(youtube, notebook)
    await one.attach("youtube:video1")
    one.settings.daily_units = one.spent + 3_000
    alone = one.plan(2.0)
    await one.attach("youtube:video2")
    both = one.plan(2.0)
    assert both.look_s > 1.5 * alone.look_s
    await one.detach("youtube:video2")
    assert round(alone.look_s, 1) == round(one.plan(2.0).look_s, 1)


async def test_a_call_that_begins_after_all_was_closed_leaves_no_connection_open(
    youtube: YouTubeStandin, notebook: Notebook
) -> None:
    api = Api(account(youtube, notebook).settings)
    read = partial(api.read, "videos", part="snippet", id="video1")
    await asyncio.to_thread(read)
    api.close()
    await asyncio.to_thread(read)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        del api, read
        gc.collect()
    assert not [one for one in told if one.category is ResourceWarning]
