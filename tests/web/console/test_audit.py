"""The audit log: who changed what, found again by who, what, about what and when."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from domain.people import UserRole
from store.database import Database
from tests.web.console.conftest import Desk

SignedIn = Callable[..., Awaitable[Page]]
NOW = datetime.now(UTC)


def write(database: Database, count: int = 0) -> None:
    with database.unit() as unit:
        for number in range(count):
            at = NOW - timedelta(days=10, minutes=count - number)
            unit.audit.record(at, "mo", "codes_dropped", "live 1", {}, {"order": f"!drop {number} 10m"})
        changes = {"role": "reader", "is_disabled": False}, {"role": "marketer", "is_disabled": False}
        unit.audit.record(NOW - timedelta(days=2), "ann", "user_changed", "user bob@shop.example", *changes)
        unit.audit.record(NOW, "mo", "unheard_of", "<b>live</b> 2", {}, {"sizes": ["A", "B"], "empty": None})


async def test_it_tells_who_did_what_and_what_changed_newest_first(
    signed_in: SignedIn, desk: Desk, shots: Any
) -> None:
    write(desk.database)
    page = await signed_in(UserRole.OWNER, path="/audit")
    entries = page.locator("[data-entry]")
    await expect(entries).to_have_count(3)
    await expect(entries.nth(0)).to_contain_text("s’est connecté")
    await expect(entries.nth(1)).to_contain_text("unheard of")
    await expect(entries.nth(1)).to_contain_text("<b>live</b> 2")
    await expect(entries.nth(1)).to_contain_text("sizes : A, B")
    await expect(entries.nth(2)).to_contain_text("a modifié une personne")
    await expect(entries.nth(2)).to_contain_text("utilisateur bob@shop.example")
    await expect(entries.nth(2)).to_contain_text("rôle : lecture → marketing")
    await expect(entries.nth(2)).not_to_contain_text("désactivé")
    await shots(page, "audit")


async def test_it_is_filtered_by_person_subject_and_day_and_says_when_nothing_matches(
    signed_in: SignedIn, desk: Desk
) -> None:
    write(desk.database, count=3)
    page = await signed_in(UserRole.OWNER, path="/audit", language="en")
    entries = page.locator("[data-entry]")
    await expect(entries).to_have_count(6)
    await page.get_by_label("Who").click()
    await page.get_by_role("option", name="mo").click()
    await expect(entries).to_have_count(4)
    await page.get_by_label("From").fill(f"{NOW - timedelta(days=5):%Y-%m-%d}")
    await expect(entries).to_have_count(1)
    await page.get_by_label("From").fill("")
    await page.get_by_label("What").click()
    await page.get_by_role("option", name="dropped codes").click()
    await expect(entries).to_have_count(3)
    await page.get_by_label("About").fill("LIVE 1")
    await expect(entries).to_have_count(3)
    await page.get_by_label("About").fill("100%")
    await expect(page.get_by_text("No action matches.")).to_be_visible()
    await expect(entries).to_have_count(0)


async def test_who_changes_a_filter_before_its_answer_came_sees_the_last_one_alone(
    signed_in: SignedIn, desk: Desk
) -> None:
    write(desk.database, count=3)
    page = await signed_in(UserRole.OWNER, path="/audit", language="en")
    entries = page.locator("[data-entry]")
    await expect(entries).to_have_count(6)
    gate = threading.Event()
    busy = [asyncio.get_running_loop().run_in_executor(None, gate.wait) for _ in range(64)]
    for ago in (20, 5):
        await page.get_by_label("From").fill(f"{NOW - timedelta(days=ago):%Y-%m-%d}")
        await asyncio.sleep(0.3)
    gate.set()
    await asyncio.gather(*busy)
    await asyncio.sleep(0.5)
    await expect(entries).to_have_count(3)


async def test_what_is_kept_by_names_is_told_in_words(signed_in: SignedIn, desk: Desk) -> None:
    offer = {"kind": "unique", "mechanic": "hand", "codes": 5000, "ends_at": "2126-12-03T20:00:00+00:00"}
    with desk.database.unit() as unit:
        unit.audit.record(
            NOW, "@ann (twitch)", "product_on_screen", "live 1", {"product": "X"}, {"product": "Y"}
        )
        unit.audit.record(NOW, "ann", "offer_added", "offer 1", {}, offer)
        unit.audit.record(NOW, "ann", "offer_killed", "offer 1", {"ended": False}, {"ended": True})
    page = await signed_in(UserRole.OWNER, path="/audit")
    killed, added, shown = (page.locator("[data-entry]").nth(number) for number in (1, 2, 3))
    await expect(killed).to_contain_text("a annulé les codes d’une offre")
    await expect(killed).to_contain_text("terminée : non → oui")
    await expect(added).to_contain_text("offre 1")
    for words in ("un code par spectateur", "à la main", "codes : 5\u202f000", "fin : 03/12/2126 21:00"):
        await expect(added).to_contain_text(words)
    await expect(shown).to_contain_text("@ann (twitch)")
    await expect(shown).to_contain_text("produit : X → Y")


async def test_older_entries_come_fifty_at_a_time(signed_in: SignedIn, desk: Desk) -> None:
    write(desk.database, count=120)
    page = await signed_in(UserRole.OWNER, path="/audit")
    entries, older = page.locator("[data-entry]"), page.get_by_role("button", name="Plus anciennes")
    await expect(entries).to_have_count(50)
    await older.click()
    await expect(entries).to_have_count(100)
    await older.click()
    await expect(entries).to_have_count(123)
    await expect(older).to_be_hidden()
    texts = await entries.all_inner_texts()
    assert "!drop 0 10m" in texts[-1]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_on_a_phone_nothing_sticks_out(signed_in: SignedIn, desk: Desk, shots: Any, dark: bool) -> None:
    write(desk.database, count=3)
    page = await signed_in(UserRole.OWNER, path="/audit", phone=True, dark=dark)
    await expect(page.locator("[data-entry]")).to_have_count(6)
    await shots(page, f"audit-phone-{'dark' if dark else 'light'}")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
