"""The demo as a newcomer plays it: ask in the chat, find the code, buy in the shop, see the redemption."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, expect

from bot.demo.play import Audience, play
from bot.demo.summary import Summary

SECONDS = 25.0
Evening = tuple[dict[str, str], "asyncio.Task[Summary]"]


@pytest_asyncio.fixture(loop_scope="session")
async def evening() -> AsyncIterator[Evening]:
    """An evening that is on: where its pages are, and what it will have been."""
    told: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
    playing = asyncio.create_task(play(SECONDS, 40, Audience(lambda who, text: None, told.set_result)))
    try:
        yield await told, playing
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


async def test_a_newcomer_asks_claims_buys_and_sees_the_redemption_arrive(
    page: Page, evening: Evening, shots: Any
) -> None:
    addresses, playing = evening
    await page.goto(addresses["the chat"])
    await page.get_by_role("textbox").fill("!code")
    await page.get_by_role("button", name="Send").click()
    await expect(
        page.locator("#chat .bot", has_text=re.compile("@vous", re.IGNORECASE)).first
    ).to_be_visible()

    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Your codes").click()
    viewer = await opened.value
    await viewer.get_by_role("button", name=re.compile("Twitch")).click()
    await viewer.get_by_role("button", name=re.compile("Vous")).click()
    to_shop = viewer.get_by_role("link", name=re.compile("boutique"))
    await expect(to_shop).to_be_visible()
    await shots(viewer, "demo-claim")
    await viewer.goto(str(await to_shop.get_attribute("href")))
    await viewer.get_by_role("link", name=re.compile("Xbox Series X")).first.click()
    await viewer.get_by_role("button", name="Ajouter au panier").click()
    await expect(viewer.locator("#total")).to_have_text(re.compile(r"399,99"))
    await shots(viewer, "demo-cart")
    await viewer.get_by_label("Votre adresse e-mail").fill("vous@example.com")
    await viewer.get_by_role("button", name="Acheter").click()
    await expect(viewer.get_by_text("Merci pour votre commande")).to_be_visible()
    await shots(viewer, "demo-thanks")

    await expect(page.locator("#bought li")).to_have_text(re.compile("placed, valid"))
    await shots(page, "demo-chat")
    summary = await playing
    assert summary.is_clean
