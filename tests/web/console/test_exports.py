"""Downloads of what is filtered: whole, masked by role, noted in the audit log."""

import csv
import io
from collections.abc import Awaitable, Callable

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page

from domain.people import UserRole
from domain.redemption_log import LogFilter
from tests.web.console.conftest import Desk
from tests.web.console.log_scene import fill
from tests.web.console.test_redemptions import LOG, days, rows
from web.console import exports
from web.redemption_files import COLUMNS

SignedIn = Callable[..., Awaitable[Page]]


@pytest.fixture
def log(desk: Desk) -> Desk:
    fill(desk.database, days())
    return desk


async def test_a_marketer_downloads_what_is_filtered_with_codes_masked(
    signed_in: SignedIn, log: Desk
) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG)
    await page.goto(f"{log.url}{LOG}?channel=twitch:100")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="CSV").click()
    download = await downloading.value
    assert download.suggested_filename.startswith("redemptions-")
    text = (await download.path()).read_bytes()
    found = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))
    expected = rows(log, LogFilter(channel="twitch:100"))
    assert [row.redemption.order_id for row in expected] == [line["order"] for line in found]
    assert {"twitch:100"} == {line["channel"] for line in found}
    assert b"SECRET" not in text
    with log.database.unit(read_only=True) as unit:
        noted = unit.audit.list(who="marketer")[0]
    assert ("log_exported", {"rows": len(expected), "codes": False, "searched": False}) == (
        noted.action,
        noted.after,
    )


async def test_the_audit_log_tells_of_a_search_but_not_whom_it_was_for(
    signed_in: SignedIn, log: Desk
) -> None:
    page = await signed_in(UserRole.OWNER, path=LOG)
    viewer = next(row.viewer for row in rows(log, LogFilter()) if row.viewer)
    await page.request.get(f"{log.url}{LOG}/export.csv?channel=twitch:100&search={viewer}")
    with log.database.unit(read_only=True) as unit:
        noted = unit.audit.list(who="owner")[0]
    assert "channel=twitch" in noted.subject
    assert viewer not in f"{noted.subject} {noted.after}"
    assert noted.after["searched"]


async def test_an_owner_downloads_a_sheet_with_whole_codes(signed_in: SignedIn, log: Desk) -> None:
    page = await signed_in(UserRole.OWNER, path=LOG)
    answer = await page.request.get(f"{log.url}{LOG}/export.xlsx?sku=XBOX")
    sheet = load_workbook(io.BytesIO(await answer.body())).active
    heading, *lines = sheet.iter_rows(values_only=True)
    expected = rows(log, LogFilter(sku="XBOX"))
    assert (COLUMNS, len(expected)) == (heading, len(lines))
    place = COLUMNS.index("code")
    assert {row.redemption.code for row in expected} == {line[place] for line in lines}


async def test_a_download_that_cannot_be_is_one_sentence(
    signed_in: SignedIn, log: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await signed_in(UserRole.OWNER, path=LOG)
    monkeypatch.setattr(exports, "MOST_IN_A_SHEET", 3)
    for path, status, words in (
        ("export.xlsx", 422, "Une feuille Excel contient 3 lignes au plus"),
        ("export.csv?search=a", 422, "Tapez au moins 3 caractères."),
        ("export.pdf", 404, "Cette page n’existe pas."),
    ):
        answer = await page.request.get(f"{log.url}{LOG}/{path}")
        assert status == answer.status
        assert words in await answer.text()
    stranger = await page.request.get(f"{log.url}/sign-out")
    assert stranger.status < 500
