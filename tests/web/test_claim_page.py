"""From the chat to the copied code, in a real browser; and what nobody else may see."""

import asyncio
import contextlib
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from domain.money import Money
from domain.show import Claim, DeliveryState, DeliveryWay, Discount, Mechanic, OfferKind, Product
from tests.web.conftest import ANN, BOB, CLEO, Site
from web.attempts import PER_MINUTE
from web.watch import LOOK_S

PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="100"><rect width="160" height="100"/></svg>'
)


async def sign_in(page: Page, site: Site, name: str = "Ann") -> None:
    await page.goto(site.page)
    await page.get_by_role("button", name="Continuer avec Twitch").click()
    await page.get_by_role("button", name=name).click()


async def test_a_viewer_signs_in_and_copies_their_own_code(page: Page, site: Site, shots: Any) -> None:
    mine, others = site.grant(ANN), site.grant(BOB)
    await page.goto(site.page)
    await shots(page, "signed-out")
    await sign_in(page, site)
    await expect(page.locator(".code")).to_have_text(mine)
    await expect(page.get_by_text("20 % de réduction".replace(" %", "\u202f%"))).to_be_visible()
    await expect(page.locator("time")).to_have_text(_clock())
    await page.get_by_role("button", name="Copier le code").click()
    await expect(page.get_by_role("button", name="Copié !")).to_be_visible()
    assert mine == await page.evaluate("navigator.clipboard.readText()")
    shop = page.get_by_role("link", name="Ouvrir la boutique avec le code")
    assert f"https://shop.example/?coupon={mine}" == await shop.get_attribute("href")
    await page.get_by_text("Sur une télévision").click()
    await expect(page.locator(".qr svg")).to_be_visible()
    await shots(page, "code")
    assert others not in await page.content()
    assert mine not in page.url


async def test_a_code_shows_on_the_open_page_as_soon_as_it_is_granted(page: Page, site: Site) -> None:
    await sign_in(page, site)
    await expect(page.get_by_role("status")).to_contain_text("tapez !code dans le chat")
    code = site.grant(ANN)
    await expect(page.locator(".code")).to_have_text(code)
    with site.database.unit() as unit:
        (grant,) = unit.grants.of_viewer(site.live_id, "twitch", ANN.id)
        assert DeliveryState.DELIVERED is grant.delivery
        assert {DeliveryWay.PAGE: 1} == unit.grants.deliveries(site.live_id)


async def test_a_viewer_of_youtube_signs_in_with_google_and_is_known_by_their_channel(
    page: Page, site: Site
) -> None:
    code = site.grant(CLEO, "youtube")
    await page.goto(site.page)
    await page.get_by_role("button", name="Continuer avec Google").click()
    await page.get_by_role("button", name="@cleo").click()
    await expect(page.locator(".code")).to_have_text(code)


async def test_a_google_account_without_a_channel_is_told_so(page: Page, site: Site) -> None:
    site.youtube.without_channel = {CLEO.id}
    await page.goto(site.page)
    await page.get_by_role("button", name="Continuer avec Google").click()
    await page.get_by_role("button", name="@cleo").click()
    await expect(page.get_by_role("alert")).to_contain_text("pas de chaîne YouTube")


async def test_a_sign_in_that_is_cancelled_changes_nothing(page: Page, site: Site) -> None:
    await page.goto(site.page)
    await page.get_by_role("button", name="Continuer avec Twitch").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("alert")).to_contain_text("annulée")


async def test_a_sign_in_that_comes_back_with_another_state_is_refused(page: Page, site: Site) -> None:
    site.grant(ANN)
    await page.goto(site.page)
    await page.get_by_role("button", name="Continuer avec Twitch").click()
    await page.goto(f"{site.url}/sign-in/twitch/back?code=stolen&state=another")
    await expect(page.get_by_role("alert")).to_contain_text("pas abouti")
    await page.goto(site.page)
    await expect(page.locator(".code")).to_have_count(0)


async def test_a_personal_link_opens_in_one_browser_only(
    page: Page, site: Site, browser: Browser, shots: Any, assert_accessible: Any
) -> None:
    code = site.grant(ANN, "facebook")
    await page.set_viewport_size({"width": 390, "height": 844})
    link = site.links.personal(site.live_id, "facebook", ANN.id)
    # A robot that follows the link does not spend it: it takes a press on the button.
    await page.goto(link)
    await page.goto(link)
    await shots(page, "personal")
    await assert_accessible(page)
    await page.get_by_role("button", name="Afficher mon code").click()
    await expect(page.locator(".code")).to_have_text(code)
    assert site.page == page.url
    other = await (await browser.new_context(locale="fr-FR")).new_page()
    await other.goto(link)
    await other.get_by_role("button", name="Afficher mon code").click()
    await expect(other.get_by_role("alert")).to_contain_text("autre navigateur")
    await shots(other, "personal-used")
    assert code not in await other.content()
    await page.goto(link)
    await page.get_by_role("button", name="Afficher mon code").click()
    await expect(page.locator(".code")).to_have_text(code)


