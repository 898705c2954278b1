"""A channel is named by its number; whoever writes its name is told the number, and nothing changes."""

import signal
from pathlib import Path

import pytest

from standins.twitch.server import TwitchStandin
from store.database import open_database
from tests.bot.program import Program, until


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ("twitch:shop", "open the live on its number, twitch:100."),
        ("twitch:Shop", "open the live on its number, twitch:100."),
        ("twitch:nobody", "There is no Twitch channel «nobody»: write its number"),
        ("twitch:no such&id=1", "There is no Twitch channel «no such&id=1»: write its number"),
        ("twitch:4242", "There is no Twitch channel with the number 4242"),
    ],
)
async def test_run_says_how_to_name_a_channel_and_ends(tmp_path: Path, channel: str, sentence: str) -> None:
    database = open_database(f"sqlite:///{tmp_path}/run.db")
    database.upgrade()
    with database.unit() as unit:
        unit.lives.add("Soirée", "fr", "Europe/Paris", (channel,))
    async with TwitchStandin(channels={"100": "shop"}) as twitch:
        program = on(twitch, tmp_path)
        await program.start()
        assert 1 == await program.wait()
        assert sentence in program.log().splitlines()[-1]
        assert "Traceback" not in program.log()
    with database.unit() as unit:
        (live,) = unit.lives.list()
    assert ((channel,), "planned") == (live.channels, live.state.value)
    database.close()


async def test_a_channel_that_does_not_exist_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/run.db")
    database.upgrade()
    with database.unit() as unit:
        unit.lives.add("Soirée", "fr", "Europe/Paris", ("twitch:4242", "twitch:100"))
    database.close()
    async with TwitchStandin() as twitch:
        program = on(twitch, tmp_path)
        await program.start()
        await until(lambda: twitch.eventsub.sessions_reading("100"))
        await until(lambda: "the number 4242" in program.log())
        assert 0 == await program.end(signal.SIGINT)


def on(twitch: TwitchStandin, folder: Path) -> Program:
    settings = {
        "DATABASE_URL": f"sqlite:///{folder}/run.db",
        "TWITCH__API_URL": twitch.api_url,
        "TWITCH__ID_URL": twitch.id_url,
        "TWITCH__EVENTSUB_URL": twitch.eventsub_url,
        "TWITCH__BOT_TOKEN": twitch.bot_token,
    }
    return Program(folder, settings)
