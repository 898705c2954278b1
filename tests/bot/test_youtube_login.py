"""`bateleur login youtube` as a real process, a browser that consents, and what is kept of it."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from standins.people import Chatter
from standins.youtube.server import YouTubeStandin
from store.database import open_database

KEY = "a long random text"
SHOP = Chatter("UCshopbot", "shopbot", "La boutique")


@pytest.fixture
async def youtube() -> AsyncIterator[YouTubeStandin]:
    async with YouTubeStandin() as opened:
        opened.sign_in.people = {SHOP.id: SHOP}
        yield opened
        assert {} == dict(opened.violations)


async def begun(
    folder: Path, youtube: YouTubeStandin, *words: str, **changes: str
) -> asyncio.subprocess.Process:
    """`bateleur …` in `folder`, running."""
    own = {
        "DATABASE_URL": f"sqlite:///{folder}/b.db",
        "SECRET_KEY": KEY,
        "YOUTUBE__CLIENT_ID": "client",
        "YOUTUBE__CLIENT_SECRET": youtube.sign_in.client_secret,
        "YOUTUBE__API_URL": youtube.api_url,
        "YOUTUBE__TOKEN_URL": youtube.token_url,
        "YOUTUBE__AUTHORIZE_URL": f"{youtube.api_url}/o/oauth2/v2/auth",
        "YOUTUBE__LOGIN_PORT": "0",
        **changes,
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BATELEUR_")}
    environment |= {f"BATELEUR_{name}": value for name, value in own.items()} | {"COLUMNS": "200"}
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=folder, env=environment, **pipes
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Its exit code, and what it wrote."""
    async with asyncio.timeout(60):
        out, error = await process.communicate()
    assert "Traceback" not in error.decode()
    return process.returncode or 0, out.decode() + error.decode()


async def page(process: asyncio.subprocess.Process) -> str:
    """The address that a person is to open."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        line = (await process.stderr.readline()).decode()
    assert line.startswith("Open this address in a browser"), line
    found = re.search(r"http\S+", line)
    assert found
    return found.group()


async def consent(url: str, who: str = SHOP.id) -> str:
    """What a browser does on Google's page; what it reads once it is back."""
    async with aiohttp.ClientSession() as browser:
        async with browser.get(url) as answer:
            assert 200 == answer.status, await answer.text()
        async with browser.post(url, data={"who": who}) as answer:
            return await answer.text()


async def test_the_owner_consents_and_the_login_is_kept_encrypted_and_used(
    tmp_path: Path, youtube: YouTubeStandin
) -> None:
    process = await begun(tmp_path, youtube, "login", "youtube")
    url = await page(process)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
    assert ("offline", "consent", "S256") == (
        asked["access_type"],
        asked["prompt"],
        asked["code_challenge_method"],
    )
    assert "You may close this page" in await consent(url)
    code, said = await ended(process)
    assert 0 == code, said
    assert "Logged in as La boutique (UCshopbot); the tokens are kept encrypted in the database." in said
    kept = open_database(f"sqlite:///{tmp_path}/b.db", secret_key=KEY)
    with kept.unit() as unit:
        token = unit.tokens.load("youtube", "bot")
    kept.close()
    assert token is not None
    assert token.refresh is not None
    assert token.refresh in youtube.refresh_tokens
    assert token.refresh not in said
    assert token.refresh.encode() not in (tmp_path / "b.db").read_bytes()
    parts = await doctor(tmp_path, youtube, YOUTUBE__REFRESH_TOKEN="an older one")
    assert "The channel is UCshopbot." == parts["youtube login"]["what"]


async def doctor(folder: Path, youtube: YouTubeStandin, **changes: str) -> dict[str, Any]:
    """What `doctor` says of each part."""
    _, out = await ended(await begun(folder, youtube, "doctor", "--json", **changes))
    return {row["part"]: row for row in json.loads(out)}


async def test_who_does_not_consent_is_not_logged_in(tmp_path: Path, youtube: YouTubeStandin) -> None:
    process = await begun(tmp_path, youtube, "login", "youtube")
    await consent(await page(process), who="")
    code, said = await ended(process)
    assert 1 == code
    assert "The login was not granted (access_denied): run `bateleur login youtube` again." in said


async def test_a_page_that_did_not_begin_the_login_does_not_finish_it(
    tmp_path: Path, youtube: YouTubeStandin
) -> None:
    process = await begun(tmp_path, youtube, "login", "youtube")
    url = await page(process)
    back = parse_qs(urlsplit(url).query)["redirect_uri"][0]
    async with aiohttp.ClientSession() as browser, browser.get(f"{back}?code=evil&state=guessed") as answer:
        assert 400 == answer.status
    await consent(url)
    assert 0 == (await ended(process))[0]


async def test_an_account_without_a_channel_and_a_wrong_secret_are_told_in_a_sentence(
    tmp_path: Path, youtube: YouTubeStandin
) -> None:
    youtube.without_channel = {SHOP.id}
    process = await begun(tmp_path, youtube, "login", "youtube")
    await consent(await page(process))
    code, said = await ended(process)
    assert (1, True) == (code, "The Google account has no YouTube channel" in said)
    process = await begun(tmp_path, youtube, "login", "youtube", YOUTUBE__CLIENT_SECRET="wrong")
    await consent(await page(process))
    code, said = await ended(process)
    assert (1, True) == (code, "check BATELEUR_YOUTUBE__CLIENT_SECRET" in said)


@pytest.mark.parametrize(
    ("words", "changes", "sentence"),
    [
        (("youtube",), {"YOUTUBE__CLIENT_ID": ""}, "set BATELEUR_YOUTUBE__CLIENT_ID"),
        (("youtube",), {"SECRET_KEY": ""}, "Set BATELEUR_SECRET_KEY first"),
        (("facebook",), {}, "write `bateleur login twitch` or `bateleur login youtube`"),
    ],
)
async def test_what_a_login_needs_is_told_in_a_sentence(
    tmp_path: Path, youtube: YouTubeStandin, words: tuple[str, ...], changes: dict[str, str], sentence: str
) -> None:
    code, said = await ended(await begun(tmp_path, youtube, "login", *words, **changes))
    assert 1 == code
    assert sentence in said


async def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path, youtube: YouTubeStandin) -> None:
    taken = youtube.api_url.rpartition(":")[2]
    code, said = await ended(await begun(tmp_path, youtube, "login", "youtube", YOUTUBE__LOGIN_PORT=taken))
    assert 1 == code
    assert f"Port {taken} of this machine is taken" in said
