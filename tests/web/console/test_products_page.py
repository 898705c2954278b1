"""The products page in a real browser: found, imported with a look before, and named as viewers name them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, expect

from domain.money import Money
from domain.people import UserRole
from domain.show import Product
from tests.web.console.conftest import Desk

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
HEAD = "sku,name,aliases,price,currency,reference_price,stock,url\n"
XBOX = Product(
    "XSX", "La Xbox Series X", Money(49999, "EUR"), ("xbox", "la boîte"), Money(45000, "EUR"), 12,
    "https://shop.example/xbox",
)  # fmt: skip
PAD = Product("PAD", "Manette sans fil", Money(5999, "EUR"), ("manette",), None, 0)
PHONE = Product("TEL", "Téléphone", Money(29900, "EUR"))


def shelve(desk: Desk, *products: Product) -> None:
    with desk.database.unit() as unit:
        unit.products.save(products, datetime.now(UTC))


def kept(desk: Desk) -> dict[str, Product]:
    with desk.database.unit(read_only=True) as unit:
        return {product.sku: product for product in unit.products.list()}


async def choose(page: Page, name: str, content: str | bytes) -> None:
    """Give the page a file, as if chosen in the dialog."""
    raw = content.encode() if isinstance(content, str) else content
    async with page.expect_file_chooser() as opened:
        await page.get_by_role("button", name="Importer un fichier").click()
    await (await opened.value).set_files({"name": name, "mimeType": "text/csv", "buffer": raw})


async def test_products_are_listed_with_what_may_be_said_of_their_price(
    desk: Desk, signed_in: SignedIn, shots: Any
) -> None:
    shelve(desk, XBOX, PAD, PHONE)
    page = await signed_in(UserRole.READER, path="/products")
    xbox = page.get_by_role("row").filter(has_text="XSX")
    await expect(xbox).to_contain_text("499,99 €")
    await expect(xbox).to_contain_text("450,00 €")
    await expect(xbox.get_by_role("link")).to_have_attribute("href", "https://shop.example/xbox")
    await expect(page.get_by_role("row").filter(has_text="PAD")).to_contain_text("aucune réduction")
    await expect(page.get_by_role("row").filter(has_text="PAD")).to_contain_text("Épuisé")
    assert 0 == await page.get_by_role("button", name="Importer un fichier").count()
    assert 0 == await page.get_by_role("button", name="Modifier les alias").count()
    await shots(page, "products-reader")


async def test_a_product_is_found_by_its_name_whatever_the_accents(desk: Desk, signed_in: SignedIn) -> None:
    shelve(desk, XBOX, PAD, PHONE)
    page = await signed_in(UserRole.MARKETER, path="/products")
    await page.get_by_label("Chercher").fill("telephone")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody")).to_contain_text("Téléphone")
    await page.get_by_label("Chercher").fill("zzz")
    await expect(page.get_by_text("Aucun produit ne contient tous ces mots.")).to_be_visible()


async def test_without_products_the_page_says_what_to_do(signed_in: SignedIn, shots: Any) -> None:
    page = await signed_in(UserRole.MARKETER, path="/products")
    await expect(page.get_by_text("Aucun produit pour l’instant.")).to_be_visible()
    await shots(page, "products-empty")


async def test_a_file_is_looked_at_before_it_changes_anything(
    desk: Desk, signed_in: SignedIn, shots: Any, assert_accessible: Check
) -> None:
    shelve(desk, XBOX, PAD)
    page = await signed_in(UserRole.MARKETER, path="/products")
    await choose(
        page,
        "soirée.csv",
        HEAD
        + "XSX,La Xbox Series X,xbox|la boîte,449.99,EUR,430,12,https://shop.example/xbox\n"
        + "PAD,Manette sans fil,manette,59.99,EUR,,0,\n"
        + "NEW,Casque,,89.90,EUR,,5,\n"
        + "BAD,Écran,,cher,EUR,,5,\n"
        + ",Sans référence,,1,EUR,,,\n",
    )
    preview = page.locator(".preview")
    await expect(preview).to_contain_text("Ligne 5")
    await expect(preview).to_contain_text("« cher » n’est pas un prix")
    await expect(preview).to_contain_text("La référence (SKU) manque")
    await preview.get_by_text("Ce qui change (1)").click()
    await expect(preview.locator("tbody")).to_contain_text("449,99 €")
    await expect(preview.locator("tbody")).to_contain_text("499,99 €")
    await preview.get_by_text("Ce qui est nouveau (1)").click()
    await expect(preview.get_by_text("Casque")).to_be_visible()
    await shots(page, "products-preview")
    await assert_accessible(page)
    assert {"XSX": XBOX, "PAD": PAD} == kept(desk)

    await page.get_by_role("button", name="Prendre 2 produits").click()
    await expect(page.get_by_text("2 produits importés.")).to_be_visible()
    await expect(page.locator("tbody")).to_contain_text("Casque")
    assert Money(44999, "EUR") == kept(desk)["XSX"].price
    with desk.database.unit(read_only=True) as unit:
        (entry,) = [one for one in unit.audit.list() if one.action == "products_imported"]
    assert ("marketer", "products", 1, 1, 2) == (
        entry.who, entry.subject, entry.after["new"], entry.after["changed"], entry.after["left_out"],
    )  # fmt: skip
    assert ({"XSX": "€499.99"}, {"XSX": "€449.99"}) == (entry.before["prices"], entry.after["prices"])


async def test_a_file_that_is_not_wanted_changes_nothing(desk: Desk, signed_in: SignedIn) -> None:
    shelve(desk, XBOX)
    page = await signed_in(UserRole.MARKETER, path="/products")
    await choose(page, "a.csv", HEAD + "XSX,Xbox,,1,EUR,,,\n")
    await page.get_by_role("button", name="Ne rien prendre").click()
    await expect(page.locator(".preview")).to_have_count(0)
    assert {"XSX": XBOX} == kept(desk)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("latin.csv", (HEAD + "A,Écran,,1,EUR,,,\n").encode("cp1252"), "enregistrez-le en « CSV UTF-8 »"),
        ("empty.csv", b"", "Colonnes manquantes à la ligne 1"),
        ("other.csv", b"nom,prix\nXbox,1\n", "Colonnes manquantes à la ligne 1"),
        ("quote.csv", (HEAD + 'A,"Ecran,,1,EUR,,,\n').encode(), "fermez le guillemet"),
        ("feed.xml", b"<rss><item>", "XML bien formé"),
        ("head.csv", HEAD.encode(), "aucun produit"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    desk: Desk, signed_in: SignedIn, name: str, content: bytes, sentence: str
) -> None:
    shelve(desk, XBOX)
    page = await signed_in(UserRole.MARKETER, path="/products")
    await choose(page, name, content)
    refused = page.get_by_role("alert").filter(has_text=name)
    await expect(refused).to_contain_text(sentence)
    assert {"XSX": XBOX} == kept(desk)


async def test_fifty_thousand_lines_with_three_bad_ones(desk: Desk, signed_in: SignedIn, shots: Any) -> None:
    lines = [f"S{n},Article {n},a{n},{n % 900 + 1}.99,EUR,,{n % 50}," for n in range(50_000)]
    lines[9], lines[24_999], lines[49_999] = "S9,,,1,EUR,,,", "S24999,X,,x,EUR,,,", "S0,Encore,,1,EUR,,,"
    page = await signed_in(UserRole.MARKETER, path="/products")
    silence = Silence()
    listening = asyncio.create_task(silence.listen())
    await choose(page, "grand.csv", HEAD + "\n".join(lines) + "\n")
    await expect(page.get_by_text("Lecture de grand.csv")).to_be_visible()
    await expect(page.locator(".bad-lines li")).to_have_count(3, timeout=60_000)
    for number in ("Ligne 11", "Ligne 25001", "Ligne 50001"):
        await expect(page.locator(".bad-lines")).to_contain_text(number)
    await shots(page, "products-50000")
    await page.get_by_role("button", name="Prendre 49").click()
    await expect(page.get_by_text("Enregistrement…")).to_be_visible()
    await expect(page.get_by_text("49 997 produits importés.".replace(" ", "\u202f", 1))).to_be_visible(
        timeout=90_000
    )
    listening.cancel()
    assert silence.longest_s < 5.0, "the page was left alone while a file was read"
    assert 49_997 == len(kept(desk))
    await page.get_by_label("Chercher").fill("article 4999")
    await expect(page.locator("tbody")).to_contain_text("S4999")


class Silence:
    """How long the server, which runs on the test's own loop, answered nobody."""

    longest_s = 0.0

    async def listen(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time()
            await asyncio.sleep(0.02)
            self.longest_s = max(self.longest_s, loop.time() - asked - 0.02)


async def test_aliases_are_changed_in_their_row(desk: Desk, signed_in: SignedIn, shots: Any) -> None:
    shelve(desk, XBOX, PAD)
    page = await signed_in(UserRole.MARKETER, path="/products")
    await page.get_by_role("button", name="Modifier les alias de La Xbox Series X").click()
    field = page.get_by_label("Alias, séparés par des virgules")
    await shots(page, "products-aliases")
    await field.fill("a" * 61)
    await field.press("Enter")
    await expect(page.get_by_text("au plus 60 caractères")).to_be_visible()
    assert XBOX == kept(desk)["XSX"]
    await field.fill("xbox, la noire ,, xbox")
    await field.press("Enter")
    await expect(page.get_by_text("Alias enregistrés.")).to_be_visible()
    assert ("xbox", "la noire") == kept(desk)["XSX"].aliases


async def test_two_who_change_the_same_aliases_are_told(desk: Desk, signed_in: SignedIn) -> None:
    shelve(desk, XBOX)
    ann = await signed_in(UserRole.MARKETER, path="/products")
    bob = await signed_in(UserRole.OWNER, path="/products")
    for page, words in ((ann, "un"), (bob, "deux")):
        await page.get_by_role("button", name="Modifier les alias").click()
        await page.get_by_label("Alias, séparés").fill(words)
    await ann.get_by_label("Alias, séparés").press("Enter")
    await expect(ann.get_by_text("Alias enregistrés.")).to_be_visible()
    await bob.get_by_label("Alias, séparés").press("Enter")
    await expect(bob.get_by_text("Quelqu’un d’autre vient de modifier ces alias")).to_be_visible()
    await expect(bob.locator("tbody")).to_contain_text("un")
    assert ("un",) == kept(desk)["XSX"].aliases


async def test_a_second_browser_sees_an_import_by_itself(desk: Desk, signed_in: SignedIn) -> None:
    shelve(desk, XBOX)
    page = await signed_in(UserRole.READER, path="/products")
    await expect(page.locator("tbody tr")).to_have_count(1)
    shelve(desk, PAD)
    await expect(page.locator("tbody tr")).to_have_count(2)


async def test_the_products_look_right_on_every_screen(desk: Desk, signed_in: SignedIn, shots: Any) -> None:
    shelve(desk, XBOX, PAD, PHONE)
    for name, how in (
        ("light", {}), ("dark", {"dark": True}), ("phone", {"phone": True}), ("en", {"language": "en"}),
    ):  # fmt: skip
        role = UserRole.OWNER if name == "en" else UserRole.MARKETER
        page = await signed_in(role, path="/products", **how)
        await page.locator("tbody tr").first.wait_for()
        await shots(page, f"products-{name}")
        width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, name
