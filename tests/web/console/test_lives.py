"""Lives and the report in a browser: plan, open, close, compare, read, keep and print."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from domain.people import UserRole
from domain.show import Live, LiveState, Mechanic
from tests.figures import START, TWITCH, YOUTUBE, Evening, at
from tests.web.accessible import GRAVE
from tests.web.console.conftest import Desk
from web.console.pages.lives.plan import Typed, Wrong, plan_of

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
RIGHT = Typed("Soirée", "fr", "Europe/Paris", ("twitch:100",), "2026-12-03", "20:00", "21:30")


def told(desk: Desk, title: str, buyers: int, *, is_over: bool = True) -> Evening:
    """A live of sixty viewers on two channels, so many of whom bought."""
    evening = Evening(desk.database, title)
    evening.shows("X1", 0)
    drop, open_ = evening.offers(Mechanic.DROP, codes=60), evening.offers(codes=60)
    for number in range(60):
        channel, viewer, minute = (TWITCH, YOUTUBE)[number % 2], f"viewer-{number}", number / 2
        evening.asks(viewer, "code" if number % 5 else "price", minute, channel)
        if number % 5:
            code = evening.gives((drop, open_)[number % 3 == 0], viewer, minute, channel)
            if number < buyers:
                evening.order(f"{title}-{number}", code, minute=minute + 2, total=30_000 + 1_000 * number)
    evening.shows("P5", 15)
    if is_over:
        with desk.database.unit() as unit:
            unit.lives.close(evening.live, at(31))
    return evening


def live_of(desk: Desk, number: int) -> Live:
    with desk.database.unit(read_only=True) as unit:
        live = unit.lives.get(number)
        assert live is not None
        return live


def actions(desk: Desk) -> list[str]:
    with desk.database.unit(read_only=True) as unit:
        return [one.action for one in unit.audit.list() if one.action != "signed_in"]


async def test_without_a_live_the_page_says_what_to_do(signed_in: SignedIn, desk: Desk, shots: Any) -> None:
    page = await signed_in(UserRole.MARKETER, path="/lives")
    await expect(page.get_by_text("Aucun live encore.")).to_be_visible()
    await shots(page, "lives-empty")
    reader = await signed_in(UserRole.READER, path="/lives")
    await expect(reader.get_by_text("dès que quelqu’un en planifie un")).to_be_visible()
    assert 0 == await reader.get_by_role("button", name="Planifier").count()


async def test_from_a_live_one_gets_to_its_offers_and_its_orders(signed_in: SignedIn, desk: Desk) -> None:
    told(desk, "Soirée", 3, is_over=False)
    page = await signed_in(UserRole.OWNER, path="/lives")
    await page.get_by_role("link", name="Offres et codes").last.click()
    await page.wait_for_url("**/offers?live=1")
    await page.goto(f"{desk.url}/lives/1")
    await page.get_by_role("link", name="Voir les commandes").click()
    await page.wait_for_url("**/redemptions?live=1**")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Codes utilisés")


async def test_a_live_is_planned_in_a_form_that_says_what_is_wrong(
    signed_in: SignedIn, desk: Desk, shots: Any
) -> None:
    page = await signed_in(UserRole.MARKETER, path="/lives")
    await page.get_by_role("button", name="Planifier un live").first.click()
    confirm = page.get_by_role("button", name="Planifier", exact=True)
    await confirm.click()
    await expect(page.get_by_role("alert")).to_have_text("Donnez un titre au live.")
    await page.get_by_label("Titre").fill("Soirée de décembre")
    channels = page.get_by_label("Canaux")
    await channels.fill("minitel:3615")
    await channels.press("Enter")
    await confirm.click()
    await expect(page.get_by_role("alert")).to_contain_text("« minitel:3615 » n’est pas un canal")
    await channels.press("Backspace")
    await channels.fill("twitch:100")
    await channels.press("Enter")
    await page.get_by_label("Jour").fill("2126-12-03")
    await page.get_by_label("Début").first.fill("20:00")
    await page.get_by_label("Fin").fill("00:30")
    # Colours are left out: axe takes those of what the dialog covers for its own.
    unseen = {"rules": {"color-contrast": {"enabled": False}}}
    found = await Axe().run(page, context=".q-dialog", options=unseen)
    assert [] == [one["id"] for one in found.response["violations"] if one["impact"] in GRAVE]
    await shots(page, "lives-plan")
    await confirm.click()
    await expect(page.get_by_role("link", name="Soirée de décembre")).to_be_visible()
    live = live_of(desk, 1)
    assert (LiveState.PLANNED, ("twitch:100",)) == (live.state, live.channels)
    assert (datetime(2126, 12, 3, 19, tzinfo=UTC), datetime(2126, 12, 3, 23, 30, tzinfo=UTC)) == (
        live.starts_at, live.ends_at,
    )  # fmt: skip
    assert ["live_planned"] == actions(desk)


async def test_a_planned_live_is_opened_and_closed_once_confirmed(signed_in: SignedIn, desk: Desk) -> None:
    with desk.database.unit() as unit:
        unit.lives.add("Soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=START)
    page = await signed_in(UserRole.MODERATOR, path="/lives")
    await page.get_by_role("button", name="Ouvrir").click()
    await page.get_by_role("button", name="Annuler", exact=True).click()
    assert LiveState.PLANNED is live_of(desk, 1).state
    await page.get_by_role("button", name="Ouvrir").click()
    await page.get_by_role("dialog").get_by_role("button", name="Ouvrir").click()
    await expect(page.get_by_text("en cours", exact=True)).to_be_visible()
    assert LiveState.OPEN is live_of(desk, 1).state
    await page.get_by_role("button", name="Fermer").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Fermer").click()
    await expect(page.get_by_text("terminé", exact=True)).to_be_visible()
    assert LiveState.CLOSED is live_of(desk, 1).state
    assert ["live_closed", "live_opened"] == actions(desk)


async def test_two_moderators_close_a_live_at_once(signed_in: SignedIn, desk: Desk) -> None:
    told(desk, "Soirée", 3, is_over=False)
    page = await signed_in(UserRole.MODERATOR, path="/lives")
    await page.get_by_role("button", name="Fermer").first.click()
    with desk.database.unit() as unit:
        unit.lives.close(1, at(30))
    await page.get_by_role("dialog").get_by_role("button", name="Fermer").click()
    await expect(page.get_by_text("already closed")).to_be_visible()
    assert [] == actions(desk)


async def test_who_plans_no_lives_and_runs_none_only_looks(signed_in: SignedIn, desk: Desk) -> None:
    told(desk, "Soirée", 3, is_over=False)
    page = await signed_in(UserRole.READER, path="/lives")
    await expect(page.get_by_role("link", name="Rapport")).to_be_visible()
    for name in ("Planifier un live", "Fermer", "Ouvrir"):
        assert 0 == await page.get_by_role("button", name=name, exact=True).count()


async def test_what_the_lives_brought_is_in_the_list_and_compared(
    signed_in: SignedIn, desk: Desk, shots: Any
) -> None:
    told(desk, "La grande soirée", 40)
    told(desk, "Petit live du midi", 4)
    with desk.database.unit() as unit:
        unit.lives.add("Black Friday", "fr", "Europe/Paris", ("twitch:100",), starts_at=START)
    for name, how in (("light", {}), ("dark", {"dark": True}), ("phone", {"phone": True})):
        page = await signed_in(UserRole.OWNER, path="/lives", **how)
        await expect(page.get_by_text("16\u202f000,00\u00a0€")).to_be_visible()
        await shots(page, f"lives-{name}")
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    compare = page.get_by_role("button", name="Comparer")
    await expect(compare).to_be_disabled()
    await page.get_by_role("checkbox", name="Comparer « La grande soirée »").click()
    await page.get_by_role("checkbox", name="Comparer « Petit live du midi »").click()
    await page.get_by_role("button", name="Comparer 2 lives").click()
    await expect(page.get_by_text("On a plus souvent acheté avec son code personnel")).to_be_visible()
    await shots(page, "report-compared-phone")


async def test_a_report_is_read_kept_and_printed(
    signed_in: SignedIn, desk: Desk, shots: Any, assert_accessible: Check, tmp_path: Path
) -> None:
    told(desk, "La grande soirée", 40)
    told(desk, "Petit live du midi", 4)
    for name, how in (("phone", {"phone": True}), ("dark", {"dark": True}), ("light", {})):
        page = await signed_in(UserRole.READER, path="/lives/1?compare=2", **how)
        await expect(page.get_by_role("heading", name="Du chat à la caisse")).to_be_visible()
        await assert_accessible(page)
        await shots(page, f"report-page-{name}")
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    async with page.expect_download() as kept:
        await page.get_by_role("link", name="Télécharger").click()
    file = await kept.value
    assert "bateleur-la-grande-soiree.html" == file.suggested_filename
    await file.save_as(tmp_path / "kept.html")
    text = (tmp_path / "kept.html").read_text(encoding="utf-8")
    assert "Comparaison des lives" in text
    assert "viewer-" not in text
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Imprimer").click()
    printed = await opened.value
    await expect(printed.get_by_role("heading", name="La grande soirée").first).to_be_visible()
    assert "Bateleur" in await printed.locator("header").inner_text()


async def test_a_live_that_is_not_there_and_one_without_figures_say_so(
    signed_in: SignedIn, desk: Desk, shots: Any
) -> None:
    with desk.database.unit() as unit:
        live = unit.lives.add("Soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=START)
        unit.lives.open(live.id, datetime.now(UTC) - timedelta(minutes=5))
    page = await signed_in(UserRole.READER, path="/lives/9")
    await expect(page.get_by_text("Ce live n’existe pas.")).to_be_visible()
    await page.goto(f"{desk.url}/lives/1?compare=rubbish")
    await expect(page.get_by_text("Ce live n’existe pas.")).to_be_visible()
    assert 404 == (await page.request.get(f"{desk.url}/lives/9/report.html")).status
    await page.goto(f"{desk.url}/lives/1")
    await expect(page.get_by_text("Le live est ouvert et personne n’a encore écrit")).to_be_visible()
    await shots(page, "report-empty")


async def test_the_report_of_a_live_is_behind_the_sign_in(desk: Desk, page: Page) -> None:
    told(desk, "Soirée", 3)
    desk.user(UserRole.OWNER)
    await page.goto(f"{desk.url}/lives/1/report.html")
    assert "sign-in" in page.url


def test_an_end_before_the_start_is_of_the_next_day() -> None:
    plan = plan_of(
        Typed(*("Soirée", "fr", "Europe/Paris", ("twitch:100",), "2026-12-03", "22:00", "01:00")), NOW
    )
    assert plan.starts_at is not None and plan.ends_at is not None
    assert timedelta(hours=3) == plan.ends_at - plan.starts_at


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("title", " \u200b", "needs_title"),
        ("channels", (), "needs_channels"),
        ("channels", ("twitch:",), "no_channel"),
        ("timezone", "Mars/Olympus", "no_zone"),
        ("day", "", "needs_times"),
        ("starts", "25:99", "needs_times"),
        ("day", "2026-11-25", "in_the_past"),
    ],
)
def test_a_plan_that_cannot_be_is_told_why(field: str, value: Any, key: str) -> None:
    typed = Typed(**{**{name: getattr(RIGHT, name) for name in Typed.__slots__}, field: value})
    with pytest.raises(Wrong) as wrong:
        plan_of(typed, NOW)
    assert key == wrong.value.key
