"""`bateleur login twitch` and `bateleur doctor` against a Twitch on loopback, as real processes."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from standins.twitch.server import TwitchStandin
from store.database import open_database


async def typed(folder: Path, twitch: TwitchStandin, *words: str, **settings: str) -> tuple[int, str, str]:
    """`bateleur …` in `folder`; its exit code, standard output and standard error."""
    own = {
        "DATABASE_URL": f"sqlite:///{folder}/b.db",
        "TWITCH__API_URL": twitch.api_url,
        "TWITCH__ID_URL": twitch.id_url,
        "TWITCH__EVENTSUB_URL": twitch.eventsub_url,
        **settings,
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BATELEUR_")}
    environment |= {f"BATELEUR_{name}": value for name, value in own.items()} | {"COLUMNS": "200"}
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=folder, env=environment, **pipes
    )
    async with asyncio.timeout(60):
        out, error = await process.communicate()
    assert "Traceback" not in error.decode()
    return process.returncode or 0, out.decode(), error.decode()


async def doctor(folder: Path, twitch: TwitchStandin, **settings: str) -> dict[str, Any]:
    """What `doctor` says of each part."""
    code, out, _ = await typed(folder, twitch, "doctor", "--json", **settings)
    rows = json.loads(out)
    assert code == int(not all(row["works"] for row in rows))
    return {row["part"]: row for row in rows}


async def test_the_bot_logs_in_by_a_code_and_doctor_finds_it_well(tmp_path: Path) -> None:
    async with TwitchStandin() as twitch:
        twitch.id.interval_s = 1
        secret = {"SECRET_KEY": "a long random text", "TWITCH__CLIENT_ID": "client"}

        async def approve() -> None:
            while not twitch.id.devices:
                await asyncio.sleep(0.05)
            twitch.id.approve("900")

        approving = asyncio.create_task(approve())
        code, out, said = await typed(tmp_path, twitch, "login", "twitch", **secret)
        await approving
        assert 0 == code, said
        assert "Logged in as bateleur" in out
        assert "https://www.twitch.tv/activate" in said
        await typed(tmp_path, twitch, "live", "open", "Soirée", "--channel", "twitch:100", **secret)
        parts = await doctor(tmp_path, twitch, **secret)
        assert all(part["works"] for part in parts.values()), parts
        assert "twitch channel 100" in parts
        kept = open_database(f"sqlite:///{tmp_path}/b.db", secret_key="a long random text")
        with kept.unit() as unit:
            token = unit.tokens.load("twitch", "bot")
        kept.close()
        assert token is not None
        assert token.access not in out + said


async def test_doctor_names_what_does_not_work_and_how_to_mend_it(tmp_path: Path) -> None:
    async with TwitchStandin() as twitch:
        bot = {"TWITCH__BOT_TOKEN": twitch.bot_token}
        await typed(tmp_path, twitch, "live", "open", "Soirée", "--channel", "twitch:4242", **bot)
        missing = (await doctor(tmp_path, twitch, **bot))["twitch channel 4242"]
        assert not missing["works"]
        assert "twitch:12345" in missing["what"]
        scopeless, _ = twitch.id.issue("900", scopes=("user:read:chat",))
        token = (await doctor(tmp_path, twitch, TWITCH__BOT_TOKEN=scopeless))["twitch token"]
        assert not token["works"]
        assert "user:write:chat" in token["what"]
        dead = (await doctor(tmp_path, twitch, TWITCH__BOT_TOKEN="rubbish"))["twitch token"]
        assert "bateleur login twitch" in dead["what"]
        away = {**bot, "TWITCH__EVENTSUB_URL": "ws://127.0.0.1:1/ws"}
        chat = (await doctor(tmp_path, twitch, **away))["twitch chat"]
        assert "BATELEUR_TWITCH__EVENTSUB_URL" in chat["what"]


async def test_run_says_what_is_wrong_with_a_channel_or_a_token(tmp_path: Path) -> None:
    async with TwitchStandin() as twitch:
        bot = {"TWITCH__BOT_TOKEN": twitch.bot_token}
        await typed(tmp_path, twitch, "live", "open", "Soirée", "--channel", "twitch:4242", **bot)
        code, _, said = await typed(tmp_path, twitch, "run", **bot)
        assert 1 == code
        assert "twitch:4242" in said
        scopeless, _ = twitch.id.issue("900", scopes=("user:read:chat",))
        code, _, said = await typed(tmp_path, twitch, "run", TWITCH__BOT_TOKEN=scopeless)
        assert 1 == code
        assert "user:write:chat" in said


async def test_doctor_says_when_unique_codes_cannot_reach_their_viewers(tmp_path: Path) -> None:
    async with TwitchStandin() as twitch:
        bot = {"TWITCH__BOT_TOKEN": twitch.bot_token}
        await typed(tmp_path, twitch, "live", "open", "Soirée", "--channel", "twitch:100", **bot)
        offer = ("offer", "add", "1", "--kind", "unique", "--percent", "20", "--count", "5")
        await typed(tmp_path, twitch, *offer, **bot)
        way = (await doctor(tmp_path, twitch, **bot))["codes to twitch:100"]
        assert not way["works"]
        assert "BATELEUR_PUBLIC_URL" in way["what"]
        page = {
            **bot,
            "PUBLIC_URL": "https://live.example",
            "SECRET_KEY": "a long random text",
            "TWITCH__CLIENT_ID": "client",
            "TWITCH__CLIENT_SECRET": "secret",
        }
        assert (await doctor(tmp_path, twitch, **page))["codes to twitch:100"]["works"]
