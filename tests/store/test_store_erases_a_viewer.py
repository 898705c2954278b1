"""One viewer, on request: all that is held of them is told, and erased, and the ledger stays whole."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain.errors import ActionRequired
from domain.show import ClaimResult
from store import Database, open_database
from store.privacy import erase_viewer, held_of_viewer
from tests.store.privacy_scene import ANN, NOW, PEOPLE, an_evening, everything, rows

OTHERS = ("5010002", "5010003", "Bobbylou", "Chloé Du Pont")


def test_all_that_is_held_of_a_viewer_is_told_with_codes_masked_and_nobody_else_named(
    database: Database,
) -> None:
    evening = an_evening(database, NOW - timedelta(days=1))
    code = evening.held_code(ANN)
    told = held_of_viewer(database, "twitch", ANN).as_dict()
    assert ("twitch", ANN, ["Annabelle"]) == (told["platform"], told["viewer_id"], told["names"])
    assert [("code", ""), ("prix", "xbox please")] == [(a["command"], a["argument"]) for a in told["asks"]]
    (grant,) = told["grants"]
    assert (evening.live_id, "owed", False) == (grant["live"], grant["delivery"], grant["is_hidden"])
    assert code[-2:] == grant["code"][-2:]
    (order,) = told["redemptions"]
    assert ("order-1", 9000, "EUR", "valid") == (
        order["order"],
        order["total"],
        order["currency"],
        order["verdict"],
    )
    assert [{"live": evening.live_id, "what": "a personal link was opened in one browser"}] == told["links"]
    said = ["@Annabelle @… @… : un code vous attend", "@Annabelle 499,99 €"]
    assert said == [one["text"] for one in told["mentions"]]
    text = json.dumps(told, ensure_ascii=False)
    assert code not in text
    assert not any(word in text for word in (*OTHERS, "browser-of-ann"))


def test_of_somebody_unknown_nothing_is_told(database: Database) -> None:
    an_evening(database, NOW - timedelta(days=1))
    assert not held_of_viewer(database, "twitch", "9")
    assert not held_of_viewer(database, "youtube", ANN)


def test_an_erased_viewer_is_nowhere_and_the_ledger_and_everybody_else_stay(database: Database) -> None:
    first, second = (an_evening(database, NOW - timedelta(days=days)) for days in (2, 1))
    reports, counted = [first.report(), second.report()], rows(database)
    done = erase_viewer(database, "twitch", ANN, "owner")
    held = everything(database)
    assert (4, 2, 4, 2, ()) == (done.asks, done.grants, done.mentions, done.links, done.open_lives)
    assert not any(word in held for word in (ANN, "Annabelle", "browser-of-ann"))
    assert all(word in held for word in OTHERS)
    assert reports == [first.report(), second.report()]
    assert "annabelle" not in held.lower()
    found = counted["redemption_words"] - 2  # of each order's words, those of its viewer's name went
    assert {**counted, "link_bindings": 0, "audit": 1, "redemption_words": found} == rows(database)
    assert not held_of_viewer(database, "twitch", ANN)
    assert first.held_code(ANN) is None


def test_the_erasure_is_in_the_audit_log_and_names_nobody(database: Database) -> None:
    an_evening(database, NOW - timedelta(days=1))
    erase_viewer(database, "twitch", ANN, "owner@shop.example")
    with database.unit(read_only=True) as unit:
        (entry,) = unit.audit.list()
        stand_in = unit.viewers.stand_in("twitch", ANN)
    assert ("owner@shop.example", "viewer_erased", f"viewer {stand_in}") == (
        entry.who,
        entry.action,
        entry.subject,
    )
    assert 2 == entry.after["asks"]


def test_who_is_erased_while_the_live_is_on_gets_no_second_code_and_finds_the_first(
    database: Database,
) -> None:
    """Promise 1."""
    evening = an_evening(database, NOW, is_closed=False)
    code, before = evening.held_code(ANN), evening.report()
    done = erase_viewer(database, "twitch", ANN, "owner")
    held = everything(database)
    assert (evening.live_id,) == done.open_lives
    assert not any(word in held for word in (ANN, "Annabelle"))
    assert before == evening.report()
    with database.unit(read_only=True) as unit:
        owed = unit.grants.to_deliver(evening.live_id, "twitch:100")
        undelivered = unit.grants.undelivered(evening.live_id)
    assert ["5010003"] == [grant.viewer_id for grant in owed]
    assert ["5010003"] == [grant.viewer_id for grant in undelivered]
    again = evening.claim(ANN, "again")
    assert ClaimResult.HELD is again.result
    assert (ANN, code) == (again.claim.viewer_id, again.grant.code)
    assert 3 == len(_granted(database, evening.offer_id))
    assert code == evening.held_code(ANN)


def test_their_personal_link_stays_their_browsers(database: Database) -> None:
    evening = an_evening(database, NOW, is_closed=False)
    erase_viewer(database, "twitch", ANN, "owner")
    with database.unit() as unit:
        assert not unit.links.bind(evening.live_id, "twitch", ANN, "another browser")
        assert unit.links.bind(evening.live_id, "twitch", ANN, "browser-of-ann")


def test_when_the_live_is_over_they_are_erased_for_good(database: Database) -> None:
    evening = an_evening(database, NOW, is_closed=False)
    erase_viewer(database, "twitch", ANN, "owner")
    evening.ask(ANN, "I am back", "prix")
    evening.close()
    assert held_of_viewer(database, "twitch", ANN)
    done = erase_viewer(database, "twitch", ANN, "owner")
    with database.unit(read_only=True) as unit:
        stand_in = unit.viewers.stand_in("twitch", ANN)
    ledger = "\n".join(line for line in everything(database).splitlines() if "viewer_erased" not in line)
    assert () == done.open_lives
    assert not any(word in ledger for word in (ANN, "I am back", stand_in))
    assert 3 == evening.report().whole.viewers


def test_erasing_and_asking_at_once_gives_one_code(database: Database) -> None:
    """Promise 1, as a race."""
    evening = an_evening(database, NOW, is_closed=False)
    start = threading.Barrier(4)

    def ask(number: int) -> list[ClaimResult]:
        start.wait()
        return [evening.claim(ANN, f"{number}-{turn}").result for turn in range(10)]

    def erase() -> None:
        start.wait()
        for _ in range(3):
            erase_viewer(database, "twitch", ANN, "owner")

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, number) for number in range(3)]
        pool.submit(erase).result()
        results = {result for one in asking for result in one.result()}
    assert {ClaimResult.HELD} == results
    assert 3 == len(_granted(database, evening.offer_id))


def test_what_others_wrote_about_them_is_hidden_by_any_name_they_go_by(database: Database) -> None:
    evening = an_evening(database, NOW - timedelta(days=1))
    evening.ask("5010002", "@Annabelle", "code", id="by-hand")
    evening.ask("5010002", "@annbell", "code", id="by-handle")
    evening.ask("5010002", "@annbellini", "code", id="another")
    evening.say("@100%_!ann hello")
    erase_viewer(database, "twitch", ANN, "owner", ["annbell", "100%_!ann"])
    held = everything(database)
    assert "@annbellini" in held
    assert not any(
        word in held.replace("@annbellini", "") for word in ("@Annabelle", "@annbell", "100%_!ann")
    )
    assert "@… hello" in held


def test_what_users_did_about_them_stays_in_the_audit_log_without_their_name(database: Database) -> None:
    an_evening(database, NOW - timedelta(days=1))
    with database.unit() as unit:
        unit.audit.record(NOW, "mo@shop.example", "ordered", "live 1", {}, {"order": "!code @Annabelle"})
        unit.audit.record(
            NOW, "mo@shop.example", "ordered", "live 1", {}, {"orders": ["!code @Chloé @Annabelle"]}
        )
    told = [one["what"] for one in held_of_viewer(database, "twitch", ANN).audited]
    assert ["!code @Annabelle", "!code @… @Annabelle"] == told
    assert 4 == erase_viewer(database, "twitch", ANN, "owner").mentions
    with database.unit(read_only=True) as unit:
        _, second, first = unit.audit.list()
    assert ({"order": "!code @…"}, {"orders": ["!code @Chloé @…"]}) == (first.after, second.after)
    assert "mo@shop.example" == first.who


def test_a_moderator_of_a_chat_is_told_what_they_did_and_erased_where_they_did_it(database: Database) -> None:
    an_evening(database, NOW - timedelta(days=1))
    with database.unit() as unit:
        for who in ("@Annabelle (twitch)", "@Bob (twitch)", "annabelle"):
            unit.audit.record(NOW, who, "live_closed", "live 1", {}, {"order": "!live off"})
    told = [one["what"] for one in held_of_viewer(database, "twitch", ANN).audited]
    assert ["@Annabelle (twitch): live_closed"] == told
    erase_viewer(database, "twitch", ANN, "owner")
    with database.unit(read_only=True) as unit:
        kept = [one.who for one in unit.audit.list(action="live_closed")]
    assert ["annabelle", "@Bob (twitch)", "@… (twitch)"] == kept


def test_our_accounts_remember_them_no_more(database: Database) -> None:
    an_evening(database, NOW - timedelta(days=1))
    with database.unit() as unit:
        unit.memories.remember("twitch", "bot", "whispered", f'{{"{ANN}": 1.0, "7": 2.0}}')
        unit.memories.remember("facebook", "bot", "moderators", f'["{ANN}"]')
    assert [{"name": "whispered"}] == list(held_of_viewer(database, "twitch", ANN).memories)
    assert 1 == erase_viewer(database, "twitch", ANN, "owner").memories
    with database.unit(read_only=True) as unit:
        assert '{"7": 2.0}' == unit.memories.recall("twitch", "bot", "whispered")
        assert f'["{ANN}"]' == unit.memories.recall("facebook", "bot", "moderators")


def test_many_rows_are_erased_in_parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.viewers.AT_A_TIME", 3)
    monkeypatch.setattr("store.privacy.AT_A_TIME", 3)
    evening = an_evening(database, NOW - timedelta(days=1))
    for number in range(20):
        evening.ask(ANN, f"question {number}", "prix", id=f"m{number}")
        evening.say(f"@Annabelle answer {number}")
    done = erase_viewer(database, "twitch", ANN, "owner")
    assert (22, 22) == (done.asks, done.mentions)
    assert not any(word in everything(database) for word in (ANN, "Annabelle", "question 7"))


def test_without_a_secret_key_nothing_is_erased(database: Database, database_url: str) -> None:
    an_evening(database, NOW - timedelta(days=1))
    before = everything(database)
    keyless = open_database(database_url)
    with pytest.raises(ActionRequired, match="set BATELEUR_SECRET_KEY"):
        erase_viewer(keyless, "twitch", ANN, "owner")
    assert before == everything(database)
    assert held_of_viewer(keyless, "twitch", ANN)
    keyless.close()


def test_everybody_can_be_erased_one_after_another(database: Database) -> None:
    evening = an_evening(database, NOW - timedelta(days=1))
    before = evening.report()
    for viewer_id in PEOPLE:
        erase_viewer(database, "twitch", viewer_id, "owner")
    assert before == evening.report()


def _granted(database: Database, offer_id: int) -> list[str]:
    with database.unit(read_only=True) as unit:
        return [grant.viewer_id for grant in unit.grants.list(offer_id)]
