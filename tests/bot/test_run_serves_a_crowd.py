"""`bateleur run` with a token and nothing else, on a server that is not our stand-in: 3,000 viewers at once.

The server answers 404 to all that a bot can do without, tells no scopes, and sends no badges.
"""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from shops.codes import draw_codes
from standins.twitch.limits import SendLimits
from store.database import Database, open_database
from tests.bot.conftest import prepare
from tests.bot.program import Program, until
from tests.connectors.conftest import TerseTwitch

VIEWERS = 3_000
TOKEN = "a-token-and-nothing-else"


class StrictTwitch(TerseTwitch):
    """Terse, and counts each message beyond the limits."""

    def __init__(self, *, is_moderator: bool) -> None:
        super().__init__()
        self.tokens = {TOKEN}
        self.welcome = {"keepalive_timeout_seconds": 600}
        self.is_moderator = is_moderator
        self.violations: Counter[str] = Counter()
        self._limits = SendLimits(self.violations)

    async def _say(self, request: web.Request) -> web.Response:
        body = await request.json()
        now = time.monotonic()
        self._limits.refuse(body["broadcaster_id"], body["message"], now, is_moderator=self.is_moderator)
        return await super()._say(request)

    async def wave(self, text: str, *names: str) -> None:
        """Each of `names` writes `text`, in the same second."""
        await self.emit(*(self.chat(text, f"{text} {name}", chatter=name) for name in names))

    def words(self) -> str:
        return "\n".join(str(said["message"]) for said in self.said)


@pytest.fixture
def database(tmp_path: Path) -> Any:
    opened = open_database(f"sqlite:///{tmp_path}/crowd.db")
    opened.upgrade()
    yield opened
    opened.close()


@pytest.mark.parametrize("is_moderator", [False, True])
async def test_3000_who_ask_at_once_are_granted_and_answered_once_each_within_the_limits(
    tmp_path: Path, database: Database, *, is_moderator: bool
) -> None:
    codes = draw_codes(VIEWERS + 100)
    live_id, offer_id = prepare(database, "twitch:100", codes)
    twitch = StrictTwitch(is_moderator=is_moderator)
    await twitch.start()
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/crowd.db",
        "TWITCH__API_URL": f"http://{twitch.url}/helix",
        "TWITCH__ID_URL": f"http://{twitch.url}",
        "TWITCH__EVENTSUB_URL": f"ws://{twitch.url}/ws",
        "TWITCH__BOT_TOKEN": TOKEN,
    }
    program = Program(tmp_path, settings)

    def holders() -> list[str]:
        with database.unit(read_only=True) as unit:
            grants = unit.grants.list(offer_id)
        assert len(grants) == len({grant.code for grant in grants})
        return sorted(grant.viewer_id for grant in grants)

    def all_are_answered() -> bool:
        with database.unit(read_only=True) as unit:
            return not unit.asks.unanswered(live_id, datetime.now(UTC) - timedelta(hours=1))

    everyone = [f"{1_000 + n}" for n in range(VIEWERS)]
    try:
        await program.start()
        await until(lambda: twitch.subscriptions)
        if is_moderator:
            badges = [{"set_id": "moderator", "id": "1", "info": ""}]
            await twitch.emit(twitch.chat("earlier words of ours", "own", chatter="900", badges=badges))
        await twitch.wave("!code", *everyone)
        await until(lambda: len(holders()) >= VIEWERS)
        await until(all_are_answered)
        assert len(twitch.said) <= 5
        # Asked again, and for something else meanwhile: the same grants, each answered.
        await twitch.wave("!code svp", *everyone[:500])
        await twitch.wave("!prix", *everyone[500:1_000])
        await until(lambda: "499,99" in twitch.words())
        await until(all_are_answered)
        assert everyone == holders()
        assert len(twitch.said) <= 20
        assert 0 == await program.end()
    finally:
        await program.end()
        await twitch.stop()
    assert {} == dict(twitch.violations)
    assert not any(code in twitch.words() or code in program.log() for code in codes)
    assert "Traceback" not in program.log()
    assert TOKEN not in program.log()
