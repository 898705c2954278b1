"""The log of asks: what was asked, once each, and whether it was answered."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.chat import Role
from domain.errors import Fault
from domain.show import Ask
from store import Database, open_database

NOW = datetime(2026, 11, 23, 20, tzinfo=UTC)


def add_live(database: Database) -> int:
    with database.unit() as unit:
        return unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"]).id


def ask(message: str, channel: str = "twitch:100", argument: str = "", live_id: int | None = None) -> Ask:
    return Ask(live_id, channel, message, "twitch", "7", "Ann", Role.VIEWER, "prix", argument, NOW)


def test_an_ask_is_new_once_across_restarts(database: Database, database_url: str) -> None:
    live_id = add_live(database)
    with database.unit() as unit:
        new = unit.asks.record([ask("1", live_id=live_id), ask("2"), ask("2"), ask("1", "twitch:200")])
        assert {("twitch:100", "1"), ("twitch:100", "2"), ("twitch:200", "1")} == new
        assert {("twitch:100", "3")} == unit.asks.record([ask("3"), ask("1")])
    restarted = open_database(database_url)
    with restarted.unit() as unit:
        assert {("twitch:100", "4")} == unit.asks.record([ask("4"), ask("3"), ask("2")])
        assert set() == unit.asks.record([])
    restarted.close()


def test_an_ask_undone_is_new_again(database: Database) -> None:
    with pytest.raises(RuntimeError), database.unit() as unit:
        unit.asks.record([ask("1")])
        raise RuntimeError
    with database.unit() as unit:
        assert {("twitch:100", "1")} == unit.asks.record([ask("1")])


def test_strange_and_long_questions_are_recorded(database: Database) -> None:
    texts = ["x" * 5_000, "nul \x00 inside", "half \udfff a pair", "'; DROP TABLE asks; --", "%s {0} ? :name"]
    with database.unit() as unit:
        assert len(texts) == len(unit.asks.record([ask(str(n), argument=t) for n, t in enumerate(texts)]))


def test_an_ask_waits_until_it_is_answered(database: Database) -> None:
    live_id = add_live(database)
    with database.unit() as unit:
        asked = [ask("1", live_id=live_id), ask("2", live_id=live_id), ask("3")]
        unit.asks.record(asked)
        assert asked[:2] == unit.asks.unanswered(live_id, NOW)
        unit.asks.mark_answered([("twitch:100", "1"), ("twitch:100", "1"), ("twitch:100", "9")], NOW)
        unit.asks.mark_answered([], NOW)
    with database.unit() as unit:
        assert asked[1:2] == unit.asks.unanswered(live_id, NOW)
        assert [] == unit.asks.unanswered(live_id, NOW + timedelta(seconds=1))


def test_an_engine_error_becomes_a_fault_without_values(database: Database) -> None:
    with pytest.raises(Fault) as fault, database.unit() as unit:
        unit.asks.record([ask("1", argument="VERYSECRET", live_id=99)])
    assert not fault.value.is_retryable
    assert "VERYSECRET" not in str(fault.value)
