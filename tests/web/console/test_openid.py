"""Signing in to the console at the retailer's own provider, in a real browser."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from domain.people import UserRole
from standins.openid import OpenIdStandin
from standins.people import Chatter
from store.database import Database
from tests.ports import free_port
from tests.web.console.callers import calling
from tests.web.console.conftest import Desk, console_on
from web.console.settings import OidcSettings

ANN = Chatter("e1", "ann", "Ann")
BOB = Chatter("e2", "bob", "Bob")
SNEAK = Chatter("e3", "sneak", "Sneak")
MAIL = "ann@shop.example"


@pytest_asyncio.fixture(loop_scope="session")
async def provider() -> AsyncIterator[OpenIdStandin]:
    async with OpenIdStandin(ANN, BOB, SNEAK) as standin:
        standin.sign_in.claims = {
            ANN.id: {"email": MAIL, "email_verified": True, "name": "Ann"},
            BOB.id: {"email": "bob@shop.example", "email_verified": True, "name": "Bob\n<b>"},
            SNEAK.id: {"email": MAIL, "email_verified": False},
        }
        yield standin


def served(database: Database, provider: OpenIdStandin, **more: Any) -> Any:
    """A console that knows this provider."""
    port = free_port()
    provider.sign_in.redirect_uris = {f"http://127.0.0.1:{port}/console/sign-in/back"}
    oidc = OidcSettings(
        issuer=provider.issuer,
        client_id="console",
        client_secret=SecretStr(provider.sign_in.client_secret),
        label="Shop SSO",
        **more,
    )
    return console_on(database, port=port, oidc=oidc)


async def come(page: Page, desk: Desk, who: str, path: str = "/") -> None:
    """Sign in at the provider as `who`."""
    await page.goto(f"{desk.url}{path}")
    await page.get_by_role("button", name="Se connecter avec Shop SSO").click()
    await page.get_by_role("button", name=who).click()


async def test_a_user_signs_in_at_the_provider_and_lands_where_they_wanted_to_be(
    database: Database, provider: OpenIdStandin, page: Page
) -> None:
    async with served(database, provider) as desk:
        assert 0 == provider.asked
        with database.unit() as unit:
            unit.users.add(MAIL, "Ann", UserRole.OWNER, "fr", desk.now())
        await come(page, desk, "Ann", "/?from=mail")
        await page.locator("main.page").wait_for()
        assert page.url.endswith("/console/?from=mail")
        assert [(MAIL, "signed_in")] == desk.audited()


async def test_strangers_cancelled_and_unsure_ones_are_refused_in_a_sentence(
    database: Database, provider: OpenIdStandin, page: Page
) -> None:
    async with served(database, provider) as desk:
        with database.unit() as unit:
            ann = unit.users.add(MAIL, "Ann", UserRole.OWNER, "fr", desk.now())
            unit.users.add("carl", "Carl", UserRole.OWNER, "fr", desk.now())
        alert = page.get_by_role("alert")
        for who, sentence in (
            ("Bob", "Bateleur pas encore"),
            ("Sneak", "ne dit pas avec certitude qui vous êtes"),
            ("Cancel", "ne vous a pas connecté"),
        ):
            await come(page, desk, who)
            await expect(alert).to_contain_text(sentence)
        with database.unit() as unit:
            unit.users.change(ann.id, is_disabled=True)
        await come(page, desk, "Ann")
        await expect(alert).to_contain_text("Bateleur pas encore")
        assert [] == desk.audited()
        assert 2 == desk.users()


async def test_whoever_is_no_user_yet_gets_the_role_that_is_set_for_them(
    database: Database, provider: OpenIdStandin, page: Page
) -> None:
    async with served(database, provider, role=UserRole.READER) as desk:
        await come(page, desk, "Bob")
        await page.locator("main.page").wait_for()
        bob = desk.known("bob@shop.example")
        assert (UserRole.READER, "Bob <b>") == (bob.role, bob.name)
        assert [(bob.login, "user_added"), (bob.login, "signed_in")] == desk.audited()


async def test_another_claim_may_be_the_login(
    database: Database, provider: OpenIdStandin, page: Page
) -> None:
    async with served(database, provider, claim="sub") as desk:
        with database.unit() as unit:
            unit.users.add("E3", "Sneak", UserRole.READER, "fr", desk.now())
        await come(page, desk, "Sneak")
        await page.locator("main.page").wait_for()


async def test_an_answer_that_was_not_asked_for_or_is_used_twice_signs_nobody_in(
    database: Database, provider: OpenIdStandin, browser: Browser
) -> None:
    async with served(database, provider, role=UserRole.READER) as desk:
        person = await browser.new_context(locale="fr-FR")
        page = await person.new_page()
        answers: list[str] = []
        page.on("request", lambda asked: answers.append(asked.url) if "sign-in/back" in asked.url else None)
        await come(page, desk, "Bob")
        await page.locator("main.page").wait_for()
        (used,) = answers
        there = used.removeprefix(desk.url)
        async with calling(desk.url) as victim:
            for path in (there, there.replace("state=", "state=x"), "/sign-in/back?code=a", "/sign-in/back"):
                status, text, _ = await victim.get(path)
                assert (403, "") == (status, victim.token), path
                assert "Shop SSO" in text
        await person.close()


async def test_a_provider_that_is_away_leaves_the_password(
    database: Database, provider: OpenIdStandin, page: Page
) -> None:
    provider.is_away = True
    async with served(database, provider) as desk:
        desk.user(UserRole.READER)
        await page.goto(f"{desk.url}/")
        await page.get_by_role("button", name="Se connecter avec Shop SSO").click()
        await expect(page.get_by_role("alert")).to_contain_text("Shop SSO ne répond pas")
        async with calling(desk.url) as caller:
            assert 303 == (await caller.sign_in("reader"))[0]
        provider.is_away = False
        await page.get_by_role("button", name="Se connecter avec Shop SSO").click()
        await page.get_by_role("button", name="Ann").wait_for()
