"""After a crash: who asked and was not answered is answered, and the budget knows what was said before."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.answers import Priority
from domain.chat import Role, Said
from domain.show import Ask, Claim


def ask_of(show: Any, name: str, at: datetime, *, command: str = "code", role: Role = Role.VIEWER) -> Ask:
    id = f"before-{name}"
    return Ask(show.live_id, "twitch:100", id, "twitch", f"id-{name}", name.title(), role, command, "", at)


def recorded_before_a_crash(show: Any, *asks: Ask) -> None:
    """The asks are durable, and so are their grants; then the process dies before a word is said."""
    with show.database.unit() as unit:
        unit.asks.record(asks)
        offer = unit.offers.get(show.offer_id)
        claims = [Claim("twitch", a.viewer_id, a.viewer_name, a.channel, a.message_id) for a in asks]
        unit.grants.grant(offer, claims, datetime.now(UTC))


async def test_who_was_granted_before_a_crash_hears_of_it_after_it(on_stage: Callable[..., Any]) -> None:
    async with on_stage(is_attached=False) as show:
        now = datetime.now(UTC)
        recorded_before_a_crash(show, ask_of(show, "ann", now), ask_of(show, "bob", now))
        await show.run()
        await show.until(lambda: {"@Ann", "@Bob"} <= set(" ".join(show.shown()).split()))
        assert ["ann", "bob"] == show.holders()


async def test_the_backlog_is_answered_once_however_often_we_start(on_stage: Callable[..., Any]) -> None:
    async with on_stage(is_attached=False) as show:
        recorded_before_a_crash(show, ask_of(show, "ann", datetime.now(UTC)))
        for _ in range(3):
            await show.run()
            await show.until(show.shown)
            await show.until_quiet()
            await show.stop()
        assert 1 == len(show.shown())


async def test_old_questions_and_orders_are_not_taken_up_again(on_stage: Callable[..., Any]) -> None:
    async with on_stage(is_attached=False) as show:
        now = datetime.now(UTC)
        with show.database.unit() as unit:
            old = ask_of(show, "ann", now - timedelta(minutes=30))
            order = ask_of(show, "mod", now, command="stop", role=Role.MODERATOR)
            unit.asks.record([old, order])
        await show.run()
        await show.ask("!prix", "bob")
        await show.until(show.shown)
        await show.until_quiet()
        assert ["@Bob Xbox Series X : 499,99 €"] == [text.replace("\xa0", " ") for text in show.shown()]
        with show.database.unit() as unit:
            assert unit.offers.get(show.offer_id).ended_at is None


async def test_what_was_said_before_a_crash_counts_against_the_budget(on_stage: Callable[..., Any]) -> None:
    async with on_stage(is_attached=False) as show:
        now = datetime.now(UTC)
        with show.database.unit() as unit:
            for second in range(3):
                at = now - timedelta(seconds=second)
                unit.said.record("twitch:900", Said("twitch:100", f"earlier {second}", at))
        evening = await show.run()
        voice = evening.speakers["twitch:100"].voice
        assert 20 - 3 == voice.ledger.left(time.monotonic(), Priority.MODERATOR)
        await show.ask("!prix", "ann")
        await show.until(show.shown)
        with show.database.unit() as unit:
            kept = unit.said.since("twitch:900", now - timedelta(seconds=1))
        assert [show.shown()[0]] == [said.text for said in kept if not said.text.startswith("earlier")]
