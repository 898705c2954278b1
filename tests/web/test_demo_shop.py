"""The demo's shop in a real browser: a newcomer comes with a code and buys."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, expect

from standins.shop.model import ShopModel
from standins.woocommerce.server import WooCommerceStandin


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[WooCommerceStandin]:
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    model.sell("SCARF", "Écharpe d'hiver", 4990, stock=0)
    model.add_coupon("SOIREE20", percent=20.0, usage_limit=1, ends_at=model.now() + timedelta(minutes=5))
    async with WooCommerceStandin(model) as opened:
        yield opened


async def test_a_newcomer_buys_with_the_code_of_the_link(
    shop: WooCommerceStandin, page: Page, shots: Any
) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(f"{shop.url}/?coupon=SOIREE20")
    assert f"{shop.url}/" == page.url  # no code in the history
    await expect(page.get_by_text("SOIREE20")).to_be_visible()
    await shots(page, "shop-front")
    await page.get_by_role("link", name="Casque QC Ultra").click()
    await page.get_by_role("button", name="Ajouter au panier").click()
    await expect(page.locator("#total")).to_contain_text("319,92")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await shots(page, "shop-cart")
    await page.get_by_label("Votre adresse e-mail").fill("ann@example.com")
    await page.get_by_role("button", name="Acheter").click()
    await expect(page.get_by_text("Vous avez économisé 79,98")).to_be_visible()
    await page.reload()
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_text("You saved €79.98.")).to_be_visible()
    await shots(page, "shop-thanks")
    assert [31992] == [order.total for order in shop.model.orders.values()]


async def test_a_code_that_ends_in_the_cart_is_said_to_have_ended(
    shop: WooCommerceStandin, page: Page
) -> None:
    await page.goto(f"{shop.url}/product/casque-qc-ultra?coupon=soiree20")
    await page.get_by_role("button", name="Ajouter au panier").click()
    shop.model.shift = timedelta(minutes=6)
    await page.get_by_label("Votre adresse e-mail").fill("ann@example.com")
    await page.get_by_role("button", name="Acheter").click()
    await expect(page.get_by_role("alert")).to_contain_text("que pendant le direct")
    await expect(page.locator("#total")).to_contain_text("399,90")
    assert {} == shop.model.orders


async def test_what_is_sold_out_cannot_be_put_in_the_cart(shop: WooCommerceStandin, page: Page) -> None:
    await page.goto(f"{shop.url}/")
    assert 1 == await page.get_by_role("button", name="Ajouter au panier").count()
    await expect(page.get_by_text("Épuisé")).to_be_visible()
