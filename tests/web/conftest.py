"""The claim page on a real server, its sign-in on a stand-in Twitch, and a real browser before it."""

import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect
from pydantic import SecretStr

from bot.page_configs import web_config
from bot.pages import serving
from bot.settings import Settings
from commands.texts.catalogue import load_texts
from connectors.facebook.settings import FacebookSettings
from connectors.twitch.settings import TwitchSettings
from connectors.youtube.settings import YouTubeSettings
from domain.show import Claim, Discount, Mechanic, OfferKind
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from standins.youtube.server import YouTubeStandin
from store.database import Database, open_database
from tests.needs import CHROMIUM, needed
from tests.ports import free_port
from tests.web import accessible
from web.links import ClaimLinks

ANN = Chatter("501", "ann", "Ann")
BOB = Chatter("502", "bob", "Bob")
CLEO = Chatter("UCcleo", "cleo", "@cleo")
PATIENCE_MS = 20_000
"""How long a page may take before a test gives up: tests share two cores with a browser each."""
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Site:
    """A live with a unique offer, and the page where its codes are claimed."""

    database: Database
    twitch: TwitchStandin
    youtube: YouTubeStandin
    links: ClaimLinks
    url: str
    live_id: int
    offer_id: int
    woken: list[str]

    @property
    def page(self) -> str:
        return f"{self.url}/c/{self.live_id}"

    def grant(self, who: Chatter, platform: str = "twitch") -> str:
        """Give a viewer a code; the code."""
        with self.database.unit() as unit:
            offer = unit.offers.get(self.offer_id)
            assert offer is not None
            claim = Claim(platform, who.id, who.name, "twitch:100", f"m-{who.id}")
            (outcome,) = unit.grants.grant(offer, [claim], datetime.now(UTC))
        assert outcome.grant is not None
        return outcome.grant.code

    def close(self) -> None:
        with self.database.unit() as unit:
            unit.lives.close(self.live_id, datetime.now(UTC))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests beside this file share an event loop, for they share a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/pages.db")
    opened.upgrade()
    yield opened
    opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def site(database: Database) -> AsyncIterator[Site]:
    now = datetime.now(UTC)
    with database.unit() as unit:
        ends = now + timedelta(hours=1)
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", ("twitch:100",), ends_at=ends)
        unit.lives.open(live.id, now)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, [f"SECRET{number:03}" for number in range(20)])
    async with AsyncExitStack() as stack:
        twitch = await stack.enter_async_context(TwitchStandin())
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        twitch.id.sign_in.people = {ANN.id: ANN, BOB.id: BOB}
        twitch.id.sign_in.redirect_uris = {f"{url}/sign-in/twitch/back"}
        youtube = await stack.enter_async_context(YouTubeStandin())
        youtube.sign_in.people = {CLEO.id: CLEO}
        youtube.sign_in.redirect_uris = {f"{url}/sign-in/youtube/back"}
        google = YouTubeSettings(
            client_id="client",
            client_secret=SecretStr(youtube.sign_in.client_secret),
            api_url=youtube.api_url,
            token_url=youtube.token_url,
            authorize_url=f"{youtube.api_url}/o/oauth2/v2/auth",
            keys_url=f"{youtube.api_url}/oauth2/v3/certs",
            issuer=youtube.sign_in.issuer,
        )
        own = TwitchSettings(
            client_id="client", client_secret=SecretStr(twitch.id.sign_in.client_secret), id_url=twitch.id_url
        )
        settings = Settings(
            _env_file=None,
            secret_key=SecretStr("a long random text"),
            public_url=url,
            port=port,
            shop_link="https://shop.example/?coupon={code}",
            twitch=own,
            youtube=google,
            facebook=FacebookSettings(
                page_token=SecretStr("page-token"),
                app_secret=SecretStr("app-secret"),
                verify_token=SecretStr("our-word"),
            ),
        )
        woken: list[str] = []
        config = web_config(settings)
        assert config is not None
        await stack.enter_async_context(
            serving(settings, config, database, load_texts(), lambda platform, _: woken.append(platform))
        )
        yield Site(database, twitch, youtube, ClaimLinks(config), url, live.id, offer.id, woken)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The system's Chromium, one for all tests of a process; where it takes orders. Without one, a bare
    machine passes these tests over and says so; CI fails."""
    program, *others = CHROMIUM
    found = needed(program, "These tests need Chromium: install your system's package «chromium».", *others)
    profile = tmp_path_factory.mktemp("chromium")
    words = [found, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", *QUIET]
    # Debian's program is a shell script that waits for the browser: both are ended, as one group.
    process = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield f"http://127.0.0.1:{_orders_port(profile / 'DevToolsActivePort')}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _orders_port(told: Path) -> str:
    """The port that Chromium writes down once it listens."""
    until = time.monotonic() + 60
    while not (told.exists() and told.read_text().count("\n")):
        assert time.monotonic() < until, "Chromium did not start."
        time.sleep(0.05)
    return told.read_text().split()[0]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def connected(chromium: str) -> AsyncIterator[Browser]:
    """The browser, for all tests of a process: connecting takes longer than many a test."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.connect_over_cdp(chromium)
        yield opened
        await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(connected: Browser) -> AsyncIterator[Browser]:
    """The browser for one test; the contexts that it opens end with it."""
    before = connected.contexts
    yield connected
    for context in connected.contexts:
        if context not in before:
            await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A browser of one person, in French."""
    person = await browser.new_context(locale="fr-FR", permissions=["clipboard-read", "clipboard-write"])
    person.set_default_timeout(PATIENCE_MS)
    yield await person.new_page()
    await person.close()


@pytest.fixture
def shots() -> Any:
    """`await shots(page, "name")`: keeps a picture where SHOTS says, to be looked at."""
    folder = os.environ.get("SHOTS")

    async def shoot(page: Page, name: str) -> None:
        if folder:
            await page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    return shoot


@pytest.fixture
def assert_accessible() -> Callable[[Page], Awaitable[None]]:
    """`await assert_accessible(page)` fails on each serious and critical violation that axe finds in it."""
    return accessible.assert_accessible
