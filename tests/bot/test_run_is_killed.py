"""`bateleur run` as a real process, killed with SIGKILL in the middle of waves, and started again."""

import asyncio
import os
import random
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.codes import draw_codes
from standins.twitch.server import TwitchStandin
from store.database import open_database
from tests.bot.conftest import prepare, viewer

PATIENCE_S = 60.0


class Bot:
    """The program, run as the retailer runs it, on a stand-in Twitch and a SQLite file."""

    def __init__(self, twitch: TwitchStandin, url: str, folder: Path) -> None:
        self.twitch = twitch
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BATELEUR_")},
            "BATELEUR_DATABASE_URL": url,
            "BATELEUR_TWITCH__API_URL": twitch.api_url,
            "BATELEUR_TWITCH__ID_URL": twitch.id_url,
            "BATELEUR_TWITCH__EVENTSUB_URL": twitch.eventsub_url,
            "BATELEUR_TWITCH__BOT_TOKEN": twitch.bot_token,
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and wait until it reads the chat."""
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=self.folder, env=self.environment, stderr=log
            )
        await until(lambda: self.twitch.eventsub.sessions_reading("100"))

    async def kill(self) -> None:
        """End it as the kernel does, and wait until Twitch has noticed."""
        await self.end(signal.SIGKILL)

    async def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = await self.process.wait()
        await until(lambda: not self.twitch.eventsub.sessions)
        return code


async def until(is_so: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.02)


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
        log = (tmp_path / "log").read_text()
        assert "Traceback" not in log
        assert twitch.bot_token not in log
        assert not any(code in log for code in codes)
    database.close()


async def _kill_later(bot: Bot, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await bot.kill()


def _unanswered(database: Any, live_id: int) -> list[Any]:
    with database.unit(read_only=True) as unit:
        return unit.asks.unanswered(live_id, datetime.now(UTC) - timedelta(hours=1))
