"""The console on a real server, a database of one evening, and a real browser before it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page
from pydantic import SecretStr

from bot.page_configs import console_config
from bot.pages import serving
from bot.settings import Settings
from commands.texts.catalogue import load_texts
from domain.people import User, UserRole
from store.database import Database
from tests.ports import free_port
from tests.web.conftest import PATIENCE_MS
from web.console.desk import Console
from web.console.sessions import COOKIE, PATH, Sessions
from web.passwords import hash_password

PASSWORD = "a long enough password"
HASHED = hash_password(PASSWORD)


@dataclass
class Desk:
    """Where the console is, and the database behind it."""

    database: Database
    url: str

    def user(self, role: UserRole, language: str = "fr") -> str:
        """A user of that role, whose login is the role's name."""
        with self.database.unit() as unit:
            if unit.users.find(role) is None:
                unit.users.add(role, role.title(), role, language, datetime.now(UTC), HASHED)
        return role.value

    def known(self, login: str) -> User:
        """The user of that login."""
        with self.database.unit(read_only=True) as unit:
            user = unit.users.find(login)
        assert user is not None
        return user

    def users(self) -> int:
        """How many there are."""
        with self.database.unit(read_only=True) as unit:
            return len(unit.users.list())

    def now(self) -> datetime:
        """The time, aware UTC."""
        return datetime.now(UTC)

    def audited(self) -> list[tuple[str, str]]:
        """Who did what, the oldest first."""
        with self.database.unit(read_only=True) as unit:
            return [(one.who, one.action) for one in reversed(unit.audit.list())]


@asynccontextmanager
async def console_on(
    database: Database, *, opens_by_itself: bool = False, **set_: Any
) -> AsyncIterator[Desk]:
    """A console on that database, with these settings."""
    port = set_.setdefault("port", free_port())
    settings = Settings(_env_file=None, secret_key=SecretStr("a long random text"), **set_)
    config = console_config(settings, opens_by_itself=opens_by_itself)
    assert config is not None
    console = Console(config, database, Sessions(database))
    async with serving(settings, None, database, load_texts(), lambda *_: None, None, console):
        yield Desk(database, f"http://127.0.0.1:{port}/console")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(database: Database) -> AsyncIterator[Desk]:
    async with console_on(database) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(desk: Desk, browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """`page = await signed_in(UserRole.MODERATOR, phone=True, dark=True, language="en")`: a browser of a
    user who is signed in (the form has its own tests). A script that fails in it fails the test."""
    contexts = []
    failures: list[str] = []

    async def sign_in(
        role: UserRole, *, phone: bool = False, dark: bool = False, language: str = "fr", path: str = "/"
    ) -> Page:
        login = desk.user(role, language)
        size: Any = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        person = await browser.new_context(
            locale=language, viewport=size, color_scheme="dark" if dark else "light", has_touch=phone
        )
        contexts.append(person)
        person.set_default_timeout(PATIENCE_MS)
        token = await asyncio.to_thread(Sessions(desk.database).begin, desk.known(login))
        await person.add_cookies([{"name": COOKIE, "value": token, "domain": "127.0.0.1", "path": PATH}])
        page = await person.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        await page.goto(f"{desk.url}{path}")
        await page.locator("main.page").wait_for()
        return page

    yield sign_in
    for person in contexts:
        await person.close()
    assert [] == failures
