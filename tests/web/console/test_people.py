"""People: an owner who manages users, and answers a viewer who asks for their data."""

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from domain.people import User, UserRole
from store.database import Database, open_database
from tests.store.privacy_scene import ANN, an_evening, everything
from tests.web.console.conftest import PASSWORD, Desk

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
NEW_PASSWORD = "another long password"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """With a secret key: viewers are hidden by it."""
    opened = open_database(f"sqlite:///{tmp_path}/people.db", secret_key="a long random text")
    opened.upgrade()
    yield opened
    opened.close()


def user(desk: Desk, login: str) -> User:
    with desk.database.unit(read_only=True) as unit:
        found = unit.users.find(login)
    assert found is not None
    return found


def audited(desk: Desk) -> list[str]:
    with desk.database.unit(read_only=True) as unit:
        return [
            f"{one.who} {one.action} {one.subject}" for one in unit.audit.list() if one.action != "signed_in"
        ]


async def test_an_owner_adds_a_user_who_then_signs_in(
    signed_in: SignedIn, desk: Desk, browser: Any, shots: Any
) -> None:
    page = await signed_in(UserRole.OWNER, path="/people")
    await page.get_by_role("button", name="Ajouter une personne").click()
    await page.locator(".q-dialog").get_by_label("Identifiant").fill("Marie@Shop.example")
    await page.get_by_label("Nom affiché").fill("Marie")
    await page.locator(".q-dialog input[type=password]").fill("short")
    await shots(page, "people-add")
    await page.locator(".q-dialog .costs").click()
    await expect(page.get_by_text("Un mot de passe a de 10 à 200 caractères")).to_be_visible()
    with desk.database.unit(read_only=True) as unit:
        assert unit.users.find("marie@shop.example") is None

    await page.get_by_role("button", name="Ajouter une personne").click()
    await page.locator(".q-dialog").get_by_label("Identifiant").fill("Marie@Shop.example")
    await page.get_by_label("Nom affiché").fill("Marie")
    await page.locator(".q-dialog input[type=password]").fill(NEW_PASSWORD)
    await page.locator(".q-dialog .costs").click()
    await expect(page.locator('[data-login="marie@shop.example"]')).to_contain_text("Marie")
    assert UserRole.MODERATOR is user(desk, "marie@shop.example").role
    assert ["owner user_added user marie@shop.example"] == audited(desk)
    assert await can_sign_in(browser, desk, "marie@shop.example", NEW_PASSWORD)


async def test_a_login_that_is_taken_is_told_and_changes_nothing(signed_in: SignedIn, desk: Desk) -> None:
    desk.user(UserRole.READER)
    page = await signed_in(UserRole.OWNER, path="/people")
    await page.get_by_role("button", name="Ajouter une personne").click()
    await page.locator(".q-dialog").get_by_label("Identifiant").fill("READER")
    await page.locator(".q-dialog .costs").click()
    await expect(page.locator(".q-notification")).to_contain_text("rien n’a été modifié")
    assert UserRole.READER is user(desk, "reader").role
    assert [] == audited(desk)


async def test_a_role_changes_at_once_and_the_last_owner_keeps_theirs(
    signed_in: SignedIn, desk: Desk
) -> None:
    desk.user(UserRole.READER)
    page = await signed_in(UserRole.OWNER, path="/people", language="en")
    await choose_role(page, "reader", "marketer")
    await expect(page.get_by_text("reader is changed")).to_be_visible()
    assert UserRole.MARKETER is user(desk, "reader").role
    await choose_role(page, "owner", "reader")
    await expect(page.get_by_text("One owner must be left")).to_be_visible()
    await expect(page.locator('[data-login="owner"] .role')).to_contain_text("owner")
    assert UserRole.OWNER is user(desk, "owner").role
    assert ["owner user_changed user reader"] == audited(desk)


