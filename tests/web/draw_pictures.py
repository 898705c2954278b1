"""Draws the pictures of the pages in `docs/pictures` from a running demo: `sh scripts/pictures`."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from tests.needs import CHROMIUM, found
from web.console.registry import ENTRIES

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SECONDS, CROWD, WARM_UP_S = 150, 250, 40.0
"""The evening must be under way when it is drawn: codes granted, orders in."""
SETTLE_S = 3.0


async def main() -> None:
    """Start a demo, draw each page of its console, its claim page and its overlay, and end it."""
    program = found(*CHROMIUM)
    if program is None:
        sys.exit("Pictures need Chromium: install your system's package «chromium».")
    FOLDER.mkdir(exist_ok=True)
    words = ("-m", "bot", "demo", "--seconds", str(SECONDS), "--crowd", str(CROWD))
    demo = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=PIPE)
    assert demo.stdout is not None
    addresses = await _addresses(demo.stdout)
    reading = asyncio.create_task(demo.stdout.read())  # a full pipe would hold the demo up
    try:
        await asyncio.sleep(WARM_UP_S)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            await _draw(browser, addresses)
            await browser.close()
    finally:
        demo.terminate()
        await asyncio.gather(demo.wait(), reading)


async def _addresses(printed: asyncio.StreamReader) -> dict[str, str]:
    """Where the demo's pages are, by the names it prints."""
    found: dict[str, str] = {}
    while "the shop" not in found:
        line = (await printed.readline()).decode()
        if match := re.match(r"\s*(the [\w ]+):\s+(http\S+)", line):
            found[match[1]] = match[2]
    return found


async def _draw(browser: Browser, addresses: dict[str, str]) -> None:
    console = addresses["the console"]
    for entry in ENTRIES:
        if "{" not in entry.path:
            await _picture(browser, console.rstrip("/") + entry.path, entry.name)
    await _picture(browser, f"{console.rstrip('/')}/lives/1", "report", height=1700)
    await _picture(browser, console, "tonight-phone-dark", width=390, height=844, scheme="dark")
    await _picture(browser, addresses["the claim page"], "claim", width=390, height=640)
    await _picture(browser, addresses["the overlay"], "overlay", width=1280, height=720)


async def _picture(
    browser: Browser, address: str, name: str, width: int = 1280, height: int = 860, scheme: str = "light"
) -> None:
    screen = await browser.new_context(
        locale="en",
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await screen.new_page()
    await page.goto(address)
    await asyncio.sleep(SETTLE_S)
    await page.screenshot(path=FOLDER / f"{name}.png")
    await screen.close()
    print(name)


if __name__ == "__main__":
    asyncio.run(main())
