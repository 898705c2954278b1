"""Signing in to the console: who may, who may not, and what a session is worth."""

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page

from domain.people import UserRole

SignedIn = Callable[..., Awaitable[Page]]


async def test_a_user_signs_in_and_sees_tonight_in_their_language(signed_in: SignedIn) -> None:
    french = await signed_in(UserRole.MODERATOR)
    assert "Ce soir" in await french.locator("main.page").inner_text()
    english = await signed_in(UserRole.OWNER, language="en")
    assert "No live is on" in await english.locator("main.page").inner_text()


async def test_the_console_looks_the_same_on_every_screen(signed_in: SignedIn, shots: Any) -> None:
    for name, how in (("light", {}), ("dark", {"dark": True}), ("phone", {"phone": True})):
        page = await signed_in(UserRole.OWNER, **how)
        await page.get_by_text("Aucun live en cours").wait_for()
        await shots(page, f"tonight-empty-{name}")
        width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, name
