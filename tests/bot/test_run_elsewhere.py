"""`bateleur run` on a server that is not our stand-in, given a bot token and nothing else."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.codes import draw_codes
from store.database import open_database
from tests.bot.conftest import prepare
from tests.bot.test_run_is_killed import until
from tests.connectors.conftest import TerseTwitch

CROWD = 3_000


async def test_thousands_ask_at_the_same_second_and_each_is_granted_one_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/run.db"
    database = open_database(url)
    database.upgrade()
    codes = draw_codes(CROWD + 100)
    live_id, offer_id = prepare(database, "twitch:100", codes)
    twitch = TerseTwitch()
    await twitch.start()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BATELEUR_")}
    environment |= {
        "BATELEUR_DATABASE_URL": url,
        "BATELEUR_TWITCH__API_URL": f"http://{twitch.url}/helix",
        "BATELEUR_TWITCH__ID_URL": f"http://{twitch.url}",
        "BATELEUR_TWITCH__EVENTSUB_URL": f"ws://{twitch.url}/ws",
        "BATELEUR_TWITCH__BOT_TOKEN": "t0",
    }
    twitch.welcome = {"keepalive_timeout_seconds": 60}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=tmp_path, env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await until(lambda: twitch.count("channel.chat.message"))
        await twitch.emit(*(twitch.chat("!code", f"m{n}", chatter=f"{1000 + n}") for n in range(CROWD)))

        def granted() -> tuple[int, int]:
            with database.unit(read_only=True) as unit:
                return unit.grants.count(live_id)

        await until(lambda: granted()[0] == CROWD)
        await until(lambda: twitch.said)
        await asyncio.sleep(1.0)
        with database.unit(read_only=True) as unit:
            grants = unit.grants.list(offer_id)
        assert CROWD == len({grant.viewer_id for grant in grants}) == len({grant.code for grant in grants})
        # Not known to be a moderator: 20 messages in half a minute; and a crowd needs but one or two.
        assert len(twitch.said) <= 5
        assert not any(code in said["message"] for said in twitch.said for code in codes)
    finally:
        process.send_signal(signal.SIGTERM)
        assert 0 == await process.wait()
        await twitch.stop()
        database.close()
