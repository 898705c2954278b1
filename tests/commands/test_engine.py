"""Batches, cool-downs and failures. `stage` and `open_stage` are in conftest.py."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from commands import price
from commands.cooldowns import CoolDowns
from commands.engine import Engine
from commands.registry import COMMANDS
from commands.scene import Asked, Scene
from domain.answers import Answer
from domain.chat import Role
from domain.errors import ActionRequired, Fault
from domain.show import LiveState
from store.unit import UnitOfWork


def engine_with(name: str, handler: Any) -> Engine:
    return Engine(commands={**COMMANDS, name: replace(COMMANDS[name], handler=handler)})


def test_moderators_are_served_first_and_seen_by_the_rest_of_the_batch(stage: Any) -> None:
    stage.add_offer(codes=5)
    answers = stage.hear(
        stage.message("ann", "!code"),
        stage.message("bob", "!prix"),
        stage.message("mod", "!live on", Role.MODERATOR),
        stage.message("mod", "!produit switch", Role.MODERATOR),
    )
    assert [answer.key for answer in answers] == [
        "live.opened",
        "product.on_screen",
        "code.kept",
        "price.with_code",
    ]


def test_moderators_orders_keep_their_order(open_stage: Any) -> None:
    open_stage.add_offer(codes=5)
    mod = [open_stage.message("mod", text, Role.OWNER) for text in ("!drop 1 10m", "!stop", "!drop 2 10m")]
    assert [answer.key for answer in open_stage.hear(*mod)] == ["drop.started", "stop.drops", "drop.started"]


def test_chatter_history_and_unknown_commands_are_passed_over(open_stage: Any) -> None:
    open_stage.put_on_screen("SW")
    assert open_stage.hear(open_stage.message("ann", "bonjour"), open_stage.message("bob", "!lurk")) == []
    assert open_stage.hear(open_stage.message("ann", "!prix", is_backfill=True)) == []


def test_the_same_viewer_waits_five_seconds_for_the_same_command(open_stage: Any) -> None:
    open_stage.put_on_screen("SW")
    assert len(open_stage.ask("!prix")) == 1
    open_stage.later(seconds=4.9)
    assert open_stage.ask("!prix") == []
    assert len(open_stage.ask("!stock")) == 1
    assert len(open_stage.ask("!prix", "bob")) == 1
    open_stage.later(seconds=0.1)
    assert len(open_stage.ask("!prix")) == 1


def test_moderators_do_not_wait(open_stage: Any) -> None:
    assert [open_stage.order("!live on").key for _ in range(3)] == ["live.already_open"] * 3


def test_a_batch_that_is_tried_again_is_answered_again(open_stage: Any) -> None:
    open_stage.add_offer(codes=5)
    message = open_stage.message("ann", "!code")
    assert open_stage.hear(message) == open_stage.hear(message) != []


def test_help_is_not_repeated_at_once_though_a_batch_is_answered_whole(open_stage: Any) -> None:
    assert len(open_stage.hear(open_stage.message("ann", "!aide"), open_stage.message("bob", "!aide"))) == 2
    open_stage.later(seconds=2)
    assert open_stage.ask("!aide", "chloé") == []
    open_stage.later(seconds=4)
    assert len(open_stage.ask("!aide", "dan")) == 1


def test_a_handler_that_fails_costs_only_the_ask_that_failed(open_stage: Any) -> None:
    def fragile(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
        answers = price.handle(asks, scene, unit)
        if any(asked.message.author.name == "eve" for asked in asks):
            raise ValueError("the secret is SECRET1N0")
        return answers

    open_stage.engine = engine_with("price", fragile)
    open_stage.put_on_screen("SW")
    offer = open_stage.add_offer(codes=5)
    with capture_logs() as logs:
        answers = open_stage.hear(
            open_stage.message("ann", "!prix"),
            open_stage.message("eve", "!prix"),
            open_stage.message("bob", "!prix"),
            open_stage.message("chloé", "!code"),
        )
    assert [answer.message.author.name for answer in answers] == ["chloé", "ann", "bob"]
    failed = [entry for entry in logs if entry["event"] == "command_failed"]
    assert [(entry["command"], entry["message_id"], entry["error"]) for entry in failed] == [
        ("price", "m1", "ValueError")
    ]
    assert "SECRET" not in str(logs)
    with open_stage.database.unit() as unit:
        assert len(unit.announced.list(open_stage.live_id)) == 2
        assert len(unit.grants.list(offer.id)) == 1


def test_what_a_failing_ask_wrote_is_undone(open_stage: Any) -> None:
    def closes_then_fails(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
        unit.lives.close(open_stage.live_id, scene.now)
        raise RuntimeError

    open_stage.engine = engine_with("live", closes_then_fails)
    assert open_stage.ask("!live off", "mod", Role.MODERATOR) == []
    assert open_stage.live.state is LiveState.OPEN


@pytest.mark.parametrize("error", [Fault("database away", is_retryable=True), ActionRequired("migrate")])
def test_when_the_database_is_away_the_whole_batch_waits(open_stage: Any, error: Exception) -> None:
    def unlucky(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
        raise error

    open_stage.engine = engine_with("price", unlucky)
    offer = open_stage.add_offer(codes=5)
    with pytest.raises(type(error)):
        open_stage.hear(open_stage.message("ann", "!code"), open_stage.message("bob", "!prix"))
    assert open_stage.left(offer) == 5


def test_a_fault_that_no_retry_mends_costs_one_ask(open_stage: Any) -> None:
    def refused(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
        raise Fault("the database refused the value", is_retryable=False)

    open_stage.engine = engine_with("price", refused)
    open_stage.add_offer(codes=5)
    answers = open_stage.hear(open_stage.message("ann", "!code"), open_stage.message("bob", "!prix"))
    assert [answer.key for answer in answers] == ["code.kept"]


@pytest.mark.parametrize(
    "text",
    ["!prix " + "🎮x" * 2_500, "!code" + "\u0301" * 5_000, "！ｐｒｉｘ\u202e\x00\u2066", "!prix \ud83d"],
)
def test_huge_and_disguised_messages_are_answered_with_one_clean_sentence(open_stage: Any, text: str) -> None:
    (answer,) = open_stage.ask(text)
    assert len(answer.text) < 450
    assert not set("\u202e\x00\u2066\n") & set(answer.text)
    answer.text.encode("utf-8")


def test_cool_downs_are_bounded_and_forget_what_is_over() -> None:
    downs, now = CoolDowns(max_entries=100), datetime(2026, 11, 23, tzinfo=UTC)
    for number in range(1_000):
        assert downs.passes(number, number, 5.0, now)
    assert len(downs) == 100
    assert not downs.passes(999, "again", 5.0, now)
    assert downs.passes("new", 0, 5.0, now + timedelta(seconds=6))
    assert len(downs) == 1
