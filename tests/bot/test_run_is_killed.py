"""`bateleur run` as a real process, killed with SIGKILL in the middle of waves, and started again."""

import asyncio
import random
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.codes import draw_codes
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
    codes = draw_codes(3_000)
    live_id, offer_id = prepare(database, "twitch:100", codes)
    dice = random.Random(7)

    def holders() -> dict[str, str]:
        with database.unit(read_only=True) as unit:
            grants = unit.grants.list(offer_id)
        held = {grant.viewer_id: grant.code for grant in grants}
        assert len(grants) == len(held) == len(set(held.values()))
        return held

    async with TwitchStandin() as twitch:
        bot = Bot(twitch, url, tmp_path)
        before: dict[str, str] = {}
        number = 0
        for _ in range(3):
            await bot.start()
            wave = [f"v{n}" for n in range(number, number + 400)]
            number += 350  # some of the next wave have asked before
            killing = asyncio.create_task(_kill_later(bot, dice.uniform(0.05, 0.3)))
            for name in wave:
                await twitch.chat("100", viewer(name), "!code")
                if killing.done():
                    break
            await killing
            held = holders()
            assert before.items() <= held.items()
            before = held
        assert before, "every kill came before the first grant: the waves were not in the middle"

        # Started again it answers whoever was recorded, and goes on for all who ask.
        await bot.start()
        await until(lambda: _unanswered(database, live_id) == [])
        everyone = [f"v{n}" for n in range(number + 50)]
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


async def _kill_later(bot: Bot, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await bot.end(signal.SIGKILL)


def _unanswered(database: Any, live_id: int) -> list[Any]:
    with database.unit(read_only=True) as unit:
        return unit.asks.unanswered(live_id, datetime.now(UTC) - timedelta(hours=1))