@pytest.mark.parametrize("sealed", ["rubbish", "gAAAAABm"])
async def test_a_link_that_is_made_up_leads_nowhere(page: Page, site: Site, sealed: str) -> None:
    await page.goto(f"{site.page}/p/{sealed}")
    await expect(page.get_by_role("alert")).to_contain_text("nulle part")


async def test_an_open_page_says_at_once_that_the_live_is_over(
    page: Page, site: Site, shots: Any, assert_accessible: Any
) -> None:
    site.grant(ANN)
    await sign_in(page, site)
    await expect(page.get_by_role("button", name="Copier le code")).to_be_visible()
    site.close()
    await expect(page.get_by_role("status")).to_contain_text("Le live est terminé")
    await expect(page.get_by_role("button", name="Copier le code")).to_have_count(0)
    await expect(page.locator(".top .state")).to_have_text("Terminé")
    await shots(page, "over")
    await assert_accessible(page)


async def test_others_codes_leave_an_open_page_alone(page: Page, site: Site) -> None:
    site.grant(ANN)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/codes" in request.url else None)
    await sign_in(page, site)
    await page.get_by_role("button", name="Copier le code").click()
    await page.get_by_text("Sur une télévision").click()
    before = len(asked)
    with site.database.unit() as unit:
        offer = unit.offers.get(site.offer_id)
        assert offer is not None
        for number in range(5):
            claim = Claim("twitch", f"other{number}", "Other", "twitch:100", f"m{number}")
            unit.grants.grant(offer, [claim], datetime.now(UTC))
    await asyncio.sleep(3 * LOOK_S)
    assert before == len(asked)
    await expect(page.get_by_role("button", name="Copié !")).to_be_visible()
    await expect(page.locator("summary")).to_be_focused()
    await expect(page.locator(".qr svg")).to_be_visible()


async def test_a_page_without_a_code_says_why(page: Page, site: Site, shots: Any) -> None:
    async def said(words: str, name: str) -> None:
        await expect(page.get_by_role("status")).to_contain_text(words)
        await shots(page, f"none-{name}")

    await page.set_viewport_size({"width": 390, "height": 844})
    await sign_in(page, site, "Bob")
    await said("Pas encore de code pour Bob", "yet")
    await expect(page.get_by_text("Vérifiez que c'est bien ce compte")).to_be_visible()
    with site.database.unit() as unit:
        offer = unit.offers.get(site.offer_id)
        assert offer is not None
        takers = [Claim("twitch", f"t{n}", "T", "twitch:100", f"m{n}") for n in range(20)]
        unit.grants.grant(offer, takers, datetime.now(UTC))
    await said("Tous les codes ont été distribués", "left")
    with site.database.unit() as unit:
        unit.offers.end(site.offer_id, datetime.now(UTC))
    await said("Cette offre est terminée", "over")
    site.close()
    await said("Le live est terminé", "ended")


async def test_a_viewer_of_facebook_is_told_how_their_code_comes(page: Page, site: Site) -> None:
    await page.goto(site.page)
    await expect(page.get_by_text("Facebook")).to_have_count(0)
    with site.database.unit() as unit:
        live = unit.lives.add("Aussi là-bas", "fr", "Europe/Paris", ("twitch:200", "facebook:1789"))
    await page.goto(f"{site.url}/c/{live.id}")
    await expect(page.get_by_text("Vous commentez sur Facebook")).to_be_visible()
    await expect(page.locator(".top .state")).to_have_text("Bientôt")


async def test_a_countdown_that_ends_ends_the_code_on_the_open_page(page: Page, site: Site) -> None:
    site.grant(ANN)
    await page.clock.install()
    await sign_in(page, site)
    await expect(page.get_by_role("button", name="Copier le code")).to_be_visible()
    site.close()
    await page.clock.fast_forward("01:30:00")
    await expect(page.locator(".over .code")).to_be_visible()


async def test_a_screen_reader_hears_of_a_new_code_once_and_of_no_second(page: Page, site: Site) -> None:
    await sign_in(page, site)
    await expect(page.get_by_role("status")).to_contain_text("Pas encore de code")
    site.grant(ANN)
    await expect(page.locator("#news")).to_have_text("Votre code est arrivé.")
    live_regions = "nodes => nodes.filter(node => node.querySelector('time')).length"
    assert 0 == await page.locator("[aria-live], [role=status], [role=alert]").evaluate_all(live_regions)
    await expect(page.get_by_role("timer")).to_be_visible()
    await page.get_by_role("button", name="Copier le code").click()
    await expect(page.locator("#news")).to_have_text("Copié !")


async def test_a_viewer_with_many_codes_still_gets_a_light_page(page: Page, site: Site) -> None:
    for number in range(4):
        with site.database.unit() as unit:
            offer = unit.offers.add(
                site.live_id, OfferKind.UNIQUE, Mechanic.HAND, Discount(percent=10 + number)
            )
            unit.codes.add(offer.id, [f"LIVE-QRST-UVWX-{number}23"])
            claim = Claim("twitch", ANN.id, ANN.name, "twitch:100", f"m-{number}")
            unit.grants.grant(offer, [claim], datetime.now(UTC))
    await sign_in(page, site)
    await expect(page.locator(".code")).to_have_count(4)
    answer = await page.goto(site.page)
    assert answer is not None
    assert len(await answer.body()) < 30_000


