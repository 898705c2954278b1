"""Every page of the console against every role."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from domain.people import RIGHTS, UserRole
from tests.web.console.callers import calling
from tests.web.console.conftest import Desk
from web.console.registry import ENTRIES
from web.console.texts import say

REFUSED = say("fr", "frame.not_for_you")


@pytest.mark.parametrize("role", list(UserRole))
async def test_a_page_opens_for_the_roles_that_have_its_right_and_for_no_other(
    desk: Desk, role: UserRole
) -> None:
    desk.user(role)
    async with calling(desk.url) as caller:
        await caller.sign_in(role)
        for entry in ENTRIES:
            path = re.sub(r"\{\w+\}", "1", entry.path)
            status, text, _ = await caller.get(path)
            may = entry.right is None or entry.right in RIGHTS[role]
            assert (200, may) == (status, REFUSED not in text), path
            assert "Traceback" not in text


@pytest.mark.parametrize("role", list(UserRole))
async def test_the_menu_offers_what_the_role_may_open(
    signed_in: Callable[..., Awaitable[Page]], role: UserRole
) -> None:
    page = await signed_in(role)
    links = page.get_by_role("navigation").get_by_role("link")
    names = [await link.get_attribute("data-page") for link in await links.all()]
    may = [one for one in ENTRIES if not one.under and (one.right is None or one.right in RIGHTS[role])]
    assert [one.name for one in may] == names
