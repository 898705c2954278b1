"""Open pages of the console while their user's session, role or page changes under them."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from domain.people import UserRole
from tests.web.console.conftest import HASHED, PASSWORD, Desk

SignedIn = Callable[..., Awaitable[Page]]
OVER = "Votre session est terminée : rien n’a été modifié."


async def test_an_expired_session_in_the_middle_of_an_action_is_a_sentence_and_changes_nothing(
    signed_in: SignedIn, desk: Desk, shots: Any, assert_accessible: Callable[[Page], Awaitable[None]]
) -> None:
    page = await signed_in(UserRole.MODERATOR)
    await page.get_by_role("button", name="Clair ou sombre").wait_for()
    with desk.database.unit() as unit:
        unit.users.sign_out_everywhere(desk.known("moderator").id)
    await page.get_by_role("button", name="English").click()
    await page.get_by_role("alert").get_by_text(OVER).wait_for()
    await assert_accessible(page)
    await shots(page, "session-over")
    assert "fr" == desk.known("moderator").language
    assert [("moderator", "signed_in")] == desk.audited()
    await page.get_by_role("link", name="Se connecter").click()
    await page.locator("input[name=password]").wait_for()


async def test_signing_out_ends_the_users_other_open_pages(signed_in: SignedIn, desk: Desk) -> None:
    page = await signed_in(UserRole.MODERATOR)
    other = await page.context.new_page()
    await other.goto(f"{desk.url}/")
    await other.locator("main.page").wait_for()
    await other.wait_for_function("window.did_handshake === true")
    await page.get_by_role("button", name="Se déconnecter").click()
    await page.locator("input[name=login]").wait_for()
    await other.get_by_text(OVER).wait_for()


async def test_another_password_and_shutting_out_end_open_pages(signed_in: SignedIn, desk: Desk) -> None:
    desk.user(UserRole.OWNER)
    for role in (UserRole.READER, UserRole.MARKETER):
        page = await signed_in(role)
        await page.wait_for_function("window.did_handshake === true")
        with desk.database.unit() as unit:
            if role is UserRole.READER:
                unit.users.set_password(desk.known(role).id, HASHED)
            else:
                unit.users.change(desk.known(role).id, is_disabled=True)
        await page.get_by_text(OVER).wait_for()


async def test_another_role_makes_open_pages_anew(signed_in: SignedIn, desk: Desk) -> None:
    desk.user(UserRole.OWNER)
    page = await signed_in(UserRole.MODERATOR)
    await page.wait_for_function("window.did_handshake === true")
    with desk.database.unit() as unit:
        unit.users.change(desk.known("moderator").id, role=UserRole.READER)
    await page.get_by_role("banner").get_by_text("Connecté : Moderator (lecture)").wait_for()


async def test_a_page_that_loses_its_line_and_its_session_leads_to_the_sign_in(
    signed_in: SignedIn, desk: Desk
) -> None:
    page = await signed_in(UserRole.MODERATOR)
    await page.wait_for_function("window.did_handshake === true")
    await page.evaluate("window.socket.io.engine.close()")
    with desk.database.unit() as unit:
        unit.users.sign_out_everywhere(desk.known("moderator").id)
    await page.locator("input[name=login]").wait_for()


async def test_a_name_is_text_whatever_is_in_it(signed_in: SignedIn, desk: Desk) -> None:
    with desk.database.unit() as unit:
        name = '<img src=x onerror="window.bad=1">{{ 7*7 }}" onclick="'
        unit.users.add("reader", name, UserRole.READER, "fr", datetime.now(UTC), HASHED)
    page = await signed_in(UserRole.READER)
    await page.get_by_role("banner").get_by_text(f"Connecté : {name} (lecture)").wait_for()
    assert await page.evaluate("window.bad") is None


async def test_a_login_is_shown_as_it_was_typed_and_as_text(desk: Desk, page: Page) -> None:
    desk.user(UserRole.READER)
    await page.goto(f"{desk.url}/")
    await page.locator("input[name=login]").fill('"><script>alert(1)</script>')
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("input[name=password]").press("Enter")
    await page.get_by_role("alert").wait_for()
    await expect(page.locator("input[name=login]")).to_have_value('"><script>alert(1)</script>')


async def test_a_page_that_fails_is_a_sentence_and_the_menu_stays(
    signed_in: SignedIn, desk: Desk, tmp_path: Path, shots: Any
) -> None:
    page = await signed_in(UserRole.OWNER, language="en")
    with closing(sqlite3.connect(tmp_path / "pages.db")) as broken:
        broken.execute("ALTER TABLE lives RENAME TO gone")
    answer = await page.goto(f"{desk.url}/")
    assert answer is not None
    assert 500 == answer.status
    said = page.locator("main.page").get_by_role("alert")
    await expect(said).to_contain_text("That did not work, and nothing was changed")
    assert "Traceback" not in await page.content()
    await page.get_by_role("navigation").get_by_role("link", name="Tonight").wait_for()
    await shots(page, "page-failed")