async def test_signing_out_hides_the_codes(page: Page, site: Site) -> None:
    code = site.grant(ANN)
    await sign_in(page, site)
    await expect(page.locator(".code")).to_have_text(code)
    await page.get_by_role("button", name="Se déconnecter").click()
    await expect(page.get_by_role("button", name="Continuer avec Twitch")).to_be_visible()
    assert code not in await page.content()


@pytest.mark.parametrize(
    ("scheme", "size"),
    [("light", (390, 844)), ("dark", (390, 844)), ("light", (1280, 800)), ("dark", (1280, 800))],
)
async def test_the_page_fits_phones_and_desks_by_day_and_night(
    browser: Browser, site: Site, shots: Any, assert_accessible: Any, scheme: Any, size: tuple[int, int]
) -> None:
    code = site.grant(ANN)
    viewport: Any = {"width": size[0], "height": size[1]}
    person = await browser.new_context(locale="en-GB", color_scheme=scheme, viewport=viewport)
    page = await person.new_page()
    await page.goto(site.page)
    await assert_accessible(page)
    await page.get_by_role("button", name="Continue with Twitch").click()
    await page.get_by_role("button", name="Ann").click()
    await expect(page.locator(".code")).to_have_text(code)
    await expect(page.get_by_text("20% off")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await assert_accessible(page)
    await shots(page, f"{scheme}-{size[0]}")
    await person.close()


async def test_pages_are_never_cached_framed_or_told_to_other_sites(page: Page, site: Site) -> None:
    answer = await page.goto(site.page)
    assert answer is not None
    headers = answer.headers
    assert "no-store" == headers["cache-control"]
    assert "no-referrer" == headers["referrer-policy"]
    assert "DENY" == headers["x-frame-options"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert len(await answer.body()) < 30_000
    cookie = (await page.context.cookies())[0:1]
    assert all(one["httpOnly"] and one["sameSite"] == "Lax" for one in cookie)


async def test_too_many_sign_ins_from_one_address_have_to_wait(page: Page, site: Site) -> None:
    await page.goto(site.page)

    async def begin(address: str) -> int:
        headers = {"X-Forwarded-For": address}  # as the proxy in front tells it
        start = f"{site.page}/sign-in/twitch"
        return (await page.request.post(start, headers=headers, max_redirects=0)).status

    assert [302] * PER_MINUTE + [429] == [await begin("203.0.113.7") for _ in range(PER_MINUTE + 1)]
    assert 302 == await begin("203.0.113.8")


async def test_a_live_that_does_not_exist_is_said_not_to(page: Page, site: Site) -> None:
    answer = await page.goto(f"{site.url}/c/4242")
    assert answer is not None
    assert 404 == answer.status
    await expect(page.get_by_role("alert")).to_contain_text("n'existe pas")


async def test_a_platform_nobody_signs_in_with_is_refused(page: Page, site: Site) -> None:
    answer = await page.request.post(f"{site.page}/sign-in/minitel")
    assert 400 == answer.status
    assert 404 == (await page.request.get(f"{site.url}/c/4242/events")).status


async def test_a_database_that_fails_is_a_sentence_and_no_traceback(
    page: Page, site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "pages.db")) as broken:
        broken.execute("ALTER TABLE lives RENAME TO gone")
    answer = await page.goto(site.page)
    assert answer is not None
    assert 503 == answer.status
    await expect(page.get_by_role("alert")).to_contain_text("réessayez dans une minute")
    assert "Traceback" not in "".join(capfd.readouterr())


def _clock() -> Any:
    return re.compile(r"0:5\d:\d\d")


async def test_a_code_for_one_product_shows_its_name_and_its_picture(
    page: Page, site: Site, shots: Any
) -> None:
    drawn = "https://shop.example/xbox.svg"
    await page.route(drawn, lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml"))
    with site.database.unit() as unit:
        product = Product("XSX", "Xbox Series X", Money(49999, "EUR"), picture=drawn)
        unit.products.save([product], datetime.now(UTC))
        discount = Discount(amount=Money(3000, "EUR"))
        offer = unit.offers.add(site.live_id, OfferKind.UNIQUE, Mechanic.HAND, discount, skus=["XSX"])
        unit.codes.add(offer.id, ["ONLYXBOX22"])
        claim = Claim("twitch", ANN.id, ANN.name, "twitch:100", "m-picture")
        unit.grants.grant(offer, [claim], datetime.now(UTC))
    await sign_in(page, site)

    await expect(page.get_by_text("Xbox Series X")).to_be_visible()
    width = await page.locator("img.picture").evaluate("picture => picture.naturalWidth")
    assert 0 < width, "the browser is allowed to show it"
    await shots(page, "picture")
