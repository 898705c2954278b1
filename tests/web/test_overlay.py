"""The overlay: what everybody sees over the video, as it changes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, expect

from domain.money import Money
from domain.show import Product
from tests.web.conftest import ANN, Site

NOW = datetime(2026, 11, 23, tzinfo=UTC)
XBOX = Product("XSX", "Xbox Series X", Money(49999, "EUR"), (), Money(47999, "EUR"), 12)
SWITCH = Product("SW", "Nintendo Switch", Money(31999, "EUR"), (), None, 0)


def put_on_screen(site: Site, product: Product) -> None:
    with site.database.unit() as unit:
        unit.products.save([product], NOW)
        unit.segments.put_on_screen(site.live_id, product.sku, datetime.now(UTC))


@pytest.mark.parametrize("look", ["card", "bar"])
async def test_the_product_its_price_and_the_offer_are_shown(
    page: Page, site: Site, shots: Any, look: str
) -> None:
    put_on_screen(site, XBOX)
    await page.set_viewport_size({"width": 1920, "height": 1080})
    await page.goto(f"{site.url}/overlay/{site.live_id}?look={look}")
    await expect(page.get_by_text("Xbox Series X")).to_be_visible()
    shown = (await page.locator("#overlay").inner_text()).replace("\xa0", " ").replace("\u202f", " ")
    assert "399,99 €" in shown
    assert "-16 % sur le prix le plus bas des 30 derniers jours : 479,99 €" in shown
    assert "Il en reste 20" in shown
    await expect(page.locator(".qr svg")).to_be_visible()
    background = "getComputedStyle(document.body).backgroundColor"
    assert "rgba(0, 0, 0, 0)" == await page.evaluate(background)
    await page.evaluate("document.documentElement.style.background = '#357'")  # a video, for the picture
    await shots(page, f"overlay-{look}")


async def test_the_overlay_follows_the_show_without_a_reload(page: Page, site: Site) -> None:
    put_on_screen(site, XBOX)
    await page.goto(f"{site.url}/overlay/{site.live_id}")
    await expect(page.get_by_text("Il en reste 20")).to_be_visible()
    site.grant(ANN)
    await expect(page.get_by_text("Il en reste 19")).to_be_visible()
    put_on_screen(site, SWITCH)
    await expect(page.get_by_text("Épuisé")).to_be_visible()
    site.close()
    await expect(page.get_by_text("Tapez !code")).to_have_count(0)


async def test_no_code_is_ever_on_the_overlay(page: Page, site: Site) -> None:
    code = site.grant(ANN)
    await page.goto(f"{site.url}/overlay/{site.live_id}")
    await expect(page.get_by_text("Tapez !code")).to_be_visible()
    assert code not in await page.content()


async def test_a_look_that_does_not_exist_and_a_live_that_does_not_are_refused(
    page: Page, site: Site
) -> None:
    wrong = await page.goto(f"{site.url}/overlay/{site.live_id}?look=neon")
    missing = await page.goto(f"{site.url}/overlay/4242")
    assert wrong is not None and missing is not None
    assert [422, 404] == [wrong.status, missing.status]