async def choose_role(page: Page, login: str, role: str) -> None:
    await page.locator(f'[data-login="{login}"] .role').click()
    await page.get_by_role("option", name=role).click()


async def test_who_is_disabled_is_signed_out_and_let_in_no_more(
    signed_in: SignedIn, desk: Desk, browser: Any, shots: Any
) -> None:
    their_page = await signed_in(UserRole.MODERATOR)
    page = await signed_in(UserRole.OWNER, path="/people")
    await page.get_by_role("button", name="Désactiver · moderator").click()
    await page.get_by_role("button", name="Désactiver", exact=True).click()
    await expect(page.locator('[data-login="moderator"]')).to_contain_text("désactivé")
    await shots(page, "people")
    await expect(their_page.get_by_role("alert")).to_contain_text("Votre session est terminée")
    assert not await can_sign_in(browser, desk, "moderator", PASSWORD)
    await page.get_by_role("button", name="Réactiver · moderator").click()
    await expect(page.locator('[data-login="moderator"]')).not_to_contain_text("désactivé")
    assert await can_sign_in(browser, desk, "moderator", PASSWORD)
    await expect(page.get_by_role("button", name="Désactiver · owner")).to_have_count(0)


async def test_a_new_password_ends_the_old_one_and_its_sessions(
    signed_in: SignedIn, desk: Desk, browser: Any
) -> None:
    their_page = await signed_in(UserRole.MODERATOR)
    page = await signed_in(UserRole.OWNER, path="/people")
    await page.get_by_role("button", name="Nouveau mot de passe · moderator").click()
    await page.locator(".q-dialog input[type=password]").fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_text("moderator a un nouveau mot de passe")).to_be_visible()
    await expect(their_page.get_by_role("alert")).to_contain_text("Votre session est terminée")
    assert not await can_sign_in(browser, desk, "moderator", PASSWORD)
    assert await can_sign_in(browser, desk, "moderator", NEW_PASSWORD)
    assert ["owner password_changed user moderator"] == audited(desk)


async def test_a_user_is_signed_out_everywhere_and_may_come_back(
    signed_in: SignedIn, desk: Desk, browser: Any
) -> None:
    their_page = await signed_in(UserRole.MODERATOR)
    page = await signed_in(UserRole.OWNER, path="/people")
    await page.get_by_role("button", name="Déconnecter partout · moderator").click()
    await expect(their_page.get_by_role("alert")).to_contain_text("Votre session est terminée")
    assert await can_sign_in(browser, desk, "moderator", PASSWORD)
    assert ["owner signed_out_everywhere user moderator"] == audited(desk)


async def can_sign_in(browser: Any, desk: Desk, login: str, password: str) -> bool:
    person = await browser.new_context(locale="fr-FR")
    page = await person.new_page()
    await page.goto(f"{desk.url}/")
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(password)
    await page.locator("input[name=password]").press("Enter")
    await page.locator("main.page, [role=alert]").first.wait_for()
    is_in = bool(await page.locator("main.page").count())
    await person.close()
    return is_in


async def search(page: Page, words: str) -> None:
    await page.get_by_label("Son nom dans le chat").fill(words)
    await page.get_by_label("Son nom dans le chat").press("Enter")


async def test_a_viewers_data_is_exported_and_that_is_audited(
    signed_in: SignedIn, desk: Desk, tmp_path: Path, shots: Any, assert_accessible: Check
) -> None:
    evening = an_evening(desk.database, datetime.now(UTC) - timedelta(days=1))
    page = await signed_in(UserRole.OWNER, path="/people")
    await search(page, "@annabelle")
    found = page.locator("[data-viewer]")
    await expect(found).to_contain_text("Annabelle")
    await expect(found).to_contain_text("commandes : 2 · codes : 1 · achats : 1 · mentions : 2")
    await assert_accessible(page)
    await shots(page, "people-viewer")
    async with page.expect_download() as coming:
        await found.get_by_role("button", name="Exporter").click()
    await (await coming.value).save_as(tmp_path / "told.json")
    told = json.loads((tmp_path / "told.json").read_text())
    assert ANN == told["viewer_id"]
    assert evening.held_code(ANN) not in (tmp_path / "told.json").read_text()
    with desk.database.unit(read_only=True) as unit:
        stand_in = unit.viewers.stand_in("twitch", ANN)
    assert [f"owner viewer_exported viewer {stand_in}"] == audited(desk)


