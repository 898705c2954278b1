"""`bateleur run` as a real process, killed with SIGKILL in the middle of waves, and started again."""

import asyncio
import random
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shops.codes import draw_codes
from standins.twitch.server import TwitchStandin
from store.database import open_database
from tests.bot.conftest import prepare, viewer
from tests.bot.program import Program, until


class Bot(Program):
    """The program on a stand-in Twitch and a SQLite file."""

    def __init__(self, twitch: TwitchStandin, url: str, folder: Path) -> None:
        self.twitch = twitch
        settings = {
            "DATABASE_URL": url,
            "TWITCH__API_URL": twitch.api_url,
            "TWITCH__ID_URL": twitch.id_url,
            "TWITCH__EVENTSUB_URL": twitch.eventsub_url,
            "TWITCH__BOT_TOKEN": twitch.bot_token,
        }
        super().__init__(folder, settings)

    async def start(self) -> None:
        """Start it, and wait until it reads the chat."""
        await super().start()
        await until(lambda: self.twitch.eventsub.sessions_reading("100"))

    async def end(self, number: int = signal.SIGTERM) -> int:
        """End it, and wait until Twitch has noticed."""
        code = await super().end(number)
        await until(lambda: not self.twitch.eventsub.sessions)
        return code


async def test_killed_in_the_middle_of_waves_it_loses_and_doubles_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/run.db"
    database = open_database(url)
    database.upgrade()
    codes = draw_codes(20_000)
    live_id, offer_id = prepare(database, "twitch:100", codes)
    dice = random.Random(7)

    def holders() -> dict[str, str]:
        with database.unit(read_only=True) as unit:
            grants = unit.grants.list(offer_id)
        held = {grant.viewer_id: grant.code for grant in grants}
        assert len(grants) == len(held) == len(set(held.values()))
        return held

    async def kill_after_a_grant(bot: Bot, count: int) -> None:
        await until(lambda: len(holders()) > count)
        await asyncio.sleep(dice.uniform(0.0, 0.3))
        await bot.end(signal.SIGKILL)

    async with TwitchStandin() as twitch:
        bot = Bot(twitch, url, tmp_path)
        before: dict[str, str] = {}
        asked = 0
        for _ in range(3):
            await bot.start()
            asked = max(0, asked - 50)  # some of this wave have asked before
            killing = asyncio.create_task(kill_after_a_grant(bot, len(before)))
            while not killing.done():
                await twitch.chat("100", viewer(f"v{asked}"), "!code")
                asked += 1
                await asyncio.sleep(0.001)
            await killing
            held = holders()
            assert before.items() < held.items()
            before = held

        # Started again it answers whoever was recorded, and goes on for all who ask.
        await bot.start()
        await until(lambda: _unanswered(database, live_id) == [])
        everyone = [f"v{n}" for n in range(asked)]
        for name in everyone:
            await twitch.chat("100", viewer(name), "!code")
        await until(lambda: len(holders()) == len(everyone))
        await until(lambda: _unanswered(database, live_id) == [])
        assert before.items() <= holders().items()
        assert 0 == await bot.end()
        assert {} == dict(twitch.violations)
        assert 0 == twitch.leaks(codes)
        log = bot.log()
        assert "Traceback" not in log
        assert twitch.bot_token not in log
        assert not any(code in log for code in codes)
    database.close()


def _unanswered(database: Any, live_id: int) -> list[Any]:
    with database.unit(read_only=True) as unit:
        return unit.asks.unanswered(live_id, datetime.now(UTC) - timedelta(hours=1))
