"""Whether a page can be used by everybody, as far as axe can tell: its rules, from the wheel, no network."""

from typing import Any

from axe_playwright_python.async_playwright import Axe
from axe_playwright_python.base import AxeResults
from playwright.async_api import Page

GRAVE = ("serious", "critical")
# Colours that fade in are measured once they have arrived.
STILL = """async () => {
  await Promise.all(document.getAnimations().map((one) => one.effect.getTiming().iterations === Infinity
    ? null : one.finished.catch(() => null)));
}"""
# Of a dialog's colours axe cannot tell: it takes those of what the dialog covers for its own.
NO_COLOURS = {"rules": {"color-contrast": {"enabled": False}}}


async def assert_accessible(page: Page) -> None:
    """Fail on each serious and critical violation, naming the rule, the element and how to mend it."""
    await page.evaluate(STILL)
    _assert_none(page, await Axe().run(page))


async def assert_dialog_accessible(page: Page) -> None:
    """Fail as `assert_accessible` does, on the dialog that is open; its colours are not looked at."""
    await page.evaluate(STILL)
    _assert_none(page, await Axe().run(page, context=".q-dialog", options=NO_COLOURS))


def _assert_none(page: Page, found: AxeResults) -> None:
    grave = [one for one in found.response["violations"] if one["impact"] in GRAVE]
    lines = [line for one in grave for line in _told(one)]
    assert not lines, "\n".join((page.url, *lines))


def _told(violation: dict[str, Any]) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:200]} · {' '.join(node['failureSummary'].split())[:400]}"
        for node in violation["nodes"]
    ]
