"""Every page of the console, in light and dark: axe finds nothing serious."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from domain.money import Money
from domain.people import UserRole
from domain.show import Claim, Discount, Mechanic, OfferKind, Product
from tests.web.accessible import assert_dialog_accessible
from tests.web.console.conftest import Desk
from web.console.registry import ENTRIES, Entry
from web.console.texts import say

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
XBOX = Product(
    "XSX",
    "Xbox Series X",
    Money(49_999, "EUR"),
    ("xbox",),
    Money(47_999, "EUR"),
    12,
    "https://shop.example/x",
)


def an_evening(desk: Desk) -> None:
    """Something for every page to show."""
    with desk.database.unit() as unit:
        unit.products.save([XBOX], desk.now())
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=desk.now())
        unit.lives.open(live.id, desk.now())
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20), skus=("XSX",))
        unit.codes.add(offer.id, ["SECRET0001", "SECRET0002"])
        unit.grants.grant(offer, [Claim("twitch", "501", "Ann", "twitch:100", "m1")], desk.now())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
async def test_every_page_is_accessible_in_light_in_dark_and_on_a_phone(
    signed_in: SignedIn, desk: Desk, assert_accessible: Check, entry: Entry
) -> None:
    an_evening(desk)
    page = await signed_in(UserRole.OWNER, path=re.sub(r"\{\w+\}", "1", entry.path))
    await page.wait_for_load_state("networkidle")
    await assert_accessible(page)
    await page.emulate_media(color_scheme="dark")
    await page.locator("body.body--dark").wait_for()
    await assert_accessible(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.locator("header .phone").first.wait_for()
    await assert_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark", "phone"])
async def test_the_sign_in_is_accessible(
    desk: Desk, browser: Browser, assert_accessible: Check, shots: Any, scheme: Any
) -> None:
    desk.user(UserRole.OWNER)
    size: Any = {"width": 390, "height": 844} if scheme == "phone" else {"width": 1280, "height": 900}
    shade: Any = "light" if scheme == "phone" else scheme
    person = await browser.new_context(locale="fr-FR", color_scheme=shade, viewport=size)
    page = await person.new_page()
    await page.goto(f"{desk.url}/")
    await assert_accessible(page)
    await shots(page, f"sign-in-{scheme}")
    await page.locator("input[name=login]").fill("owner")
    await page.locator("input[name=password]").fill("not the password")
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").wait_for()
    await assert_accessible(page)
    await person.close()


DIALOGS = (
    ("/lives", "lives.plan"),
    ("/lives", "lives.change"),
    ("/lives", "lives.end"),
    ("/offers", "offers.kill"),
    ("/people", "people.add"),
)


@pytest.mark.parametrize(("path", "button"), DIALOGS, ids=[button for _, button in DIALOGS])
async def test_a_dialog_is_accessible(
    signed_in: SignedIn, desk: Desk, shots: Any, path: str, button: str
) -> None:
    an_evening(desk)
    page = await signed_in(UserRole.OWNER, path=path)
    await page.get_by_role("button", name=say("fr", button), exact=True).first.click()
    await page.get_by_role("dialog").wait_for()
    await assert_dialog_accessible(page)
    await shots(page, f"dialog-{button}")


async def test_a_dialog_says_what_it_is_and_escape_closes_it(signed_in: SignedIn) -> None:
    page = await signed_in(UserRole.OWNER, path="/people")
    await page.get_by_role("button", name=say("fr", "people.add")).click()
    dialog = page.get_by_role("dialog", name=say("fr", "people.add"))
    await dialog.wait_for()
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="hidden")
