"""kill -9 in the middle of granting: what was told is kept, and everything still adds up."""

import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from domain.show import Claim, ClaimResult, CodeState, Discount, Mechanic, OfferKind
from store import Database

NOW = datetime(2026, 11, 23, 20, tzinfo=UTC)
PROGRAM = Path(__file__).with_name("granting_process.py")
ROOT = Path(__file__).parents[2]
START_AND_DIE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "import runpy; runpy.run_path(sys.argv.pop(1), run_name='__main__')"
)


def start(url: str, offer_id: int, first: int) -> subprocess.Popen[str]:
    arguments = [str(ROOT), str(PROGRAM), url, str(offer_id), str(first)]
    command = [sys.executable, "-c", START_AND_DIE, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kill_after(process: subprocess.Popen[str], lines: int) -> list[str]:
    """The whole lines the process told before it was killed."""
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().splitlines(keepends=True)
    assert -signal.SIGKILL == process.wait(timeout=30)
    process.stdout.close()
    return [line for line in told if line.endswith("\n")]


def test_killed_processes_lose_nothing_and_double_nothing(database: Database, database_url: str) -> None:
    with database.unit() as unit:
        live = unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"])
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, [f"CODE{n:07}" for n in range(100_000)])
    told: dict[str, str] = {}
    dice = random.Random(2026)
    for _ in range(3):
        # Two at once, for overlapping viewers, who partly came in the round before as well.
        both = [start(database_url, offer.id, first) for first in (0, 70)]
        for process in both:
            for line in kill_after(process, dice.randrange(5, 40)):
                for word in line.split():
                    viewer, code = word.split("=")
                    assert code == told.setdefault(viewer, code)
    with database.unit() as unit:
        grants = unit.grants.list(offer.id)
        states = dict(unit.codes.list(offer.id))
    held = {grant.viewer_id: grant.code for grant in grants}
    assert len(grants) == len(held) == len(set(held.values()))
    assert told.items() <= held.items()
    assert set(held.values()) == {code for code, state in states.items() if state is CodeState.GRANTED}
    claims = [Claim("twitch", viewer, viewer, "twitch:100", "again") for viewer in held]
    with database.unit() as unit:
        outcomes = unit.grants.grant(offer, claims, NOW)
    assert {ClaimResult.HELD} == {outcome.result for outcome in outcomes}
    assert list(held.values()) == [outcome.grant.code for outcome in outcomes if outcome.grant]
