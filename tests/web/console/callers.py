"""Programs that call the console like a browser would, or like one would not."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.web.console.conftest import PASSWORD

COOKIE = "bateleur_console"


@dataclass
class Caller:
    """One browser, as far as cookies go; it follows no redirects."""

    session: aiohttp.ClientSession
    url: str

    @property
    def token(self) -> str:
        """The cookie of its session, empty without one."""
        kept = {one.key: one.value for one in self.session.cookie_jar}
        return kept.get(COOKIE, "")

    async def get(self, path: str, **headers: str) -> tuple[int, str, Any]:
        """Status, text and headers."""
        async with self.session.get(f"{self.url}{path}", headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text(), answer.headers

    async def post(self, path: str, form: Any = None, **headers: str) -> tuple[int, str, Any]:
        """Status, text and headers."""
        sent = self.session.post(f"{self.url}{path}", data=form, headers=headers, allow_redirects=False)
        async with sent as answer:
            return answer.status, await answer.text(), answer.headers

    async def csrf(self, path: str = "/sign-in", **headers: str) -> str:
        """What the sign-in page's form carries."""
        _, text, _ = await self.get(path, **headers)
        found = re.search(r'name="csrf" value="([^"]+)"', text)
        assert found, text
        return found.group(1)

    async def sign_in(self, login: str, password: str = PASSWORD, **headers: str) -> tuple[int, str, Any]:
        """Fill in the form."""
        form = {"csrf": await self.csrf(**headers), "login": login, "password": password}
        return await self.post("/sign-in", form, **headers)

    async def is_signed_in(self) -> bool:
        """Whether the console opens."""
        status, _, _ = await self.get("/")
        return status == 200


@asynccontextmanager
async def calling(url: str) -> AsyncIterator[Caller]:
    """A caller with no cookies yet."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Caller(session, url)
