"""What each of Graph's errors leads to, and which live video is read when one has ended or is gone."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from connectors.facebook.account import FacebookAccount
from connectors.facebook.outcome import Gone, Refused, in_our_words, unreachable
from domain.chat import LiveEvent, LiveEventKind, Message, Viewer
from domain.errors import ActionRequired, Fault
from standins.facebook.server import FacebookStandin
from tests.connectors.facebook_page import ANN, attached, settings
from tests.connectors.reading import Notebook, Reader, until


@pytest.fixture
async def facebook() -> AsyncIterator[FacebookStandin]:
    async with FacebookStandin() as opened:
        yield opened
        assert {} == dict(opened.violations)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def refused(code: int, subcode: int = 0, *, status: int = 400, wait_s: float | None = None) -> Refused:
    return Refused(status, {"error": {"code": code, "error_subcode": subcode, "message": "no"}}, wait_s)


def events(reader: Reader) -> list[LiveEventKind]:
    return [item.kind for item in reader.items if isinstance(item, LiveEvent)]


@pytest.mark.parametrize(
    ("code", "subcode"),
    [(190, 458), (190, 459), (190, 460), (190, 463), (190, 464), (190, 467), (102, 0)],
)
def test_a_dead_token_needs_another_one(code: int, subcode: int) -> None:
    error = in_our_words(refused(code, subcode))
    assert isinstance(error, ActionRequired)
    assert "set BATELEUR_FACEBOOK__PAGE_TOKEN anew" in str(error)


@pytest.mark.parametrize("code", [3, 10, 200, 210, 299])
def test_a_missing_permission_is_named(code: int) -> None:
    error = in_our_words(refused(code))
    assert isinstance(error, ActionRequired)
    assert "pages_read_user_content" in str(error)


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80001, 80002, 80006])
def test_being_throttled_means_to_wait_as_long_as_facebook_says(code: int) -> None:
    for wait_s, expected in ((None, 60.0), (7.0, 60.0), (1_800.0, 1_800.0)):
        error = in_our_words(refused(code, wait_s=wait_s))
        assert isinstance(error, Fault)
        assert (True, expected) == (error.is_retryable, error.retry_after)


@pytest.mark.parametrize(("code", "status"), [(1, 400), (2, 400), (0, 500), (0, 502), (0, 503)])
def test_what_passes_is_tried_again(code: int, status: int) -> None:
    error = in_our_words(refused(code, status=status))
    assert isinstance(error, Fault)
    assert (True, None) == (error.is_retryable, error.retry_after)


def test_repetition_a_bad_parameter_and_what_is_gone_are_told_apart() -> None:
    repeated, policy, bad, gone = (
        in_our_words(refused(*codes)) for codes in ((506,), (368,), (100,), (100, 33))
    )
    assert isinstance(repeated, Fault) and not repeated.is_retryable
    assert isinstance(policy, Fault) and policy.retry_after == 3600.0
    assert isinstance(bad, Fault) and not bad.is_retryable
    assert isinstance(gone, Gone) and gone.is_retryable


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [(551, 0, True), (10902, 0, True), (10903, 0, True), (100, 2018292, True), (10, 2018278, True),
     (10, 0, False), (200, 0, False), (100, 0, False), (32, 0, False), (2, 0, False)],
)  # fmt: skip
def test_a_viewer_is_beyond_reach_only_when_facebook_says_never(
    code: int, subcode: int, expected: bool
) -> None:
    assert expected is unreachable(refused(code, subcode))


async def test_several_live_videos_at_once_are_told_in_a_sentence(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    facebook.also_live = ["920"]
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    with pytest.raises(ActionRequired, match=r"facebook:911 .* facebook:920"):
        await connector.connect()


async def test_a_live_video_begun_anew_is_found_and_read_from_where_the_old_one_ended(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook) as (connector, reader):
        await facebook.chat(ANN, "before")
        await until(reader.fresh)
        facebook.status = "LIVE_STOPPED"
        await until(lambda: events(reader) == [LiveEventKind.ENDED])
        facebook.broadcast_anew("920")
        await facebook.chat(ANN, "!code, at once")
        await until(lambda: "!code, at once" in reader.fresh())
        assert [LiveEventKind.ENDED, LiveEventKind.STARTED] == events(reader)
        assert (await connector.send("499,99 €")).is_sure
        assert "920" == connector.live_id
        assert ["before", "!code, at once"] == reader.fresh()


async def test_a_live_video_that_was_deleted_has_ended(facebook: FacebookStandin, notebook: Notebook) -> None:
    async with attached(facebook, notebook) as (_, reader):
        facebook.live_id, facebook.status = "gone", "VOD"
        await until(lambda: events(reader) == [LiveEventKind.ENDED])


async def test_a_live_video_that_comes_back_is_told_to_be_on(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    async with attached(facebook, notebook) as (_, reader):
        facebook.status = "LIVE_STOPPED"
        await until(lambda: events(reader) == [LiveEventKind.ENDED])
        facebook.status = "LIVE"
        await until(lambda: events(reader) == [LiveEventKind.ENDED, LiveEventKind.STARTED])
        await facebook.chat(ANN, "!code")
        await until(reader.fresh)


async def test_private_replies_slow_down_before_the_calls_are_used_up(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    connector = FacebookAccount(settings(facebook, poll_s=0.2), notebook).channel(facebook.page_id)
    await connector.connect()
    ids = [await facebook.chat(ANN, "!code") for _ in range(8)]
    facebook.usage.calls_allowed = 12
    waited = []
    for id in ids:
        began = time.monotonic()
        viewer = Viewer("facebook", ANN.id, ANN.name, ANN.name)
        await connector.send_private(Message(id, connector.channel, viewer, "", datetime.now(UTC)), "K3M9XQ")
        waited.append(time.monotonic() - began > 0.2)
    assert waited == sorted(waited)
    assert waited[-1] and not waited[0]
