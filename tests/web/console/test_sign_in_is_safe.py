"""Signing in, tried by those who should not get in and by those who want to shut others out."""

import time

import pytest

from domain.people import UserRole
from store.database import Database
from tests.web.console.callers import COOKIE, calling
from tests.web.console.conftest import HASHED, PASSWORD, Desk, console_on
from web.console.asking import inside
from web.console.throttle import IN_ALL, PER_ADDRESS, PER_LOGIN, Throttle
from web.passwords import is_password


async def test_the_right_password_opens_the_console_and_a_wrong_one_does_not(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        status, text, _ = await caller.sign_in("reader", "another password")
        assert (401, "") == (status, caller.token)
        assert "ne vont pas ensemble" in text
        assert not await caller.is_signed_in()
        status, _, headers = await caller.sign_in(" READER ")
        assert (303, "/console/") == (status, headers["Location"])
        assert await caller.is_signed_in()
    assert [("reader", "signed_in")] == desk.audited()


async def test_the_cookies_are_for_no_script_no_other_site_and_the_console_alone(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        _, _, headers = await caller.sign_in("reader")
        session, card = sorted(c for c in headers.getall("Set-Cookie") if c.startswith("bateleur_"))
        assert session.startswith(f"{COOKIE}=")
        assert session.endswith("; HttpOnly; Path=/console; SameSite=lax")
        assert card.endswith("; HttpOnly; Max-Age=15552000; Path=/console/sign-in; SameSite=lax")


async def test_behind_https_the_cookies_are_for_https_alone(database: Database) -> None:
    async with console_on(database, public_url="https://bot.shop.example") as desk:
        desk.user(UserRole.READER)
        async with calling(desk.url) as caller:
            assert (await caller.get("/sign-in"))[2]["Set-Cookie"].endswith("; secure")
            # What the proxy in front tells is believed: from there to us it is not https.
            _, _, headers = await caller.sign_in("reader", **{"X-Forwarded-Proto": "https"})
            assert "max-age" in headers["Strict-Transport-Security"]
    async with console_on(database) as desk, calling(desk.url) as caller:
        _, _, headers = await caller.sign_in("reader", **{"X-Forwarded-Proto": "https"})
        told = [cookie for cookie in headers.getall("Set-Cookie") if cookie.startswith("bateleur_")]
        assert [True, True] == ["; Secure" in cookie for cookie in told]


async def test_a_planted_session_is_not_the_one_that_is_opened(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        caller.session.cookie_jar.update_cookies({COOKIE: "planted"})
        await caller.sign_in("reader")
        first = caller.token
        assert "planted" != first
        await caller.sign_in("reader")
        assert first != caller.token
        assert await caller.is_signed_in()
        async with calling(desk.url) as thief:
            thief.session.cookie_jar.update_cookies({COOKIE: first})
            assert not await thief.is_signed_in()


async def test_a_form_of_another_site_signs_nobody_in_or_out(desk: Desk) -> None:
    desk.user(UserRole.READER)
    elsewhere = {"Origin": "https://evil.example"}
    async with calling(desk.url) as caller:
        form = {"login": "reader", "password": PASSWORD}
        for forged in ({}, {"csrf": ""}, {"csrf": "made up"}):
            assert 400 == (await caller.post("/sign-in", {**form, **forged}))[0]
        told = {**form, "csrf": await caller.csrf()}
        assert 400 == (await caller.post("/sign-in", told, **elsewhere))[0]
        assert 400 == (await caller.post("/sign-in", told, Origin="null"))[0]
        assert "" == caller.token
        await caller.sign_in("reader", Origin=desk.url.removesuffix("/console"))
        status, _, headers = await caller.post("/sign-out", **elsewhere)
        assert 403 == status
        assert not [one for one in headers.getall("Set-Cookie", []) if one.startswith(COOKIE)]
        assert await caller.is_signed_in()


async def test_signing_out_ends_the_session_for_whoever_kept_its_cookie(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller, calling(desk.url) as thief:
        await caller.sign_in("reader")
        thief.session.cookie_jar.update_cookies({COOKIE: caller.token})
        assert await thief.is_signed_in()
        assert 303 == (await caller.post("/sign-out"))[0]
        assert [False, False] == [await caller.is_signed_in(), await thief.is_signed_in()]


async def test_two_sign_in_pages_of_one_browser_both_work(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        form = {"csrf": await caller.csrf(), "login": "reader", "password": PASSWORD}
        await caller.csrf()
        assert 303 == (await caller.post("/sign-in", form))[0]


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/console/lives/3", "/console/lives/3"),
        ("/console/redemptions?live=3&q=a%20b", "/console/redemptions?live=3&q=a%20b"),
        ("/console/", "/console/"),
        ("", ""),
        ("https://evil.example/", ""),
        ("//evil.example/console/", ""),
        ("/\\evil.example", ""),
        ("/console/\\evil.example", ""),
        ("/console//evil.example", ""),
        ("/console/../c/1", ""),
        ("/console/%2e%2e/c/1", ""),
        ("/console/.%2E/c/1", ""),
        ("/console/\t/evil.example", ""),
        ("/console/\r\nSet-Cookie: a=b", ""),
        ("/console/x?\r\nSet-Cookie: a=b", ""),
        ("/console/sign-in?next=/console/", ""),
        ("/console/sign-out", ""),
        ("javascript:alert(1)", ""),
        ("/consolation", ""),
        ("/console/é", ""),
    ],
)
def test_a_sign_in_leads_into_the_console_and_nowhere_else(wanted: str, leads_to: str) -> None:
    assert leads_to == inside(wanted)


async def test_whoever_was_turned_away_is_led_back_to_the_page_with_its_filters(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        _, _, headers = await caller.get("/redemptions?live=3&q=a%20b")
        there = headers["Location"].removeprefix("/console")
        form = {"csrf": await caller.csrf(there), "login": "reader", "password": PASSWORD}
        _, _, headers = await caller.post("/sign-in", form)
        assert "/console/redemptions?live=3&q=a%20b" == headers["Location"]
        await caller.post("/sign-out")
        form["csrf"] = await caller.csrf("/sign-in?next=https://evil.example/")
        assert "/console/" == (await caller.post("/sign-in", form))[2]["Location"]


async def test_a_guesser_is_stopped_and_who_signed_in_before_is_not(desk: Desk) -> None:
    desk.user(UserRole.OWNER)
    async with calling(desk.url) as owner, calling(desk.url) as guesser:
        await owner.sign_in("owner")
        await owner.post("/sign-out")
        # The owner's first sign-in counts as well: until then that browser was any browser.
        logins = ["owner", " Owner "] * PER_LOGIN
        told = [(await guesser.sign_in(login, "guess"))[0] for login in logins[:PER_LOGIN]]
        assert [401] * (PER_LOGIN - 1) + [429] == told
        assert 429 == (await guesser.sign_in("owner"))[0]
        assert 303 == (await owner.sign_in("owner"))[0]
        # The card counts, too: it is no way to guess on.
        tries = [(await owner.sign_in("owner", "guess"))[0] for _ in range(PER_LOGIN + 1)]
        assert [401] * PER_LOGIN + [429] == tries


def test_attempts_are_counted_by_login_by_network_and_in_all() -> None:
    throttle = Throttle("key")
    tries = [throttle.allows(f"user{n}", "192.0.2.1", "") for n in range(PER_ADDRESS + 1)]
    assert [True] * PER_ADDRESS + [False] == tries
    assert throttle.allows("somebody", "192.0.2.2", "")
    one_network = [throttle.allows(f"six{n}", f"2001:db8::{n:x}", "") for n in range(PER_ADDRESS + 1)]
    assert not one_network[-1]
    crowd = [throttle.allows(f"bot{n}", f"198.51.100.{n}", "") for n in range(IN_ALL)]
    assert IN_ALL - 2 * PER_ADDRESS - 1 == sum(crowd)
    assert throttle.allows("ann", "203.0.113.1", throttle.card("Ann"))


def test_a_card_that_is_not_ours_or_of_another_login_counts_as_none() -> None:
    throttle = Throttle("key")
    cards = ["", "made up", "W10.x", Throttle("another key").card("ann"), throttle.card("bob")]
    for _ in range(PER_LOGIN):
        throttle.allows("ann", "192.0.2.1", "")
    assert [False] * len(cards) == [throttle.allows("ann", "192.0.2.2", card) for card in cards]


def test_a_login_that_does_not_exist_takes_as_long_as_one_that_does() -> None:
    is_password("warm", "")
    took = {"known": 9.0, "unknown": 9.0}
    for _ in range(5):
        for name, hashed in (("known", HASHED), ("unknown", "")):
            begun = time.process_time()
            assert not is_password("not the password", hashed)
            took[name] = min(took[name], time.process_time() - begun)
    assert 0.5 < took["unknown"] / took["known"] < 2.0


async def test_a_disabled_user_gets_the_same_answer_as_a_stranger(desk: Desk) -> None:
    desk.user(UserRole.OWNER)
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        await caller.sign_in("reader")
        with desk.database.unit() as unit:
            unit.users.change(desk.known("reader").id, is_disabled=True)
        assert not await caller.is_signed_in()
        refused = [await caller.sign_in(login) for login in ("reader", "nobody")]
        assert [401, 401] == [status for status, _, _ in refused]
        assert 1 == len({"ne vont pas ensemble" in text for _, text, _ in refused})


async def test_another_password_signs_out_everywhere(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        await caller.sign_in("reader")
        with desk.database.unit() as unit:
            unit.users.set_password(desk.known("reader").id, HASHED)
        assert not await caller.is_signed_in()


async def test_forms_too_large_to_be_typed_are_not_read(desk: Desk) -> None:
    desk.user(UserRole.READER)
    async with calling(desk.url) as caller:
        form = {"csrf": await caller.csrf(), "login": "reader", "password": "x" * 100_000}
        assert 400 == (await caller.post("/sign-in", form))[0]
        assert 401 == (await caller.sign_in("l" * 5_000, "p" * 5_000))[0]


async def test_the_demo_signs_in_whoever_sits_at_the_machine_and_nobody_else(database: Database) -> None:
    async with console_on(database, opens_by_itself=True) as desk:
        for told in (
            {"X-Forwarded-For": "127.0.0.1"},
            {"X-Forwarded-For": "192.0.2.7"},
            {"Forwarded": "for=127.0.0.1"},
            {"Via": "1.1 proxy"},
            {"Host": "evil.example"},
            {"Host": "127.0.0.1.evil.example"},
        ):
            async with calling(desk.url) as caller:
                assert 200 == (await caller.get("/sign-in", **told))[0], told
                assert "" == caller.token
        async with calling(desk.url) as caller:
            assert 303 == (await caller.get("/sign-in"))[0]
            assert await caller.is_signed_in()
        assert [("demo", "user_added"), ("demo", "signed_in")] == desk.audited()


async def test_nobody_is_told_to_add_the_first_user(desk: Desk) -> None:
    async with calling(desk.url) as caller:
        _, text, _ = await caller.get("/sign-in")
        assert "bateleur user add" in text
        desk.user(UserRole.OWNER)
        _, text, _ = await caller.get("/sign-in")
        assert "bateleur user add" not in text
