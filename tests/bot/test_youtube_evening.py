"""An evening on YouTube: asked in the chat, answered inside the day's units, found on the claim page."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from connectors.youtube.settings import YouTubeSettings
from domain.show import LiveState
from shops.codes import draw_codes
from standins.people import Chatter
from standins.youtube.server import YouTubeStandin
from store.database import Database, open_database
from tests.bot.conftest import prepare
from tests.bot.test_facebook_evening import Run, grants
from tests.bot.test_run_is_killed import until

CHANNEL = "youtube:video1"
CROWD = [Chatter(f"UC{number}", f"viewer{number}", f"@viewer{number}") for number in range(200)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/evening.db")
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
async def youtube() -> AsyncIterator[YouTubeStandin]:
    async with YouTubeStandin() as opened:
        opened.polling_ms = 200
        yield opened
        assert {} == dict(opened.violations)


def settings(youtube: YouTubeStandin) -> Settings:
    own = YouTubeSettings(
        client_id="client",
        client_secret=SecretStr("secret"),
        refresh_token=SecretStr(youtube.refresh_token),
        api_url=youtube.api_url,
        token_url=youtube.token_url,
        stream_target=youtube.stream_target,
        least_poll_s=0.2,
        daily_units=10_000_000,  # the stand-in holds to its own, and a test need not wait as a day does
    )
    page = {"public_url": "https://live.example", "secret_key": SecretStr("a long random text")}
    return Settings(_env_file=None, youtube=own, **page)


async def test_a_crowd_is_told_in_a_message_or_two_where_their_codes_are(
    database: Database, youtube: YouTubeStandin
) -> None:
    codes = draw_codes(300)
    _, offer_id = prepare(database, CHANNEL, codes)
    async with Run(database, settings(youtube)):
        for viewer in CROWD:
            await youtube.chat(viewer, "!code")
        await until(lambda: len(grants(database, offer_id)) == len(CROWD))
        await until(lambda: youtube.said)
        assert len(youtube.said) <= 2
        assert "https://live.example/c/1" in youtube.said[0].text
        assert 0 == youtube.leaks(codes)
        holders = {grant.viewer_id: grant.code for grant in grants(database, offer_id)}
        assert len(CROWD) == len(holders) == len(set(holders.values()))


async def test_a_day_without_units_loses_no_grant_and_says_nothing_more(
    database: Database, youtube: YouTubeStandin
) -> None:
    _, offer_id = prepare(database, CHANNEL, draw_codes(10))
    async with Run(database, settings(youtube)) as evening:
        await youtube.chat(CROWD[0], "!code")
        await until(lambda: len(grants(database, offer_id)) == 1)
        await until(lambda: youtube.said)
        youtube.quota.daily = youtube.quota.spent
        connector = evening.speakers[CHANNEL].connector
        await until(lambda: connector.problem and "used up" in connector.problem)
    assert 1 == len(grants(database, offer_id))


async def test_the_end_of_the_broadcast_closes_the_live(database: Database, youtube: YouTubeStandin) -> None:
    live_id, _ = prepare(database, CHANNEL, draw_codes(10))

    def state() -> LiveState:
        with database.unit(read_only=True) as unit:
            live = unit.lives.get(live_id)
        assert live is not None
        return live.state

    async with Run(database, settings(youtube)):
        youtube.end_chat()
        await until(lambda: state() is LiveState.CLOSED)


async def test_names_full_of_emoji_fit_in_two_hundred_characters_as_youtube_counts_them(
    database: Database, youtube: YouTubeStandin
) -> None:
    prepare(database, CHANNEL, draw_codes(30))
    festive = [Chatter(f"UC{n}", f"v{n}", "@" + "🎉" * 12 + str(n)) for n in range(20)]
    async with Run(database, settings(youtube)):
        for viewer in festive:
            await youtube.chat(viewer, "!code")
        await until(lambda: youtube.said)
    assert all(len(line.text.encode("utf-16-le")) <= 2 * 200 for line in youtube.said)
