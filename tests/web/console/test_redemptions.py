"""The log of redemptions in a real browser: what a marketer asks of it, and what it answers."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from domain.money import Money
from domain.people import UserRole
from domain.redemption_log import LogFilter, LogRow, MaySee, ShareBy
from domain.shop import CodeUse, Order, OrderState
from tests.web.console.conftest import Desk
from tests.web.console.log_scene import FAR, GRACE, PARIS, evening, fill

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
LOG = "/redemptions"
BLANKS = re.compile(r"[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]")


def days() -> list[date]:
    """Of the three lives, the last one yesterday."""
    today = datetime.now(PARIS).date()
    return [today - timedelta(days=back) for back in (12, 3, 1)]


@pytest.fixture
def log(desk: Desk) -> Desk:
    fill(desk.database, days())
    return desk


def rows(log: Desk, wanted: LogFilter = LogFilter()) -> list[LogRow]:  # noqa: B008
    with log.database.unit(read_only=True) as unit:
        return list(unit.redemption_log.rows(wanted, MaySee(codes=True)))


def euros(cents: int) -> str:
    """As the page says it in French, with plain blanks."""
    whole = f"{cents // 100:,}".replace(",", " ")
    return f"{whole},{cents % 100:02} €"


async def said(page: Page, selector: str) -> str:
    return BLANKS.sub(" ", await page.locator(selector).inner_text())


async def count_is(page: Page, count: int) -> None:
    await expect(page.locator(".log-pages > span")).to_have_text(f"1–{min(50, count)} sur {count}")


async def test_which_channel_earned_most_that_day_is_one_click(
    signed_in: SignedIn, log: Desk, shots: Any, assert_accessible: Check
) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG)
    await count_is(page, len(rows(log)))
    await assert_accessible(page)
    await shots(page, "redemptions-light")
    await page.get_by_role("button", name="Hier").click()

    begun = evening(days()[-1]) - timedelta(hours=1)
    that_day = LogFilter(since=begun, until=begun + timedelta(hours=5))
    with log.database.unit(read_only=True) as unit:
        best = unit.redemption_log.shares(that_day, ShareBy.CHANNEL)[0]
        total = unit.redemption_log.totals(that_day).by_currency["EUR"]
    await count_is(page, len(rows(log, that_day)))
    assert ("twitch:100", True) == (best.key, best.sums.net > 0)
    assert f"Twitch {euros(best.sums.net)} {best.sums.orders} cdes" == " ".join(
        (await said(page, ".log-shares tbody tr >> nth=0")).split()
    )
    assert euros(total.net) == await said(page, ".log-sum .figure")
    await page.get_by_role("button", name="produit", exact=True).click()
    await expect(page.locator("#share-product")).to_have_attribute("aria-pressed", "true")
    assert "share=product" in page.url and f"first={days()[-1]}" in page.url


async def test_filters_narrow_the_rows_and_the_sums_and_stay_in_the_address(
    signed_in: SignedIn, log: Desk
) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG)
    await page.get_by_label("Canal").select_option("youtube:UCsoirees")
    await page.get_by_role("button", name="Valide").click()
    found = [row for row in rows(log, LogFilter(channel="youtube:UCsoirees")) if row.verdict.value == "valid"]
    await count_is(page, len(found))
    assert euros(sum(row.net for row in found)) == await said(page, ".log-sum .figure")
    await page.reload()
    await count_is(page, len(found))
    await expect(page.get_by_label("Canal")).to_have_value("youtube:UCsoirees")
    await page.get_by_role("button", name="Effacer les filtres").click()
    await count_is(page, len(rows(log)))


async def test_rows_are_sorted_and_turned_page_by_page(signed_in: SignedIn, log: Desk) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG)
    await page.get_by_role("button", name="Revenu net", exact=True).click()
    await expect(page.locator("th.net")).to_have_attribute("aria-sort", "descending")
    nets = [row.net for row in rows(log)]
    assert euros(max(nets)) in await said(page, "table.log tbody tr >> nth=0")
    await page.get_by_role("button", name="Dernière page").click()
    rest = len(nets) % 50 or 50
    count = len(nets)
    await expect(page.locator(".log-pages > span")).to_have_text(f"{count - rest + 1}–{count} sur {count}")
    assert rest == await page.locator("table.log tbody tr").count()
    await page.get_by_role("button", name="Page précédente").click()
    await expect(page.locator(".log-pages > span")).to_contain_text(
        f"{len(nets) - rest - 49}–{len(nets) - rest} "
    )
    await page.get_by_role("button", name="Première page").click()
    await count_is(page, len(nets))
    await page.get_by_role("button", name="Page suivante").click()
    await expect(page.locator(".log-pages > span")).to_contain_text("51–100 ")


async def test_a_viewer_is_searched_and_too_short_a_word_answered(signed_in: SignedIn, log: Desk) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG)
    await count_is(page, len(rows(log)))
    await page.keyboard.press("/")
    await expect(page.get_by_label("N° de commande ou pseudo")).to_be_focused()
    await page.keyboard.type("du")
    await page.get_by_text("Tapez au moins 3 caractères.").wait_for()
    await page.keyboard.type("pont")
    found = [row for row in rows(log) if row.viewer and "Dupont" in row.viewer]
    await count_is(page, len(found))
    await expect(page.get_by_text("Tapez au moins 3 caractères.")).to_be_hidden()


async def test_a_filter_that_matches_nothing_says_what_to_take_away(
    signed_in: SignedIn, log: Desk, shots: Any, assert_accessible: Check
) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG)
    await page.goto(f"{log.url}{LOG}?sku=XBOX&verdict=over_used")
    await page.get_by_text("Rien ne correspond à ces filtres.").wait_for()
    await assert_accessible(page)
    await shots(page, "redemptions-nothing")
    count = len(rows(log, LogFilter(sku="XBOX")))
    await page.get_by_role("button", name=f"sans « Verdict » : {count}").click()
    await count_is(page, count)


async def test_a_row_opens_its_story_by_the_keyboard(
    signed_in: SignedIn, log: Desk, shots: Any, assert_accessible: Check
) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG, dark=True)
    await page.goto(f"{log.url}{LOG}?search=مشاهد")
    found = rows(log, LogFilter(search="مشاهد"))
    await count_is(page, len(found))
    width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0, "a name of 200 characters does not push the page aside"
    opener = page.locator("table.log tbody button").first
    await opener.focus()
    await page.keyboard.press("Enter")
    await page.locator(".story ol").wait_for()
    story = await page.locator(".log-story").inner_text()
    assert f"Commande {found[-1].redemption.order_id}" in story
    assert FAR in story
    assert "« !code »" in story and "sur la page des codes" in story and "woocommerce" in story
    await assert_accessible(page)
    await shots(page, "redemptions-story")
    await page.keyboard.press("Escape")
    await expect(page.locator(".story ol")).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_what_the_shop_tells_shows_up_without_a_click(signed_in: SignedIn, log: Desk) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG)
    before = len(rows(log))
    await count_is(page, before)
    uses = (CodeUse("LIVE2", Money(100, "EUR")),)
    order = Order("99999", uses, Money(900, "EUR"), Money(0, "EUR"), OrderState.PLACED, datetime.now(UTC), 1)
    with log.database.unit() as unit:
        unit.redemptions.record("woocommerce", [order], datetime.now(UTC), GRACE)
    await page.get_by_role("button", name="Histoire de la commande 99999").wait_for()
    await count_is(page, before + 1)


async def test_an_owner_sees_whole_codes_and_a_reader_no_viewers(signed_in: SignedIn, log: Desk) -> None:
    owner = await signed_in(UserRole.OWNER, path=LOG, language="en")
    assert "SECRET" in await owner.locator("table.log").inner_text()
    reader = await signed_in(UserRole.READER, path=LOG, phone=True)
    await reader.goto(f"{log.url}{LOG}?search=dupont")
    await reader.get_by_text("Rien ne correspond à ces filtres.").wait_for()
    await reader.goto(f"{log.url}{LOG}")
    text = await reader.locator(".log-rows").inner_text()
    assert "SECRET" not in text and "Dupont" not in text and "•••" in text
    assert 0 == await reader.locator(".export").count()
    answer = await reader.request.get(f"{log.url}{LOG}/export.csv")
    assert (403, "Votre rôle ne le permet pas : demandez à un propriétaire.") == (
        answer.status,
        await answer.text(),
    )


async def test_a_phone_shows_the_log_in_its_width(signed_in: SignedIn, log: Desk, shots: Any) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG, phone=True)
    await count_is(page, len(rows(log)))
    await expect(page.get_by_label("Canal")).to_be_hidden()
    await page.get_by_role("button", name="Filtres").click()
    await page.get_by_label("Canal").select_option("facebook:1789")
    await count_is(page, len(rows(log, LogFilter(channel="facebook:1789"))))
    width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0
    await shots(page, "redemptions-phone")


async def test_an_empty_log_says_what_to_do_next(signed_in: SignedIn, desk: Desk) -> None:
    page = await signed_in(UserRole.MARKETER, path=LOG)
    await page.goto(f"{desk.url}{LOG}?live=x&first=2026-99-99&verdict=none&sort=%00")
    await page.get_by_text("Aucune commande n’a encore utilisé un de vos codes.").wait_for()
    assert "bateleur redemptions sync" in await page.locator("main.page").inner_text()
