"""Every page of the console, in light and dark: axe finds nothing serious."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from domain.people import UserRole
from tests.web.console.conftest import Desk
from web.console.registry import ENTRIES

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
IN_THE_MENU = [entry for entry in ENTRIES if not entry.under]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_page_of_the_menu_is_accessible(
    signed_in: SignedIn, desk: Desk, assert_accessible: Check, dark: bool
) -> None:
    page = await signed_in(UserRole.OWNER, dark=dark)
    for entry in IN_THE_MENU:
        await page.goto(f"{desk.url}{entry.path}")
        await page.locator("main.page").wait_for()
        await page.wait_for_load_state("networkidle")
        await assert_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_sign_in_is_accessible(
    desk: Desk, browser: Browser, assert_accessible: Check, shots: Any, scheme: Any
) -> None:
    desk.user(UserRole.OWNER)
    person = await browser.new_context(locale="fr-FR", color_scheme=scheme)
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
