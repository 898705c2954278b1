"""Who could not be reached: the operator gets a personal link for each of them, and never a code."""

from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bot.page_configs import web_config
from bot.pages import serving
from bot.settings import load_settings
from commands.texts import load_texts
from domain.show import Claim, DeliveryState
from store.database import open_database
from tests.bot.shell import Shell

NAMES = {"501": "Ann", "502": "Bob\n\x1b[31mred", "503": "Cléo"}


@pytest.fixture
def shown(opened: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A live where Ann's reply was refused, Bob's is still owed, and Cléo has hers."""
    monkeypatch.setenv("BATELEUR_PUBLIC_URL", "https://live.example/")
    monkeypatch.setenv("BATELEUR_SECRET_KEY", "a long random text")
    database = open_database(opened.url)
    now = datetime.now(UTC)
    with database.unit() as unit:
        offer = unit.offers.get(1)
        assert offer is not None
        claims = [Claim("facebook", id, name, "facebook:1789", f"911_{id}") for id, name in NAMES.items()]
        ann, _, cleo = [outcome.grant for outcome in unit.grants.grant(offer, claims, now)]
        assert ann is not None
        assert cleo is not None
        unit.grants.mark([ann.id], DeliveryState.REFUSED, now)
        unit.grants.mark([cleo.id], DeliveryState.DELIVERED, now)
    database.close()
    return opened


def codes(shell: Shell) -> list[str]:
    return [row["code"] for row in shell.json("codes", "list", "1", "--reveal")]


def test_each_viewer_not_reached_is_listed_with_a_link_and_without_a_code(shown: Shell) -> None:
    rows = shown.json("live", "undelivered", "1")
    assert [("facebook:501", "refused"), ("facebook:502", "owed")] == [(r["id"], r["delivery"]) for r in rows]
    assert ["911_501", "911_502"] == [row["message"] for row in rows]
    assert all(row["link"].startswith("https://live.example/c/1/p/") for row in rows)
    said = shown("live", "undelivered", "1")
    assert "Ann (facebook:501, refused, message 911_501)\n  https://live.example/c/1/p/" in said
    assert "Still to be reached: 2. Give each viewer their own link" in said
    assert "Cléo" not in said
    assert "\x1b" not in said
    assert not any(code in said or code in str(rows) for code in codes(shown))


async def test_the_link_shows_the_viewer_their_code_who_is_then_listed_no_more(
    shown: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATELEUR_PUBLIC_URL", "http://127.0.0.1")
    (link,) = [row["link"] for row in shown.json("live", "undelivered", "1") if row["id"] == "facebook:501"]
    settings = load_settings().model_copy(update={"port": 0})
    config = web_config(settings)
    assert config is not None
    database = open_database(shown.url)
    async with serving(settings, config, database, load_texts(), lambda *_: None) as port:
        page = await _opened(URL(link).with_port(port))
    database.close()
    assert any(code in page for code in codes(shown))
    assert ["facebook:502"] == [row["id"] for row in shown.json("live", "undelivered", "1")]


async def _opened(link: URL) -> str:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser, browser.post(link) as answer:
        return await answer.text()


def test_a_live_where_all_were_reached_says_so(opened: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATELEUR_PUBLIC_URL", "https://live.example")
    monkeypatch.setenv("BATELEUR_SECRET_KEY", "a long random text")
    assert "Every code of live 1 has gone out to its viewer.\n" == opened("live", "undelivered", "1")
    assert [] == opened.json("live", "undelivered", "1")


def test_after_the_live_it_says_that_the_codes_no_longer_work(shown: Shell) -> None:
    shown("live", "close", "1")
    assert "Not reached: 2. The live is over, and their codes no longer work." in shown(
        "live", "undelivered", "1"
    )


@pytest.mark.parametrize(
    ("unset", "words"),
    [
        ("BATELEUR_PUBLIC_URL", "Personal links lead to the claim page: set BATELEUR_PUBLIC_URL"),
        ("BATELEUR_SECRET_KEY", "needs BATELEUR_SECRET_KEY"),
    ],
)
def test_without_a_claim_page_there_are_no_links(
    shown: Shell, monkeypatch: pytest.MonkeyPatch, unset: str, words: str
) -> None:
    monkeypatch.delenv(unset)
    assert words in shown.refused("live", "undelivered", "1")


def test_a_live_that_is_not_there_is_refused(shown: Shell) -> None:
    refusal: Any = shown.refused("live", "undelivered", "7")
    assert "There is no live 7; see `bateleur live list`." == refusal
