"""Tonight: the live at a glance, and a moderator who runs it with buttons."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from playwright.async_api import Page
from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.console import open_console
from bot.evening import Evening
from bot.pages import serving
from bot.settings import Settings
from bot.tally import Tally
from connectors.twitch.settings import TwitchSettings
from domain.money import Money
from domain.people import UserRole
from domain.show import Discount, LiveState, Mechanic, OfferKind, Product
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from store.database import Database
from tests.ports import free_port
from tests.web.console.conftest import Desk
from web.console.pages.tonight.look import look

SignedIn = Callable[..., Awaitable[Page]]
ANN = Chatter("501", "ann", "Ann")
XBOX = Product(
    "XSX", "Xbox Series X", Money(49_999, "EUR"), (), Money(47_999, "EUR"), 12, "https://shop.example/x"
)
PS5 = Product("PS5", "PlayStation 5 Slim", Money(44_999, "EUR"), (), None, 0, "https://shop.example/p")


@dataclass
class Stage(Desk):
    """An evening that runs on a stand-in Twitch, with its console."""

    twitch: TwitchStandin
    evening: Evening
    live_id: int

    def state(self) -> LiveState:
        with self.database.unit(read_only=True) as unit:
            live = unit.lives.get(self.live_id)
            assert live is not None
            return live.state

    def on_screen(self) -> str | None:
        with self.database.unit(read_only=True) as unit:
            return unit.segments.on_screen(self.live_id)

    def granted(self) -> int:
        with self.database.unit(read_only=True) as unit:
            return unit.grants.count(self.live_id)[0]

    def actions(self) -> list[str]:
        with self.database.unit(read_only=True) as unit:
            return [one.action for one in unit.audit.list() if one.action != "signed_in"]

    def said(self) -> str:
        return "\n".join(one.text for one in self.twitch.said)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(database: Database) -> AsyncIterator[Stage]:
    now = datetime.now(UTC)
    with database.unit() as unit:
        unit.products.save([XBOX, PS5], now)
        ends = now + timedelta(hours=2)
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", ("twitch:100",), ends_at=ends)
        unit.lives.open(live.id, now)
        unit.segments.put_on_screen(live.id, "XSX", now)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.HAND, Discount(percent=20))
        unit.codes.add(offer.id, [f"SECRET{number:03}" for number in range(80)])
    async with AsyncExitStack() as stack:
        twitch = await stack.enter_async_context(TwitchStandin(channels={"100": "la_boutique"}))
        port = free_port()
        settings = Settings(
            _env_file=None,
            secret_key=SecretStr("a long random text"),
            port=port,
            twitch=TwitchSettings(
                client_id="client",
                api_url=twitch.api_url,
                id_url=twitch.id_url,
                eventsub_url=twitch.eventsub_url,
                bot_token=SecretStr(twitch.bot_token),
            ),
        )
        evening = open_evening(settings, database, Tally())
        console = open_console(settings, database, evening)
        await stack.enter_async_context(
            serving(settings, None, database, evening.work.catalogue, evening.look_now, None, console)
        )
        await evening.start()
        stack.push_async_callback(evening.stop)
        yield Stage(database, f"http://127.0.0.1:{port}/console", twitch, evening, live.id)


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.02)


async def test_the_live_is_seen_at_a_glance(desk: Stage, signed_in: SignedIn, shots: Any) -> None:
    for number in range(30):
        await desk.twitch.chat("100", Chatter(str(600 + number), f"v{number}", f"Viewer{number}"), "!prix")
    for name, how in (("light", {}), ("dark", {"dark": True}), ("phone", {"phone": True})):
        page = await signed_in(UserRole.MODERATOR, **how)
        await page.locator("main").get_by_text("Xbox Series X").first.wait_for()
        await desk.twitch.chat("100", ANN, f"bonsoir <b>{name}</b>")
        await page.get_by_text(f"bonsoir <b>{name}</b>").wait_for()
        for seen in ("La grande soirée", "499,99", "12 en stock", "80 restants", "twitch:100"):
            await page.get_by_text(seen).first.wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        await asyncio.sleep(1)
        await shots(page, f"tonight-{name}")


async def test_a_second_browser_sees_a_change_at_once_and_a_slip_is_taken_back(
    desk: Stage, signed_in: SignedIn
) -> None:
    first = await signed_in(UserRole.MODERATOR)
    second = await signed_in(UserRole.READER)
    assert 0 == await second.get_by_role("button", name="Produit suivant").count()
    await first.get_by_role("button", name="Produit suivant").click()
    await second.locator("main").get_by_text("PlayStation 5 Slim").first.wait_for()
    assert "PS5" == desk.on_screen()
    await until(lambda: "PlayStation 5 Slim" in desk.said())
    await first.get_by_role("button", name="Annuler").click()
    await until(lambda: desk.on_screen() == "XSX")


async def test_keys_give_orders_too(desk: Stage, signed_in: SignedIn) -> None:
    page = await signed_in(UserRole.MODERATOR)
    await page.locator("main").get_by_text("Xbox Series X").first.wait_for()
    await page.locator("body").press("ArrowRight")
    await until(lambda: desk.on_screen() == "PS5")
    await page.locator("body").press("d")
    await page.get_by_role("dialog").get_by_role("button", name="Lâcher des codes").click()
    await until(lambda: "50 codes à saisir" in desk.said() or "50 code" in desk.said())
    assert "codes_dropped" in desk.actions()


async def test_a_code_is_given_to_one_viewer(desk: Stage, signed_in: SignedIn) -> None:
    await desk.twitch.chat("100", ANN, "bonsoir")
    page = await signed_in(UserRole.MODERATOR)
    await page.get_by_text("bonsoir").wait_for()
    await page.get_by_role("button", name="Donner un code").click()
    await page.get_by_label("À qui").click()
    await page.get_by_role("option", name="Ann").click()
    await page.get_by_role("dialog").get_by_role("button", name="Donner").click()
    await until(lambda: desk.granted() == 1)
    await until(lambda: "@Ann" in desk.said())
    assert ["code_given"] == desk.actions()
    assert "SECRET" not in await page.content() + desk.said()


async def test_when_two_press_stop_one_stops_and_the_other_is_told(desk: Stage, signed_in: SignedIn) -> None:
    pages = [await signed_in(role) for role in (UserRole.MODERATOR, UserRole.OWNER)]
    for page in pages:
        await page.get_by_role("button", name="Arrêter", exact=True).click()
    await asyncio.gather(
        *(page.get_by_role("dialog").get_by_role("button", name="Arrêter").click() for page in pages)
    )
    await until(lambda: "offers_stopped" in desk.actions())
    done = [await page.locator(".q-notification").first.inner_text() for page in pages]
    assert 1 == sum("rien à arrêter" in one.lower() for one in done), done
    assert ["offers_stopped"] == desk.actions()


async def test_a_live_is_closed_once_confirmed(desk: Stage, signed_in: SignedIn) -> None:
    page = await signed_in(UserRole.MODERATOR)
    await page.get_by_role("button", name="Fermer le live").click()
    await page.get_by_role("button", name="Annuler").click()
    assert LiveState.OPEN is desk.state()
    await page.get_by_role("button", name="Fermer le live").click()
    await page.get_by_role("dialog").get_by_role("button", name="Fermer le live").click()
    await until(lambda: desk.state() is LiveState.CLOSED)
    await page.get_by_text("Aucun live en cours").wait_for()


async def test_a_live_closed_in_the_list_of_lives_is_said_in_its_chats(
    desk: Stage, signed_in: SignedIn
) -> None:
    page = await signed_in(UserRole.MODERATOR, path="/lives")
    await page.get_by_role("button", name="Fermer").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Fermer").click()
    await page.get_by_text("terminé", exact=True).wait_for()
    assert LiveState.CLOSED is desk.state()
    assert ["live_closed"] == desk.actions()
    await until(lambda: "Le live est terminé" in desk.said())


async def test_an_expired_session_changes_nothing_and_says_so(desk: Stage, signed_in: SignedIn) -> None:
    page = await signed_in(UserRole.MODERATOR)
    await page.locator("main").get_by_text("Xbox Series X").first.wait_for()
    with desk.database.unit() as unit:
        user = unit.users.find(UserRole.MODERATOR)
        assert user is not None
        unit.users.sign_out_everywhere(user.id)
    await page.get_by_role("button", name="Produit suivant").click()
    await page.get_by_text("Votre session est terminée").wait_for()
    assert ("XSX", []) == (desk.on_screen(), desk.actions())


async def test_two_hundred_lines_a_second_are_all_counted_and_a_few_are_shown(
    desk: Stage, signed_in: SignedIn
) -> None:
    page = await signed_in(UserRole.MODERATOR)
    await page.locator("main").get_by_text("Xbox Series X").first.wait_for()

    async def crowd() -> None:
        for number in range(1_000):
            who = Chatter(str(1_000 + number), f"v{number}", f"Viewer{number}")
            await desk.twitch.chat("100", who, "!prix" if number % 10 == 0 else f"bonsoir {number}")
            await asyncio.sleep(0.005)

    chatting = asyncio.create_task(crowd())
    await page.get_by_role("button", name="Produit suivant").click()
    await page.locator("main").get_by_text("PlayStation 5 Slim").first.wait_for()
    assert not chatting.done()
    await chatting
    await page.get_by_text("1 000 lignes lues".replace(" ", "\u202f", 1)).wait_for()
    assert 40 >= await page.locator(".lines p").count()


def test_the_lives_own_products_are_shown_in_their_order_before_those_of_its_offers(
    database: Database,
) -> None:
    names = {"A": "Écouteurs", "B": "Manette", "C": "Casque"}
    with database.unit() as unit:
        unit.products.save(
            [Product(sku, name, Money(1000, "EUR")) for sku, name in names.items()], datetime.now(UTC)
        )
        live = unit.lives.add("Soirée", "fr", "Europe/Paris", ("twitch:100",))

    def shown() -> list[str]:
        with database.unit(read_only=True) as unit:
            tonight = look(unit)
        assert tonight is not None
        return [product.sku for product in tonight.products]

    assert ["A", "B", "C"] == shown()
    with database.unit() as unit:
        unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.HAND, Discount(percent=20), skus=("B",))
    assert ["B"] == shown()
    with database.unit() as unit:
        unit.live_products.put(live.id, ("C", "A"))
        unit.segments.put_on_screen(live.id, "C", datetime.now(UTC))
    assert ["C", "A"] == shown()
    with database.unit(read_only=True) as unit:
        tonight = look(unit)
    assert tonight is not None
    after, before = tonight.neighbour(1), tonight.neighbour(-1)
    assert after is not None and before is not None
    assert ("A", "A") == (after.sku, before.sku)
