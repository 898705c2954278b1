"""What is old is forgotten: nobody can be told from it, and every figure stays what it was."""

from datetime import timedelta

import pytest

from domain.errors import ActionRequired
from domain.privacy import Forgotten, Keep
from domain.show import ClaimResult
from store import Database, open_database
from store.privacy import forget_old
from tests.store.privacy_scene import ANN, NOW, PEOPLE, an_evening, everything, rows

KEEP = Keep(words=timedelta(days=30), viewers=timedelta(days=60))
WORDS = (*PEOPLE.values(), "ChloéDuPont", "xbox please")


def test_after_the_first_time_words_are_gone_and_viewers_are_still_told_apart(database: Database) -> None:
    evening = an_evening(database, NOW - timedelta(days=40))
    before, counted = evening.report(), rows(database)
    done = forget_old(database, KEEP, NOW)
    held = everything(database)
    assert Forgotten(asks=6, said=3, links=1) == done
    assert "xbox please" not in held
    assert ANN in held
    assert before == evening.report()
    assert {**counted, "link_bindings": 0} == rows(database)


def test_after_the_second_nothing_leads_to_a_viewer_and_every_figure_stays(database: Database) -> None:
    evening = an_evening(database, NOW - timedelta(days=70))
    before = evening.report()
    with database.unit(read_only=True) as unit:
        redemptions = unit.redemptions.list()
        counts = unit.grants.count(evening.live_id), unit.redemptions.revenue(evening.live_id)
    forget_old(database, KEEP, NOW)
    held = everything(database)
    assert [] == [word for word in (*PEOPLE, *WORDS, f"{evening.live_id}-{ANN}") if word in held]
    assert "annabelle" not in held.lower()
    assert before == evening.report()
    assert 3 == before.whole.viewers
    with database.unit(read_only=True) as unit:
        assert counts == (unit.grants.count(evening.live_id), unit.redemptions.revenue(evening.live_id))
        now_held = unit.redemptions.list()
    assert [(r.redemption, r.verdict) for r in redemptions] == [(r.redemption, r.verdict) for r in now_held]


def test_done_again_it_changes_nothing(database: Database) -> None:
    an_evening(database, NOW - timedelta(days=70))
    assert forget_old(database, KEEP, NOW)
    once = everything(database)
    assert not forget_old(database, KEEP, NOW)
    assert once == everything(database)


def test_what_is_younger_is_left_alone(database: Database) -> None:
    an_evening(database, NOW - timedelta(days=29))
    before = everything(database)
    assert not forget_old(database, KEEP, NOW)
    assert before == everything(database)


def test_a_live_that_is_still_on_keeps_its_viewers_however_long_it_lasts(database: Database) -> None:
    """Promise 1: one grant for a viewer."""
    evening = an_evening(database, NOW - timedelta(days=90), is_closed=False)
    code = evening.held_code(ANN)
    done = forget_old(database, KEEP, NOW)
    assert (6, 0) == (done.asks, done.viewers)
    again = evening.claim(ANN, "again")
    assert ClaimResult.HELD is again.result
    assert code == again.grant.code


def test_viewers_of_two_evenings_stay_the_same_viewers(database: Database) -> None:
    for days in (70, 80):
        an_evening(database, NOW - timedelta(days=days))
    forget_old(database, KEEP, NOW)
    with database._connect() as connection:
        found = connection.exec_driver_sql("SELECT DISTINCT platform, viewer_id FROM asks").all()
        given = connection.exec_driver_sql("SELECT DISTINCT platform, viewer_id FROM grants").all()
    assert 3 == len(found)
    assert {tuple(row) for row in found} == {tuple(row) for row in given}


