"""The offers page in a real browser, with a shop behind it that may fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from pydantic import SecretStr

from bot.page_configs import console_config
from bot.pages import serving
from bot.settings import Settings
from bot.shopkeeper import Shopkeeper
from commands.texts.catalogue import load_texts
from domain.errors import Fault
from domain.money import Money
from domain.people import UserRole
from domain.show import Claim, CodeState, Discount, Mechanic, Offer, OfferKind, Product
from store.database import Database
from tests.bot.shelf import ShelfShop
from tests.ports import free_port
from tests.web.console.conftest import Desk
from web.console.desk import Console
from web.console.sessions import Sessions

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]


@dataclass
class Counter(Desk):
    """The console, and a shop that its jobs keep when the test says so."""

    shop: ShelfShop
    keeper: Shopkeeper
    live_id: int

    async def work(self) -> None:
        """What the shop's jobs do every few seconds."""
        try:
            await asyncio.to_thread(self.keeper.make_due_codes)
            await asyncio.to_thread(self.keeper.end_codes)
        except Fault:
            pass  # the jobs try again

    def offers(self) -> list[Offer]:
        with self.database.unit(read_only=True) as unit:
            return unit.offers.list(self.live_id)

    def codes(self, offer_id: int) -> list[tuple[str, CodeState]]:
        with self.database.unit(read_only=True) as unit:
            return unit.codes.list(offer_id)

    def add(self, *codes: str, state: CodeState = CodeState.DRAWN) -> Offer:
        with self.database.unit() as unit:
            offer = unit.offers.add(self.live_id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
            unit.codes.add(offer.id, codes, state)
        return offer

    def actions(self) -> list[tuple[str, str, str]]:
        with self.database.unit(read_only=True) as unit:
            return [(one.who, one.action, one.subject) for one in unit.audit.list()]


@pytest_asyncio.fixture(loop_scope="session")
async def desk(database: Database) -> AsyncIterator[Counter]:
    now = datetime.now(UTC)
    shop = ShelfShop()
    keeper = Shopkeeper(database, shop, timedelta(minutes=5), timedelta(minutes=15), shop.model.now)
    with database.unit() as unit:
        unit.products.save([Product("XSX", "La Xbox Series X", Money(49999, "EUR"))], now)
        live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=now)
        unit.lives.open(live.id, now)
    port = free_port()
    settings = Settings(_env_file=None, secret_key=SecretStr("a long random text"), port=port)
    config = console_config(settings)
    assert config is not None
    console = Console(config, database, Sessions(database), None, keeper)
    async with serving(settings, None, database, load_texts(), lambda *_: None, None, console):
        yield Counter(database, f"http://127.0.0.1:{port}/console", shop, keeper, live.id)


async def open_form(page: Page) -> None:
    await page.get_by_role("button", name="Créer une offre").click()
    await page.get_by_label("Pourcentage", exact=True).last.wait_for()


async def test_without_a_live_the_page_says_what_to_do(
    database: Database, desk: Counter, signed_in: SignedIn, shots: Any
) -> None:
    with database.unit() as unit:
        unit.lives.close(desk.live_id, datetime.now(UTC))
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await expect(page.get_by_text("Ce live n’a encore aucune offre.")).to_be_visible()
    assert 0 == await page.get_by_role("button", name="Créer une offre").count()
    await shots(page, "offers-empty")


async def test_a_unique_offer_is_added_with_its_codes_drawn(
    desk: Counter, signed_in: SignedIn, shots: Any
) -> None:
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await open_form(page)
    await page.get_by_role("textbox", name="Pourcentage").fill("20")
    await page.get_by_label("Combien de codes").fill("30")
    await page.get_by_label("Préfixe").fill("noel-")
    await page.get_by_label("Seulement sur ces produits").fill("xbox")
    await page.get_by_role("button", name="La Xbox Series X").click()
    await shots(page, "offers-form")
    await page.get_by_role("button", name="Ajouter l’offre").click()
    await expect(page.get_by_text("L’offre fait partie du live.")).to_be_visible()
    await expect(page.locator(".offer-card")).to_contain_text("0 sur 30 en boutique")
    (offer,) = desk.offers()
    assert (Discount(percent=20), ("XSX",), None) == (offer.discount, offer.skus, offer.quantity)
    assert 30 == len({code for code, state in desk.codes(offer.id) if code.startswith("NOEL-")})
    await shots(page, "offers-under-way")

    await desk.work()
    await expect(page.locator(".offer-card")).to_contain_text("En boutique")
    assert {CodeState.CREATED} == {state for _, state in desk.codes(offer.id)}
    assert ("marketer", "offer_added", f"offer {offer.id}") in desk.actions()


