"""The viewers' pages and the overlay, in light and dark: axe finds nothing serious."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.web.conftest import ANN, Site
from tests.web.test_overlay import XBOX, put_on_screen

Check = Callable[[Page], Awaitable[None]]
LARGEST_PAGE = 30_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_claim_page_is_accessible_before_and_after_signing_in(
    site: Site, browser: Browser, assert_accessible: Check, shots: Any, scheme: Any
) -> None:
    site.grant(ANN)
    size: Any = {"width": 390, "height": 844}
    person = await browser.new_context(locale="fr-FR", color_scheme=scheme, viewport=size)
    page = await person.new_page()
    answer = await page.goto(site.page)
    assert answer is not None
    assert len(await answer.body()) < LARGEST_PAGE
    await assert_accessible(page)
    await page.get_by_role("button", name="Twitch").click()
    await page.get_by_role("button", name="Ann").click()
    await page.locator(".code").wait_for()
    await assert_accessible(page)
    await shots(page, f"claim-{scheme}")
    site.close()
    await page.locator(".card.over").wait_for()
    await assert_accessible(page)
    await shots(page, f"claim-over-{scheme}")
    await page.goto(f"{site.url}/c/999")
    await assert_accessible(page)
    await page.goto(site.links.personal(site.live_id, "twitch", "501"))
    await assert_accessible(page)
    await person.close()


@pytest.mark.parametrize("look", ["card", "bar"])
async def test_the_overlay_is_accessible(site: Site, page: Page, assert_accessible: Check, look: str) -> None:
    put_on_screen(site, XBOX)
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await page.goto(f"{site.url}/overlay/{site.live_id}?look={look}")
    await page.locator(".product").wait_for()
    await assert_accessible(page)
