"""`bateleur viewer …`: what is held of a viewer, told and erased; and how old ones are forgotten."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from bot.keeping import Keeping
from domain.privacy import Keep
from store.database import open_database
from tests.bot.shell import Shell
from tests.store.privacy_scene import ANN, an_evening, everything

KEY = "a long random text"
LONG_AGO = datetime.now(UTC) - timedelta(days=70)


@pytest.fixture
def past(bateleur: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """With an evening of long ago."""
    monkeypatch.setenv("BATELEUR_SECRET_KEY", KEY)
    database = open_database(bateleur.url, secret_key=KEY)
    database.upgrade()
    an_evening(database, LONG_AGO)
    database.close()
    return bateleur


def held(shell: Shell) -> str:
    database = open_database(shell.url, secret_key=KEY)
    text = everything(database)
    database.close()
    return text


def test_export_prints_what_is_held_as_json(past: Shell) -> None:
    told = json.loads(past("viewer", "export", "twitch", ANN))
    assert ["Annabelle"] == told["names"]
    assert (2, 1, 1) == (len(told["asks"]), len(told["grants"]), len(told["redemptions"]))


def test_erase_asks_before_and_says_what_it_did(past: Shell) -> None:
    kept = past("viewer", "erase", "twitch", ANN, piped="n\n", exit_code=1)
    assert "2 commands, 1 codes, 2 mentions" in kept
    assert ANN in held(past)
    done = past("viewer", "erase", "twitch", ANN, piped="y\n")
    assert "Erased: 2 commands, 1 codes, 2 mentions" in done
    assert ANN not in held(past)
    assert "Nothing is held of the twitch viewer" in past.refused("viewer", "erase", "twitch", ANN)


def test_erase_for_programs_tells_the_counts(past: Shell) -> None:
    done = past.json("viewer", "erase", "twitch", ANN, "--yes")
    assert {"asks": 2, "grants": 1, "mentions": 2, "links": 1, "memories": 0, "open_lives": []} == done


def test_a_platform_that_is_none_is_refused(past: Shell) -> None:
    before = held(past)
    for verb in ("export", "erase"):
        said = past.refused("viewer", verb, "tiktok", ANN)
        assert "«tiktok» is no platform; there are: twitch, youtube, facebook" in said
    assert before == held(past)


def test_forget_says_how_much(past: Shell) -> None:
    done = past.json("viewer", "forget")
    assert {"asks": 6, "said": 3, "audited": 0, "links": 1, "memories": 0, "viewers": 9} == done
    assert "0 commands and 0 messages" in past("viewer", "forget")
    assert ANN not in held(past)


def test_without_a_secret_key_the_verbs_say_what_to_set(past: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATELEUR_SECRET_KEY")
    for verb in (("forget",), ("erase", "twitch", ANN, "--yes")):
        assert "set BATELEUR_SECRET_KEY" in past.refused("viewer", *verb)
    assert ANN in held(past)


async def test_a_running_evening_forgets_by_itself_and_tells_once_what_keeps_it(
    past: Shell, tmp_path: Path
) -> None:
    keep = Keep(timedelta(days=30), timedelta(days=60))
    database = open_database(past.url, secret_key=KEY)
    keeping = Keeping(database, keep)
    with structlog.testing.capture_logs() as log:
        await keeping.forget()
        await keeping.forget()
    assert ["viewers_forgotten"] == [line["event"] for line in log]
    assert 9 == log[0]["viewers"]
    keeping.close()
    keyless = Keeping(open_database(past.url), keep)
    with structlog.testing.capture_logs() as log:
        await keyless.forget()
        await keyless.forget()
    assert ["viewers_not_forgotten"] == [line["event"] for line in log]
    keyless.close()
    database.close()


async def test_an_evening_that_ends_breaks_the_forgetting_off(past: Shell) -> None:
    database = open_database(past.url, secret_key=KEY)
    keeping = Keeping(database, Keep(timedelta(days=30), timedelta(days=60)))
    forgetting = asyncio.create_task(keeping.forget())
    await asyncio.sleep(0)
    keeping.close()
    await forgetting
    assert ANN in held(past)
    database.close()
