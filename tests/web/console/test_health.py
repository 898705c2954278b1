"""Health: how each part stands, in a sentence, and what was wrong last."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, expect
from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.console import open_console
from bot.evening import Evening
from bot.pages import serving
from bot.settings import Settings
from bot.shop_jobs import ShopJobs
from bot.shopkeeper import Shopkeeper
from bot.tally import Tally
from connectors.twitch.settings import TwitchSettings
from domain.people import UserRole
from domain.show import CodeState, Discount, Mechanic, OfferKind
from standins.twitch.server import TwitchStandin
from store.database import Database
from tests.bot.shelf import ShelfShop
from tests.ports import free_port
from tests.web.console.conftest import Desk

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]


@dataclass
class Running(Desk):
    """An evening on two channels of a stand-in Twitch, of which there is one, with a shop."""

    evening: Evening
    shop: ShelfShop


@pytest_asyncio.fixture(loop_scope="session")
async def desk(database: Database) -> AsyncIterator[Running]:
    now = datetime.now(UTC)
    with database.unit() as unit:
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", ("twitch:100", "twitch:999"))
        unit.lives.open(live.id, now)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
    async with AsyncExitStack() as stack:
        twitch = await stack.enter_async_context(TwitchStandin(channels={"100": "la_boutique"}))
        port, shop = free_port(), ShelfShop()
        own = TwitchSettings(
            client_id="client",
            api_url=twitch.api_url,
            id_url=twitch.id_url,
            eventsub_url=twitch.eventsub_url,
            bot_token=SecretStr(twitch.bot_token),
        )
        settings = Settings(_env_file=None, secret_key=SecretStr("a long text"), port=port, twitch=own)
        evening = open_evening(settings, database, Tally())
        keeper = Shopkeeper(database, shop, timedelta(), timedelta(minutes=15))
        evening.shop_jobs = ShopJobs(keeper, "", evening.tally.failed)
        console = open_console(settings, database, evening)
        catalogue = evening.work.catalogue
        await stack.enter_async_context(
            serving(settings, None, database, catalogue, evening.look_now, None, console)
        )
        await evening.start()
        stack.push_async_callback(evening.stop)
        with database.unit() as unit:
            shop.fails_after = 0
            unit.codes.add(offer.id, ["DRAWN2345"], CodeState.DRAWN)
        yield Running(database, f"http://127.0.0.1:{port}/console", evening, shop)


async def test_each_part_tells_what_is_wrong_and_what_was(
    signed_in: SignedIn, desk: Running, shots: Any, assert_accessible: Check
) -> None:
    page = await signed_in(UserRole.READER, path="/health")
    there, away = (
        page.locator('[data-part="channel twitch:100"]'),
        page.locator('[data-part="channel twitch:999"]'),
    )
    await expect(there).to_contain_text("Elle est lue, et l’on peut y parler.")
    await expect(there).to_contain_text("Aucun incident depuis le démarrage.")
    await expect(away.locator(".bad[lang=fr]")).to_contain_text("pas de chaîne Twitch de numéro 999")
    await expect(away).to_contain_text("Depuis")
    await expect(page.locator('[data-part="database"]')).to_contain_text("Elle répond")
    shop = page.locator('[data-part="shop"]')
    await expect(shop.locator(".bad[lang=en]")).to_be_visible()
    await expect(page.get_by_role("status")).to_contain_text("L’émission ne peut pas se dérouler")
    await assert_accessible(page)
    await shots(page, "health-ill")
    desk.shop.fails_after = None
    await expect(shop).to_contain_text("Dernier incident : de", timeout=60_000)  # it pauses before it tries
    await expect(shop).to_contain_text("Les codes, les commandes et les prix suivent.")
    await expect(page.get_by_role("status")).to_contain_text("L’essentiel fonctionne")
    await shots(page, "health-partly")


async def test_it_follows_a_channel_that_comes_back_and_fits_a_phone(
    signed_in: SignedIn, desk: Running, shots: Any
) -> None:
    desk.shop.fails_after = None
    page = await signed_in(UserRole.MODERATOR, path="/health", phone=True, dark=True, language="en")
    await expect(page.get_by_role("status")).to_contain_text("What matters works; a part needs a look.")
    with desk.database.unit() as unit:
        live = unit.lives.list()[0]
        unit.lives.close(live.id, datetime.now(UTC))
    await expect(page.get_by_role("status")).to_contain_text("Everything works.")
    await expect(page.locator('[data-part^="channel"]')).to_have_count(0)
    await shots(page, "health-phone-dark")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
