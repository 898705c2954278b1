"""Promise 9: a fault in one channel never stops the others. Here two channels share one bot account."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from bot.speaker import HOLD_S
from domain.answers import Priority
from domain.show import LiveState
from tests.bot.conftest import viewer

OnStage = Callable[..., Any]


async def ask_in(show: Any, channel_id: str, text: str, *names: str) -> None:
    for name in names:
        await show.twitch.chat(channel_id, viewer(name), text)


async def test_a_channel_that_cannot_be_read_is_told_and_the_other_is_served(on_stage: OnStage) -> None:
    async with on_stage(is_attached=False, others=("200",)) as show:
        show.twitch.banned.add("200")
        await show.run()
        await show.ask("!code", "ann")
        await show.until(show.shown)
        assert ["ann"] == show.holders()
        assert ["twitch:200"] == list(show.evening.refused)
        assert "lift its ban" in str(show.evening.refused["twitch:200"])


async def test_a_channel_is_served_as_soon_as_its_ban_is_lifted(on_stage: OnStage) -> None:
    async with on_stage(others=("200",)) as show:
        show.twitch.banned.add("200")
        await ask_in(show, "200", "!code", "bob")
        await show.until(lambda: "message_not_said" in show.log.text())
        show.twitch.banned.clear()
        await show.until(lambda: show.shown("200"))
        assert ["bob"] == show.holders()


async def test_a_channel_where_the_bot_may_not_write_holds_no_other_up(on_stage: OnStage) -> None:
    async with on_stage(others=("200",)) as show:
        show.twitch.banned.add("200")
        await ask_in(show, "200", "!code", "bob")
        await show.until(lambda: "message_not_said" in show.log.text())
        ledger = show.evening.speakers["twitch:100"].planner.ledger
        assert ledger.wait_s(time.monotonic(), Priority.CODE) < HOLD_S
        await show.ask("!code", "ann")
        await show.until(show.shown)
        assert ["ann", "bob"] == show.holders()


async def test_slow_mode_in_one_channel_slows_no_other(on_stage: OnStage) -> None:
    """Slow mode holds its own channel for half a minute: longer than this test has patience."""
    async with on_stage(others=("200",)) as show:
        show.twitch.faults.not_sent, show.twitch.faults.drop_code = 1, "msg_slowmode"
        await ask_in(show, "200", "!code", "bob")
        await show.until(lambda: "message_not_said" in show.log.text())
        await show.ask("!code", "ann")
        await show.until(show.shown)


async def test_a_throttled_account_waits_in_all_its_channels(on_stage: OnStage) -> None:
    """Promise 5: the account's limit is one, so nobody of it speaks before Twitch says."""
    async with on_stage(others=("200",)) as show:
        show.twitch.faults.not_sent, show.twitch.faults.drop_code = 1, "msg_ratelimit"
        await ask_in(show, "200", "!prix", "bob")
        await show.until(lambda: "message_not_said" in show.log.text())
        await show.ask("!prix", "ann")
        await asyncio.sleep(1.0)
        assert [] == show.shown()


async def test_one_account_speaks_within_the_limits_of_each_of_its_channels(on_stage: OnStage) -> None:
    """Promise 5: a moderator in one channel, nobody special in the other; the stand-in counts no breach."""
    async with on_stage(others=("200",)) as show:
        show.twitch.moderated = {"100"}
        for number in range(6):
            for channel in ("100", "200"):
                await ask_in(show, channel, ("!prix", "!stock", "!lien")[number % 3], f"v{number}-{channel}")
            await asyncio.sleep(0.3)
        await show.until(lambda: len(show.shown()) >= 3 and len(show.shown("200")) >= 2)
        roles = {id: show.evening.speakers[f"twitch:{id}"].connector.capabilities for id in ("100", "200")}
        assert [100, 20] == [roles[id].budget.messages for id in ("100", "200")]


async def test_a_viewer_holds_one_code_however_many_channels_they_ask_in(on_stage: OnStage) -> None:
    """Promise 1, across channels."""
    async with on_stage(others=("200",)) as show:
        await show.ask("!code", "ann")
        await ask_in(show, "200", "!code", "ann", "bob")
        await show.until(lambda: show.shown() and show.shown("200"))
        assert ["ann", "bob"] == show.holders()


async def test_a_live_goes_on_until_its_last_channel_has_ended(on_stage: OnStage) -> None:
    async with on_stage(others=("200",), debounce_s=0.2) as show:
        sessions = show.twitch.eventsub.sessions.values
        kinds = [("stream.offline", id) for id in ("100", "200")]
        await show.until(
            lambda: all(
                any(
                    (s["type"], s["condition"]["broadcaster_user_id"]) == kind
                    for mine in sessions()
                    for s in mine.subscriptions
                )
                for kind in kinds
            )
        )
        await show.twitch.stream("100", is_online=False)
        await asyncio.sleep(0.6)
        assert LiveState.OPEN is show.live().state
        await ask_in(show, "200", "!code", "bob")
        await show.until(lambda: ["bob"] == show.holders())
        await show.twitch.stream("200", is_online=False)
        await show.until(lambda: show.live().state is LiveState.CLOSED)


@pytest.mark.parametrize("fault", ["duplicated", "reordered"])
async def test_what_goes_wrong_between_channels_is_answered_where_it_was_asked(
    on_stage: OnStage, fault: str
) -> None:
    async with on_stage(others=("200",)) as show:
        setattr(show.twitch.faults, fault, 4)
        await ask_in(show, "200", "!code", "bob")
        await show.ask("!code", "ann")
        await ask_in(show, "200", "hello", "cleo", "dan", "eve", "fay")
        await show.until(lambda: show.shown() and show.shown("200"))
        await show.until_quiet()
        assert (1, 1) == (len(show.shown()), len(show.shown("200")))
        assert "@Ann" in show.shown()[0]
        assert "@Bob" in show.shown("200")[0]