async def test_a_viewer_is_erased_once_it_is_confirmed(signed_in: SignedIn, desk: Desk, shots: Any) -> None:
    an_evening(desk.database, datetime.now(UTC) - timedelta(days=1))
    page = await signed_in(UserRole.OWNER, path="/people")
    await search(page, ANN)
    await page.locator("[data-viewer]").get_by_role("button", name="Effacer").click()
    await expect(page.get_by_role("heading", name="Effacer Annabelle partout")).to_be_visible()
    await shots(page, "people-erase")
    await page.get_by_role("button", name="Annuler").click()
    assert ANN in everything(desk.database)
    await page.locator("[data-viewer]").get_by_role("button", name="Effacer").click()
    await page.get_by_role("button", name="Effacer pour toujours").click()
    await expect(page.get_by_text("Commandes : 2 · codes : 1 · mentions : 2.")).to_be_visible()
    assert ANN not in everything(desk.database)
    await search(page, "Annabelle")
    await expect(page.get_by_text("Personne ne s’appelle « Annabelle »")).to_be_visible()


async def test_in_a_live_that_is_on_the_page_says_that_a_stand_in_stays(
    signed_in: SignedIn, desk: Desk
) -> None:
    an_evening(desk.database, datetime.now(UTC), is_closed=False)
    page = await signed_in(UserRole.OWNER, path="/people")
    await search(page, ANN)
    await page.locator("[data-viewer]").get_by_role("button", name="Effacer").click()
    await page.get_by_role("button", name="Effacer pour toujours").click()
    await expect(page.get_by_text("Recommencez après sa fermeture")).to_be_visible()


async def test_nobody_but_owners_opens_people_or_the_audit_log(signed_in: SignedIn, desk: Desk) -> None:
    page = await signed_in(UserRole.MARKETER, path="/people")
    await expect(page.get_by_role("alert")).to_contain_text("Votre rôle n’ouvre pas cette page")
    await page.goto(f"{desk.url}/audit")
    await expect(page.get_by_role("alert")).to_contain_text("Votre rôle n’ouvre pas cette page")
    assert 0 == await page.locator("[data-page=people], [data-page=audit]").count()


async def test_who_is_owner_no_more_changes_nothing_on_a_page_still_open(
    signed_in: SignedIn, desk: Desk
) -> None:
    an_evening(desk.database, datetime.now(UTC) - timedelta(days=1))
    desk.user(UserRole.READER)
    page = await signed_in(UserRole.OWNER, path="/people")
    await search(page, ANN)
    await page.locator("[data-viewer]").wait_for()
    with desk.database.unit() as unit:
        unit.users.change(user(desk, "reader").id, role=UserRole.OWNER)
        unit.users.change(user(desk, "owner").id, role=UserRole.READER)
    await page.locator("[data-viewer]").get_by_role("button", name="Exporter").click()
    await expect(page.get_by_text("demandez à un propriétaire")).to_be_visible()
    assert [] == audited(desk)


async def test_people_on_a_phone(signed_in: SignedIn, desk: Desk, shots: Any) -> None:
    an_evening(desk.database, datetime.now(UTC) - timedelta(days=1))
    page = await signed_in(UserRole.OWNER, phone=True, dark=True, path="/people")
    await search(page, "Annabelle")
    await page.locator("[data-viewer]").wait_for()
    await shots(page, "people-phone-dark")
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
