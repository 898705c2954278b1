"""The console without a mouse, and on a phone."""

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page, expect

from domain.people import UserRole

SignedIn = Callable[..., Awaitable[Page]]


async def test_the_first_key_leads_past_the_menu(signed_in: SignedIn, shots: Any) -> None:
    page = await signed_in(UserRole.OWNER)
    await page.wait_for_function("window.did_handshake === true")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await shots(page, "skip-link")
    await page.keyboard.press("Enter")
    await expect(page.locator("main.page")).to_be_focused()


async def test_what_has_the_focus_is_seen(signed_in: SignedIn) -> None:
    page = await signed_in(UserRole.OWNER)
    await page.wait_for_function("window.did_handshake === true")
    style = "el => [getComputedStyle(el).outlineStyle, parseFloat(getComputedStyle(el).outlineWidth) >= 2]"
    for name in ("Clair ou sombre", "English", "Se déconnecter"):
        await page.keyboard.press("Tab")
        button = page.get_by_role("button", name=name)
        await button.focus()
        assert ["solid", True] == await button.evaluate(style), name


async def test_the_menu_opens_and_closes_by_keyboard_on_a_phone(
    signed_in: SignedIn, shots: Any, assert_accessible: Callable[[Page], Awaitable[None]]
) -> None:
    page = await signed_in(UserRole.OWNER, phone=True)
    await page.wait_for_function("window.did_handshake === true")
    tonight = page.get_by_role("navigation").get_by_role("link", name="Ce soir")
    await expect(tonight).not_to_be_visible()
    menu = page.get_by_role("button", name="Menu")
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(tonight).to_be_focused()
    await expect(page.get_by_role("button", name="English")).to_be_visible()
    await assert_accessible(page)
    await shots(page, "menu-phone")
    await page.keyboard.press("Escape")
    await expect(tonight).not_to_be_visible()
    await expect(menu).to_be_focused()


async def test_every_target_in_the_frame_is_large_enough_for_a_thumb(signed_in: SignedIn) -> None:
    page = await signed_in(UserRole.OWNER, phone=True)
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("button", name="English").wait_for()
    await page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)))")
    for target in await page.locator("header button:visible, .menu a:visible, .menu button:visible").all():
        box = await target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, await target.inner_text()