def test_broken_off_anywhere_it_goes_on_and_at_no_moment_is_a_viewer_counted_as_two(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.forgetting.AT_A_TIME", 2)
    monkeypatch.setattr("store.privacy.AT_A_TIME", 2)
    evening = an_evening(database, NOW - timedelta(days=70))
    before = evening.report()
    for steps in range(1, 40):
        turns = iter(range(steps))
        forget_old(database, KEEP, NOW, goes_on=lambda turns=turns: next(turns, None) is not None)
        assert before == evening.report()
        held = everything(database)
        if not any(viewer_id in held for viewer_id in PEOPLE):
            break
    assert [] == [word for word in (*PEOPLE, *WORDS) if word in held]


def test_two_processes_may_forget_at_once(database: Database, database_url: str) -> None:
    an_evening(database, NOW - timedelta(days=70))
    other = open_database(database_url, secret_key="a key for the tests only")
    with database.unit(read_only=True) as unit:
        traces = unit.forgetting.traces(1)
    assert forget_old(other, KEEP, NOW)
    once = everything(database)
    with database.unit() as unit:
        unit.forgetting.hide(traces)
    assert once == everything(database)
    other.close()


def test_questions_outside_any_live_are_forgotten_too(database: Database) -> None:
    evening = an_evening(database, NOW - timedelta(days=70))
    evening.live_id = None
    evening.ask(ANN, "anyone there", "aide")
    forget_old(database, KEEP, NOW)
    held = everything(database)
    assert "anyone there" not in held
    assert ANN not in held


def test_whom_we_whispered_to_fades_and_other_memories_stay(database: Database) -> None:
    old, young = (NOW - timedelta(days=31)).timestamp(), NOW.timestamp()
    with database.unit() as unit:
        unit.memories.remember("twitch", "bot", "whispered", f'{{"{ANN}": {old}, "7": {young}}}')
        unit.memories.remember("facebook", "bot", "moderators", '["55"]')
        unit.memories.remember("shop", "shop", "orders read until", "2026-01-01T00:00:00+00:00")
    assert Forgotten(memories=1) == forget_old(database, KEEP, NOW)
    with database.unit(read_only=True) as unit:
        assert f'{{"7": {young}}}' == unit.memories.recall("twitch", "bot", "whispered")
        assert '["55"]' == unit.memories.recall("facebook", "bot", "moderators")
        assert "2026-01-01T00:00:00+00:00" == unit.memories.recall("shop", "shop", "orders read until")


def test_whom_users_gave_a_code_to_fades_from_the_audit_log(database: Database) -> None:
    with database.unit() as unit:
        for days in (31, 29):
            at = NOW - timedelta(days=days)
            unit.audit.record(at, "mo@shop.example", "ordered", "live 1", {}, {"order": "!code @Annabelle"})
        unit.audit.record(
            at, "mo@shop.example", "user_added", "user a@b.example", {}, {"name": "a@b.example"}
        )
    assert Forgotten(audited=1) == forget_old(database, KEEP, NOW)
    with database.unit(read_only=True) as unit:
        names = [entry.after for entry in unit.audit.list()]
    assert [{"name": "a@b.example"}, {"order": "!code @Annabelle"}, {"order": "!code @…"}] == names


def test_who_moderated_a_chat_fades_from_the_audit_log_and_users_stay(database: Database) -> None:
    with database.unit() as unit:
        for days in (31, 29):
            at = NOW - timedelta(days=days)
            for who in ("@Mo (twitch)", "mo@shop.example"):
                unit.audit.record(at, who, "live_closed", "live 1", {}, {"order": "!live off"})
    assert Forgotten(audited=1) == forget_old(database, KEEP, NOW)
    with database.unit(read_only=True) as unit:
        kept = [entry.who for entry in unit.audit.list()]
    assert ["mo@shop.example", "@Mo (twitch)", "mo@shop.example", "@… (twitch)"] == kept


def test_without_a_secret_key_nothing_is_forgotten_and_the_way_out_is_said(
    database: Database, database_url: str
) -> None:
    an_evening(database, NOW - timedelta(days=70))
    before = everything(database)
    keyless = open_database(database_url)
    with pytest.raises(ActionRequired, match="set BATELEUR_SECRET_KEY"):
        forget_old(keyless, KEEP, NOW)
    assert before == everything(database)
    keyless.close()


def test_another_key_hides_the_same_viewer_otherwise(database: Database, database_url: str) -> None:
    with database.unit(read_only=True) as unit:
        mine = unit.viewers.stand_in("twitch", ANN)
        assert mine != unit.viewers.stand_in("youtube", ANN)
    other = open_database(database_url, secret_key="another key")
    with other.unit(read_only=True) as unit:
        assert mine != unit.viewers.stand_in("twitch", ANN)
    other.close()
