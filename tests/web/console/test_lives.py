"""Lives and the report in a browser: plan, open, close, compare, read, keep and print."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, expect

from domain.money import Money
from domain.people import UserRole
from domain.plan_rules import Plan
from domain.show import Live, LiveState, Mechanic, Product
from tests.figures import START, TWITCH, YOUTUBE, Evening, at
from tests.web.accessible import GRAVE, assert_dialog_accessible
from tests.web.console.conftest import Desk
from web.console.pages.lives.plan import Typed, Wrong, open_plan_of, plan_of, typed_of

SignedIn = Callable[..., Awaitable[Page]]
Check = Callable[[Page], Awaitable[None]]
BEGINS = datetime(2126, 12, 3, 19, tzinfo=UTC)
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


def three_products(desk: Desk) -> None:
    names = {"P5": "La PlayStation 5", "X1": "La Xbox Series X", "SW": "Nintendo Switch"}
    with desk.database.unit() as unit:
        unit.products.save([Product(sku, name, Money(1000, "EUR")) for sku, name in names.items()], NOW)


def a_planned_live(desk: Desk) -> None:
    """«Soirée», in a hundred years from 20:00 to 21:30 in Paris, with three products."""
    three_products(desk)
    with desk.database.unit() as unit:
        ends = BEGINS + timedelta(hours=1.5)
        unit.lives.add("Soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=BEGINS, ends_at=ends)
        unit.live_products.put(1, ("P5", "X1", "SW"))


def products_of(desk: Desk, number: int) -> tuple[str, ...]:
    with desk.database.unit(read_only=True) as unit:
        return unit.live_products.of(number)


async def fill(dialog: Locator) -> None:
    """A plan without products, typed into the form."""
    await dialog.get_by_label("Titre").fill("Soirée")
    channels = dialog.get_by_label("Canaux")
    await channels.fill("twitch:100")
    await channels.press("Enter")
    await dialog.get_by_label("Jour").fill("2126-12-03")
    await dialog.get_by_label("Début").first.fill("20:00")


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
    await page.locator("main").get_by_role("link", name="Offres et codes").click()
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


async def test_a_live_is_planned_with_products_put_in_their_order(
    signed_in: SignedIn, desk: Desk, shots: Any
) -> None:
    three_products(desk)
    page = await signed_in(UserRole.MARKETER, path="/lives")
    await page.get_by_role("button", name="Planifier un live").first.click()
    dialog = page.get_by_role("dialog")
    await fill(dialog)
    search, shown = dialog.get_by_label("Produits du live"), dialog.locator(".showing li .say")
    await search.fill("playstation")
    await dialog.get_by_role("button", name="La PlayStation 5").click()
    await search.fill("x1")
    await search.press("Enter")
    await expect(shown).to_have_text(["La PlayStation 5", "La Xbox Series X"])
    await search.press_sequentially("switch")
    await search.press("Enter")
    await expect(shown).to_have_text(["La PlayStation 5", "La Xbox Series X", "Nintendo Switch"])
    await expect(search).to_have_value("")
    await expect(dialog.get_by_role("button", name="Monter La PlayStation 5")).to_be_disabled()
    await expect(dialog.get_by_role("button", name="Descendre Nintendo Switch")).to_be_disabled()

    # By keyboard alone: the focus stays with the product that moves.
    up = dialog.get_by_role("button", name="Monter Nintendo Switch")
    await up.focus()
    await page.keyboard.press("Enter")
    await expect(shown).to_have_text(["La PlayStation 5", "Nintendo Switch", "La Xbox Series X"])
    await expect(up).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(shown).to_have_text(["Nintendo Switch", "La PlayStation 5", "La Xbox Series X"])
    await expect(dialog.get_by_role("button", name="Descendre Nintendo Switch")).to_be_focused()
    await dialog.get_by_role("button", name="Retirer La PlayStation 5").click()
    await expect(shown).to_have_text(["Nintendo Switch", "La Xbox Series X"])
    await assert_dialog_accessible(page)
    await shots(page, "lives-plan-products")
    await dialog.get_by_role("button", name="Planifier", exact=True).click()
    add = page.get_by_role("link", name="Ajouter une offre")
    await add.wait_for()
    await shots(page, "lives-planned")
    await add.click()
    await page.wait_for_url("**/offers?live=1")
    assert ("SW", "X1") == products_of(desk, 1)

    # An offer of this live is proposed its products first.
    await page.get_by_role("button", name="Créer une offre").click()
    proposed = page.locator(".picker .line-up button")
    await expect(proposed).to_have_text(["addNintendo Switch", "addLa Xbox Series X"])


@pytest.mark.parametrize("how", [{}, {"dark": True}, {"phone": True}, {"phone": True, "dark": True}])
async def test_the_form_of_a_live_fits_every_screen(
    signed_in: SignedIn, desk: Desk, shots: Any, how: dict[str, bool]
) -> None:
    a_planned_live(desk)
    page = await signed_in(UserRole.MARKETER, path="/lives", **how)
    await page.get_by_role("button", name="Modifier").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator(".showing li")).to_have_count(3)
    await assert_dialog_accessible(page)
    for button in await dialog.locator(".showing button").all():
        box = await button.bounding_box()
        assert box is not None and box["width"] >= 44 and box["height"] >= 44
    inside = "one => one.scrollWidth <= one.clientWidth"
    assert await dialog.locator(".q-card").evaluate(inside)
    await shots(page, f"lives-change-{'-'.join(how) or 'light'}")
    await dialog.locator(".showing").scroll_into_view_if_needed()
    await shots(page, f"lives-change-products-{'-'.join(how) or 'light'}")


async def test_a_planned_live_is_changed_and_only_what_changed_is_in_the_audit_log(
    signed_in: SignedIn, desk: Desk
) -> None:
    a_planned_live(desk)
    page = await signed_in(UserRole.MARKETER, path="/lives")
    await page.get_by_role("button", name="Modifier").click()
    dialog = page.get_by_role("dialog", name="Modifier le live")
    await expect(dialog.get_by_label("Titre")).to_have_value("Soirée")
    await expect(dialog.get_by_label("Jour")).to_have_value("2126-12-03")
    await expect(dialog.get_by_label("Début").first).to_have_value("20:00")
    await expect(dialog.get_by_label("Fin")).to_have_value("21:30")
    save = dialog.get_by_role("button", name="Enregistrer")
    await dialog.get_by_label("Titre").fill(" ")
    await save.click()
    await expect(dialog.get_by_role("alert")).to_have_text("Donnez un titre au live.")
    await dialog.get_by_label("Titre").fill("Nuit")
    await dialog.get_by_label("Fin").fill("19:00")
    await dialog.get_by_role("button", name="Retirer La Xbox Series X").click()
    await save.click()
    await expect(page.get_by_role("link", name="Nuit")).to_be_visible()
    await expect(dialog).to_be_hidden()
    live = live_of(desk, 1)
    assert ("Nuit", BEGINS, BEGINS + timedelta(hours=23)) == (live.title, live.starts_at, live.ends_at)
    assert ("P5", "SW") == products_of(desk, 1)
    with desk.database.unit(read_only=True) as unit:
        (entry,) = unit.audit.list(action="live_changed")
    ends = [(BEGINS + timedelta(hours=hours)).isoformat() for hours in (1.5, 23)]
    assert {"title": "Soirée", "ends_at": ends[0], "skus": ["P5", "X1", "SW"]} == entry.before
    assert {"title": "Nuit", "ends_at": ends[1], "skus": ["P5", "SW"]} == entry.after
    assert ("marketer", "live 1") == (entry.who, entry.subject)


async def test_a_live_saved_as_it_was_is_not_changed(signed_in: SignedIn, desk: Desk) -> None:
    a_planned_live(desk)
    page = await signed_in(UserRole.MARKETER, path="/lives")
    await page.get_by_role("button", name="Modifier").click()
    await page.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert [] == actions(desk)


async def test_of_two_who_change_a_live_at_once_the_second_is_told_what_stands_now(
    signed_in: SignedIn, desk: Desk, shots: Any
) -> None:
    a_planned_live(desk)
    ann = await signed_in(UserRole.MARKETER, path="/lives")
    bob = await signed_in(UserRole.OWNER, path="/lives")
    for page in (ann, bob):
        await page.get_by_role("button", name="Modifier").click()
        await page.get_by_role("dialog").get_by_label("Titre").wait_for()
    await ann.get_by_label("Titre").fill("Soirée d’Ann")
    await ann.get_by_label("Fin").fill("22:00")
    await ann.get_by_role("button", name="Enregistrer").click()
    await expect(ann.get_by_role("link", name="Soirée d’Ann")).to_be_visible()

    dialog = bob.get_by_role("dialog")
    await bob.get_by_role("link", name="Soirée d’Ann", include_hidden=True).wait_for()  # the list was redrawn
    await dialog.get_by_label("Titre").fill("Soirée de Bob")
    await dialog.get_by_role("button", name="Enregistrer").click()
    alert = dialog.get_by_role("alert")
    await expect(alert).to_contain_text("Quelqu’un a modifié ce live entre-temps")
    await expect(alert).to_contain_text("Soirée d’Ann")
    await expect(dialog.get_by_label("Titre")).to_have_value("Soirée de Bob")
    await expect(dialog.get_by_label("Fin")).to_have_value("22:00")
    await expect(bob.locator(".q-notification")).to_have_count(0)  # said once, in the form
    await shots(bob, "lives-change-meanwhile")
    assert "Soirée d’Ann" == live_of(desk, 1).title
    await dialog.get_by_role("button", name="Enregistrer").click()
    await expect(bob.get_by_role("link", name="Soirée de Bob")).to_be_visible()
    live = live_of(desk, 1)
    assert ("Soirée de Bob", BEGINS + timedelta(hours=2)) == (live.title, live.ends_at)
    assert ["live_changed", "live_changed"] == actions(desk)


@pytest.mark.parametrize("deed", ["open", "close"])
async def test_a_live_that_was_opened_or_cancelled_meanwhile_keeps_its_plan(
    signed_in: SignedIn, desk: Desk, deed: str
) -> None:
    a_planned_live(desk)
    page = await signed_in(UserRole.MARKETER, path="/lives")
    await page.get_by_role("button", name="Modifier").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Titre").fill("Nuit")
    with desk.database.unit() as unit:
        getattr(unit.lives, deed)(1, datetime.now(UTC))
    for _ in range(2):  # asking again changes nothing either
        await dialog.get_by_role("button", name="Enregistrer").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("ouvert, fermé ou annulé entre-temps")
    assert "Soirée" == live_of(desk, 1).title
    assert [] == actions(desk)


async def test_of_an_open_live_the_end_and_the_products_are_changed_and_nothing_else(
    signed_in: SignedIn, desk: Desk
) -> None:
    a_planned_live(desk)
    with desk.database.unit() as unit:
        opened = unit.lives.open(1, datetime.now(UTC)).opened_at
    page = await signed_in(UserRole.MARKETER, path="/lives")
    await page.get_by_role("button", name="Modifier").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("seuls sa fin et ses produits")).to_be_visible()
    for label in ("Titre", "Canaux", "Jour", "Début", "Fuseau horaire"):
        await expect(dialog.get_by_label(label).first).to_be_disabled()
    soon = datetime.now(ZoneInfo("Europe/Paris")).replace(second=0, microsecond=0) + timedelta(hours=2)
    await dialog.get_by_label("Fin").fill(f"{soon:%H:%M}")
    await dialog.get_by_role("button", name="Monter Nintendo Switch").click()
    await dialog.get_by_role("button", name="Enregistrer").click()
    await expect(page.get_by_text("Le live est modifié.")).to_be_visible()
    live = live_of(desk, 1)
    assert (LiveState.OPEN, opened, "Soirée", soon) == (live.state, live.opened_at, live.title, live.ends_at)
    assert ("P5", "SW", "X1") == products_of(desk, 1)


async def test_a_planned_live_is_opened_and_closed_once_confirmed(signed_in: SignedIn, desk: Desk) -> None:
    with desk.database.unit() as unit:
        unit.lives.add("Soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=START)
    page = await signed_in(UserRole.MODERATOR, path="/lives")
    await page.get_by_role("button", name="Ouvrir").click()
    await page.get_by_role("button", name="Annuler", exact=True).click()
    await page.get_by_role("dialog").wait_for(state="hidden")
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
    await expect(page.get_by_text("est déjà fermé")).to_be_visible()
    assert [] == actions(desk)


async def test_a_question_outlives_the_list_that_it_was_asked_from(signed_in: SignedIn, desk: Desk) -> None:
    a_planned_live(desk)
    page = await signed_in(UserRole.MODERATOR, path="/lives")
    await page.get_by_role("button", name="Annuler ce live").click()
    await page.get_by_role("dialog").wait_for()
    with desk.database.unit() as unit:
        unit.lives.add("Autre", "fr", "Europe/Paris", ("twitch:2",))
    await page.get_by_role("link", name="Autre", include_hidden=True).wait_for()
    await page.get_by_role("dialog").get_by_role("button", name="Annuler ce live").click()
    await expect(page.get_by_text("« Soirée » est annulé.")).to_be_visible()
    assert LiveState.CLOSED is live_of(desk, 1).state


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


HOUR = timedelta(hours=1)
KEPT = Plan(
    *("Soirée", "fr", "Europe/Paris", ("twitch:100",)), NOW - HOUR + timedelta(seconds=7), NOW + HOUR, ("X1",)
)


def test_a_plan_shown_in_the_form_and_left_alone_stays_to_the_second() -> None:
    assert KEPT == plan_of(typed_of(KEPT), NOW, KEPT)
    without = replace(KEPT, starts_at=None, ends_at=None)
    assert without == plan_of(typed_of(without), NOW, without)
    long = replace(KEPT, ends_at=NOW + 40 * HOUR)
    assert replace(long, title="Nuit") == plan_of(replace(typed_of(long), title="Nuit"), NOW, long)


def test_another_time_zone_moves_a_live_that_keeps_its_clock() -> None:
    late = replace(KEPT, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    moved = plan_of(replace(typed_of(late), timezone="Europe/London"), NOW, late)
    assert (NOW + 2 * HOUR, NOW + 3 * HOUR) == (moved.starts_at, moved.ends_at)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ({"starts": "12:30"}, "in_the_past"),
        ({"ends": "12:40"}, "end_past"),
        ({"ends": "25:00"}, "needs_times"),
    ],
)
def test_a_time_typed_anew_is_not_past(typed: dict[str, str], key: str) -> None:
    with pytest.raises(Wrong) as wrong:
        plan_of(replace(typed_of(KEPT), **typed), NOW, KEPT)  # type: ignore[arg-type]
    assert key == wrong.value.key


def test_the_end_of_an_open_live_is_the_first_such_time_after_it_was_opened() -> None:
    typed = replace(typed_of(KEPT), title="Nuit", ends="13:20", skus=("P5",))
    opened_at = NOW + HOUR / 4  # 13:15 in Paris
    expected = replace(KEPT, ends_at=NOW + HOUR / 3, skus=("P5",))
    assert expected == open_plan_of(typed, opened_at, KEPT, opened_at)
    overnight = open_plan_of(replace(typed, ends="00:30"), NOW, KEPT, opened_at)
    assert datetime(2026, 11, 26, 23, 30, tzinfo=UTC) == overnight.ends_at
    assert open_plan_of(replace(typed, ends=""), NOW, KEPT, opened_at).ends_at is None
    with pytest.raises(Wrong) as wrong:
        open_plan_of(typed, NOW + HOUR / 2, KEPT, opened_at)
    assert "end_past" == wrong.value.key