async def test_a_shared_offer_is_added_once_its_code_is_in_the_shop(
    desk: Counter, signed_in: SignedIn
) -> None:
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await add_shared(page, "NOEL")
    await expect(page.locator(".offer-card")).to_contain_text("En boutique")
    (offer,) = desk.offers()
    assert ("NOEL", False, Money(1050, "EUR")) == (offer.shared_code, offer.is_due, offer.discount.amount)
    assert desk.shop.model.coupon("NOEL") is not None


async def add_shared(page: Page, code: str) -> None:
    await page.get_by_role("button", name="Créer une offre").click()
    await page.get_by_role("radio", name="Un seul code pour tous").click()
    await page.get_by_role("radio", name="Montant").click()
    await page.get_by_role("textbox", name="Montant").fill("10,50")
    await page.get_by_role("textbox", name="Le code").fill(code)
    await page.get_by_role("button", name="Ajouter l’offre").click()


async def test_a_shop_that_is_down_while_a_shared_offer_is_added_leaves_nothing_half_done(
    desk: Counter, signed_in: SignedIn, shots: Any
) -> None:
    desk.shop.fails_after = 0
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await add_shared(page, "NOEL")
    await expect(page.get_by_text("La boutique est en panne et l’offre n’a pas été ajoutée")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Le code")).to_have_value("NOEL")
    await shots(page, "offers-shop-down")
    assert [] == desk.offers()
    desk.shop.fails_after = None
    await desk.work()
    assert desk.shop.model.coupon("NOEL") is None
    await page.get_by_role("button", name="Ajouter l’offre").click()
    await expect(page.locator(".offer-card")).to_contain_text("En boutique")
    assert ["NOEL"] == [offer.shared_code for offer in desk.offers()]


async def test_a_code_that_the_shop_does_not_take_is_said_so(desk: Counter, signed_in: SignedIn) -> None:
    desk.shop.model.add_coupon("SUMMER", percent=5)
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await add_shared(page, "SUMMER")
    await expect(page.get_by_text("La boutique n’a pas pris SUMMER")).to_be_visible()
    assert [] == desk.offers()


async def test_a_shop_that_is_down_gets_unique_codes_later_and_nobody_is_given_one_before(
    desk: Counter, signed_in: SignedIn
) -> None:
    desk.shop.fails_after = 1
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await open_form(page)
    await page.get_by_role("textbox", name="Pourcentage").fill("20")
    await page.get_by_label("Combien de codes").fill("30")
    await page.get_by_role("button", name="Ajouter l’offre").click()
    await expect(page.locator(".offer-card")).to_contain_text("0 sur 30 en boutique")
    await desk.work()
    await expect(page.locator(".offer-card")).to_contain_text("10 sur 30 en boutique")
    desk.shop.fails_after = None
    await desk.work()
    await expect(page.locator(".offer-card")).to_contain_text("En boutique")


@pytest.mark.parametrize(
    ("label", "value", "sentence"),
    [
        ("Pourcentage", "0", "nombre entier de 1 à 100"),
        ("Pourcentage", "vingt", "nombre entier de 1 à 100"),
        ("Combien de codes", "0", "nombre entier de 1 à"),
        ("Combien de codes", "1000000", "nombre entier de 1 à"),
        ("Préfixe", "NO EL", "au plus 24 lettres"),
        ("Jusqu’à", "2020-01-01T20:00", "Cette heure est passée"),
    ],
)
async def test_a_slip_in_the_form_is_said_at_its_field(
    desk: Counter, signed_in: SignedIn, label: str, value: str, sentence: str
) -> None:
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await open_form(page)
    await page.get_by_role("textbox", name="Pourcentage").fill("20")
    await page.get_by_label("Combien de codes").fill("30")
    await page.get_by_label(label, exact=True).and_(page.locator("input:not([type=radio])")).fill(value)
    await page.get_by_role("button", name="Ajouter l’offre").click()
    await expect(page.locator(".q-field--error")).to_contain_text(sentence)
    assert [] == desk.offers()


async def test_two_who_end_the_same_offer_end_it_once(desk: Counter, signed_in: SignedIn, shots: Any) -> None:
    offer = desk.add("AAAABBBB")
    ann = await signed_in(UserRole.MODERATOR, path="/offers")
    bob = await signed_in(UserRole.MARKETER, path="/offers")
    for page in (ann, bob):
        await page.get_by_role("button", name="Terminer", exact=True).click()
        await page.get_by_role("button", name="Terminer l’offre").wait_for()
    await shots(ann, "offers-end")
    await asyncio.gather(
        *(page.get_by_role("button", name="Terminer l’offre").click() for page in (ann, bob))
    )
    for page in (ann, bob):
        await expect(page.locator(".offer-card")).to_contain_text("Terminée")
        await expect(page.get_by_role("button", name="Terminer", exact=True)).to_be_hidden()
    ended = [action for action in desk.actions() if action[1] == "offer_ended"]
    assert 1 == len(ended)
    late = bob if ended[0][0] == "moderator" else ann
    await expect(late.get_by_text("est déjà terminée")).to_be_visible()
    assert f"offer {offer.id}" == ended[0][2]


async def test_killing_needs_the_number_and_ends_the_codes_in_the_shop(
    desk: Counter, signed_in: SignedIn, shots: Any
) -> None:
    offer = desk.add("AAAABBBB", "CCCCDDDD")
    await desk.work()
    page = await signed_in(UserRole.OWNER, path="/offers")
    await page.get_by_role("button", name="Tuer ses codes").click()
    deed = page.get_by_role("button", name="Tuer les codes")
    await expect(deed).to_be_disabled()
    await page.get_by_label(f"Tapez {offer.id} pour confirmer").fill(str(offer.id))
    await shots(page, "offers-kill")
    await deed.click()
    await expect(page.locator(".offer-card")).to_contain_text("plus aucun code ne vaut en boutique")
    assert {CodeState.DEAD} == {state for _, state in desk.codes(offer.id)}
    coupon = desk.shop.model.coupon("AAAABBBB")
    assert coupon is not None and not coupon.is_on


async def test_codes_that_a_shop_could_not_end_are_said_to_work_still(
    desk: Counter, signed_in: SignedIn
) -> None:
    offer = desk.add("AAAABBBB")
    await desk.work()
    desk.shop.fails_after = 0
    page = await signed_in(UserRole.OWNER, path="/offers")
    await page.get_by_role("button", name="Tuer ses codes").click()
    await page.get_by_label(f"Tapez {offer.id} pour confirmer").fill(str(offer.id))
    await page.get_by_role("button", name="Tuer les codes").click()
    await expect(page.get_by_text("ses codes valent encore en boutique")).to_be_visible()
    await expect(page.locator(".offer-card")).to_contain_text("1 code en cours d’arrêt")
    desk.shop.fails_after = None
    await desk.work()
    await expect(page.locator(".offer-card")).to_contain_text("plus aucun code ne vaut")


async def test_codes_are_imported_after_a_look_at_the_bad_lines(
    desk: Counter, signed_in: SignedIn, shots: Any
) -> None:
    other = desk.add("ZZZZ2222")
    offer = desk.add("AAAA2222")
    page = await signed_in(UserRole.MARKETER, path="/offers")
    card = page.locator(f".offer-card[data-offer='{offer.id}']")
    await card.get_by_role("button", name="Ajouter des codes").click()
    async with page.expect_file_chooser() as chooser:
        await card.get_by_role("button", name="Importer des codes").click()
    text = "code\nAAAA2222\nBBBB2222\nB0B0\nZZZZ2222\nCCCC2222\nBBBB2222\n"
    await (await chooser.value).set_files(
        {"name": "codes.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    await expect(card.locator(".bad-lines")).to_contain_text("Ligne 4")
    await expect(card.locator(".bad-lines")).to_contain_text("qui se confondent : 0")
    await expect(card.locator(".bad-lines")).to_contain_text(f"appartient déjà à l’offre {other.id}")
    await expect(card.locator(".bad-lines")).to_contain_text("Le même code figure à la ligne 3")
    await shots(page, "offers-import")
    await card.get_by_role("button", name="Prendre 2 codes").click()
    await expect(page.get_by_text("2 codes ajoutés.")).to_be_visible()
    assert ["AAAA2222", "BBBB2222", "CCCC2222"] == [code for code, _ in desk.codes(offer.id)]
    assert ("marketer", "codes_imported", f"offer {offer.id}") in desk.actions()


async def test_codes_are_masked_for_whoever_need_not_see_them(
    desk: Counter, signed_in: SignedIn, shots: Any, assert_accessible: Check
) -> None:
    offer = desk.add(*(f"SECRET{number:04}" for number in range(120)), state=CodeState.CREATED)
    with desk.database.unit() as unit:
        claim = Claim("twitch", "501", "Ann", "twitch:100", "m1")
        unit.grants.grant(offer, [claim], datetime.now(UTC))
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await page.get_by_role("link", name="Voir les codes").click()
    await expect(page.locator("tbody tr")).to_have_count(50)
    assert "SECRET" not in await page.content()
    await assert_accessible(page)
    await expect(page.locator("tbody")).to_contain_text("••")
    await shots(page, "codes-masked")
    await page.get_by_role("button", name="Les lignes suivantes").click()
    await expect(page.get_by_text("51–100 sur 120")).to_be_visible()

    owner = await signed_in(UserRole.OWNER, path=f"/offers/{offer.id}/codes")
    await expect(owner.locator("tbody")).to_contain_text("SECRET0001")
    await owner.get_by_label("État").click()
    await owner.get_by_role("option", name="donné").click()
    await expect(owner.locator("tbody tr")).to_have_count(1)
    await expect(owner.locator("tbody")).to_contain_text("SECRET0000")
    await shots(owner, "codes-owner")


async def test_a_reader_looks_and_changes_nothing(desk: Counter, signed_in: SignedIn) -> None:
    desk.add("AAAABBBB")
    page = await signed_in(UserRole.READER, path="/offers")
    await expect(page.locator(".offer-card")).to_contain_text("−20")
    for name in ("Créer une offre", "Terminer", "Tuer ses codes", "Ajouter des codes"):
        await expect(page.get_by_role("button", name=name)).to_be_hidden()


async def test_the_offers_look_right_on_every_screen(
    desk: Counter, signed_in: SignedIn, shots: Any, assert_accessible: Check
) -> None:
    desk.add("AAAABBBB", "CCCCDDDD", "EEEEFFFF")
    await desk.work()
    desk.add()
    ended = desk.add("GGGGHHHH")
    desk.add(*(f"JJJJ{number}" for number in range(2222, 2242)))
    with desk.database.unit() as unit:
        unit.offers.end(ended.id, datetime.now(UTC))
        unit.offers.add(
            desk.live_id, OfferKind.SHARED, Mechanic.DROP, Discount(amount=Money(1000, "EUR")),
            shared_code="NOEL", quantity=50, skus=("XSX",), ends_at=datetime.now(UTC) + timedelta(hours=1),
        )  # fmt: skip
    for name, how in (
        ("light", {}), ("dark", {"dark": True}), ("phone", {"phone": True}), ("en", {"language": "en"}),
    ):  # fmt: skip
        role = UserRole.OWNER if name == "en" else UserRole.MARKETER
        page = await signed_in(role, path="/offers", **how)
        await page.locator(".offer-card").first.wait_for()
        await shots(page, f"offers-{name}")
        await open_form(page) if name == "dark" else None
        await assert_accessible(page)
        width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, name


async def test_a_price_that_the_shop_told_says_so(desk: Counter, signed_in: SignedIn, shots: Any) -> None:
    page = await signed_in(UserRole.MARKETER, path="/products")
    await expect(
        page.get_by_text("Pendant un live, les prix et le stock suivent la boutique")
    ).to_be_visible()
    assert "de la boutique" not in await page.locator("tbody").inner_text()
    await asyncio.to_thread(desk.keeper.prices.take_over, desk.shop.products(["XSX"]))
    await expect(page.locator("tbody")).to_contain_text("de la boutique")
    await shots(page, "products-kept")


async def test_a_live_that_closes_meanwhile_takes_no_more_offers(desk: Counter, signed_in: SignedIn) -> None:
    page = await signed_in(UserRole.MARKETER, path="/offers")
    await open_form(page)
    await page.get_by_role("textbox", name="Pourcentage").fill("20")
    await page.get_by_label("Combien de codes").fill("30")
    with desk.database.unit() as unit:
        unit.lives.close(desk.live_id, datetime.now(UTC))
    await page.get_by_role("button", name="Ajouter l’offre").click()
    await expect(page.get_by_text("Le live est terminé")).to_be_visible()
    assert [] == desk.offers()
