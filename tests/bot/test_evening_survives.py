"""An evening goes on, whatever Twitch's API answers: nobody waits for ever, nobody is served twice.

Each show ends with a count of what the stand-in saw broken (none, promise 5) and a search for codes in what
was said and logged (none, promise 4).
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.bot.conftest import moderator

OnStage = Callable[..., Any]
WAVE = [f"v{number}" for number in range(60)]


@pytest.fixture
def locked(tmp_path: Path) -> Callable[[], Any]:
    """`with locked():` another process holds the database's write lock: nothing can become durable."""

    @contextmanager
    def holding() -> Iterator[None]:
        other = sqlite3.connect(tmp_path / "evening.db", isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        finally:
            other.close()

    return holding


async def test_a_viewer_hears_of_a_code_only_when_it_is_durably_theirs(
    on_stage: OnStage, locked: Callable[[], Any]
) -> None:
    """Promise 2."""
    async with on_stage() as show:
        with locked():
            await show.ask("!code", "ann")
            await show.until(lambda: show.tally.commands)
            await asyncio.sleep(0.7)
            assert ([], []) == (show.shown(), show.grants())
        await show.until(show.shown)
        assert ["ann"] == show.holders()
        assert show.shown()[0].startswith("@Ann")


async def test_an_evening_that_is_stopped_as_an_answer_arrives_stops(on_stage: OnStage) -> None:
    async with on_stage() as show:
        (speaker,) = show.evening.speakers.values()
        speaker.planner.hold(time.monotonic() + 60)
        await show.ask("!code", "ann")
        await show.until(speaker.planner.waiting)
        await asyncio.sleep(0.1)
        (pending,) = speaker.planner.pending(1)
        async with asyncio.timeout(20):
            speaker.hear(pending.answer, pending.asked_at)
            await show.stop()


async def test_nothing_is_said_that_a_crash_would_make_us_say_again(
    on_stage: OnStage, locked: Callable[[], Any]
) -> None:
    """Promise 5: what counts against the budget is written down before it is said."""
    async with on_stage() as show:
        await show.ask("!prix", "ann")
        await show.until(show.unanswered)
        with locked():
            await asyncio.sleep(0.7)
            said = list(show.twitch.said)
        await show.until(show.shown)
        with show.database.unit() as unit:
            kept = [one.text for one in unit.said.since("twitch:900", show.live().starts_at)]
        assert [one.text for one in said] in ([], kept)
        assert show.shown() == kept


async def test_a_token_that_dies_midway_is_renewed_and_kept(on_stage: OnStage) -> None:
    async with on_stage(is_attached=False) as show:
        twitch = show.settings.twitch
        twitch.bot_refresh_token = SecretStr(show.twitch.bot_refresh_token)
        await show.run()
        show.twitch.id.tokens.clear()
        await show.ask("!code", "ann")
        await show.until(show.shown)
        with show.database.unit() as unit:
            kept = unit.tokens.load("twitch", "bot")
        assert kept is not None
        assert kept.access in show.twitch.id.tokens
        assert kept.refresh in show.twitch.id.refreshes


async def test_a_renewed_token_is_not_used_before_it_is_kept(
    on_stage: OnStage, locked: Callable[[], Any]
) -> None:
    """A refresh token serves once: a pair that only this process knew would die with it."""
    async with on_stage(is_attached=False) as show:
        show.settings.twitch.bot_refresh_token = SecretStr(show.twitch.bot_refresh_token)
        await show.run()
        show.twitch.id.tokens.clear()
        with locked():
            await show.twitch.eventsub.close(4000)
            await show.until(lambda: show.twitch.id.tokens)
            await asyncio.sleep(0.5)
            assert not show.is_read()
        await show.until(show.is_read)
        await show.ask("!code", "ann")
        await show.until(show.shown)
        with show.database.unit() as unit:
            kept = unit.tokens.load("twitch", "bot")
        assert [kept.access] == list(show.twitch.id.tokens)


async def test_the_next_run_goes_on_with_the_renewed_token(on_stage: OnStage) -> None:
    async with on_stage(is_attached=False) as show:
        show.settings.twitch.bot_refresh_token = SecretStr(show.twitch.bot_refresh_token)
        show.twitch.id.tokens.clear()
        await show.run()
        await show.stop()
        await show.run()
        assert 1 == len(show.twitch.id.tokens)
        await show.ask("!code", "ann")
        await show.until(show.shown)


async def test_a_token_that_dies_and_cannot_be_renewed_is_told_with_the_way_out(on_stage: OnStage) -> None:
    """What was asked is granted and stays owed."""
    async with on_stage() as show:
        show.twitch.id.tokens.clear()
        await show.ask("!code", "ann")
        await show.until(lambda: "message_not_said" in show.log.text())
        assert "bateleur login twitch" in show.log.text()
        assert ["ann"] == show.holders()
        assert 1 == len(show.unanswered())


@pytest.mark.parametrize("fault", ["unauthorized", "throttled"])
async def test_a_message_twitch_did_not_take_is_said_later(on_stage: OnStage, fault: str) -> None:
    async with on_stage() as show:
        await show.until_followed()
        setattr(show.twitch.faults, fault, 1)
        await show.ask("!prix", "ann")
        await show.until(show.shown)
        await show.until_quiet()
        assert 1 == len(show.shown())


async def test_nobody_speaks_before_the_wait_that_twitch_asks_for_is_over(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.until_followed()
        show.twitch.faults.throttled = 1
        await show.ask("!code", *WAVE[:2])
        await show.ask("!prix", *WAVE[2:4])
        await show.until(lambda: "message_not_said" in show.log.text())
        await show.until(lambda: not show.unanswered())
        assert 1 == show.log.text().count("message_not_said")


@pytest.mark.parametrize("fault", ["broken", "broken_after_taking"])
async def test_a_message_with_an_open_fate_is_posted_once(on_stage: OnStage, fault: str) -> None:
    async with on_stage() as show:
        await show.until_followed()
        setattr(show.twitch.faults, fault, 1)
        await show.ask("!prix", "ann")
        await show.until(lambda: show.tally.said)
        await show.until_quiet()
        assert (fault == "broken_after_taking") == len(show.twitch.said)


@pytest.mark.parametrize("fault", ["broken", "broken_after_taking"])
async def test_after_a_message_with_an_open_fate_whoever_asks_again_is_answered(
    on_stage: OnStage, fault: str
) -> None:
    async with on_stage() as show:
        await show.until_followed()
        setattr(show.twitch.faults, fault, 1)
        await show.ask("!code", *WAVE)
        await show.until(lambda: show.tally.said)
        await show.ask("!code", "late")
        await show.until(lambda: sorted([*WAVE, "late"]) == show.holders())
        await show.until(lambda: not show.unanswered())


@pytest.mark.parametrize("code", ["msg_rejected", "msg_duplicate", "automod_held", "unheard_of"])
async def test_a_message_the_chat_did_not_show_leaves_the_grant(on_stage: OnStage, code: str) -> None:
    """It is not said again either: the same words would be dropped again."""
    async with on_stage() as show:
        await show.until_followed()
        show.twitch.faults.not_sent, show.twitch.faults.drop_code = 1, code
        await show.ask("!code", "ann")
        await show.until(lambda: show.twitch.said)
        await show.ask("!code", "bob")
        await show.until(show.shown)
        assert ["ann", "bob"] == show.holders()
        assert code in show.log.text()
        assert 2 == len(show.twitch.said)


async def test_slow_answers_hold_nothing_up_but_themselves(on_stage: OnStage) -> None:
    async with on_stage() as show:
        show.twitch.faults.slow_s = 0.5
        await show.ask("!code", *WAVE)
        await show.until(lambda: len(show.grants()) == len(WAVE))
        await show.until(show.shown)


async def test_a_bot_that_is_no_moderator_keeps_to_what_everyone_may_say(on_stage: OnStage) -> None:
    """Promise 5, with questions of every kind without end: twenty in half a minute, one a second."""
    async with on_stage(is_moderator=False) as show:
        for number in range(120):
            text = ("!prix", "!code", "!stock", "!lien", "!aide", f"!prix console{number}")[number % 6]
            await show.ask(text, f"v{number}")
            await asyncio.sleep(0.02)
        await show.until(lambda: len(show.shown()) >= 4)
        await show.until(lambda: len(show.grants()) == 20)


async def test_a_bot_that_is_made_a_moderator_midway_learns_it_from_its_echo(on_stage: OnStage) -> None:
    async with on_stage(is_moderator=False) as show:
        connector = show.evening.speakers["twitch:100"].connector
        assert 20 == connector.capabilities.budget.messages
        show.twitch.moderated.add("100")
        await show.ask("!prix", "ann")
        await show.until(lambda: connector.capabilities.budget.messages == 100)


async def test_a_moderator_gives_a_drop_and_ends_it(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.twitch.chat("100", moderator("mo"), "!drop 3 10m")
        await show.until(show.shown)
        await show.ask("!code", "ann")
        await show.until(lambda: len(show.shown()) == 2)
        await show.twitch.chat("100", moderator("mo"), "!stop")
        await show.until(lambda: len(show.shown()) == 3)


async def test_a_code_is_whispered_and_stands_in_no_public_line_log_or_address(on_stage: OnStage) -> None:
    """Promise 4, with everything logged that can be, the addresses of all calls too."""
    async with on_stage(whispers=True) as show:
        await show.ask("!code", "ann", "bob")
        await show.until(lambda: len(show.grants()) == 2)
        await show.twitch.chat("100", moderator("mo"), "!code @ann")
        await show.ask("!code", "ann")
        await show.until(lambda: len(show.twitch.whispers) == 2)
        await show.until_quiet()
        codes = {grant.viewer_id: grant.code for grant in show.grants()}
        assert all(codes[to] in text for to, text in show.twitch.whispers)
        assert "POST /helix/whispers" in show.log.text()
        assert not any(code in show.log.text() + "".join(show.shown()) for code in codes.values())


async def test_whispers_keep_to_three_a_second_and_are_remembered_by_the_next_run(on_stage: OnStage) -> None:
    """Promise 5: Twitch lets an account whisper to forty strangers a day, whichever run does it."""
    async with on_stage(whispers=True) as show:
        await show.ask("!code", *WAVE[:5])
        await show.until(lambda: len(show.twitch.whispers) == 5)
        limits = show.twitch.whispers_of("900")
        limits.recipients.update(f"someone {number}" for number in range(40 - 5 - 1))
        await show.stop()
        await show.run()
        await show.ask("!code", "ann")
        await show.until(lambda: len(show.twitch.whispers) == 6)
        with show.database.unit(read_only=True) as unit:
            remembered = unit.memories.recall("twitch", "bot", "whispered")
        assert all(f'"id-{name}"' in remembered for name in (*WAVE[:5], "ann"))
