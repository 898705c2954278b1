"""Whatever ends a socket, the evening goes on: nothing is lost that Twitch still sends, and what it no
longer sends is told as a gap.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from domain.show import LiveState

OnStage = Callable[..., Any]
WAVE = [f"v{number}" for number in range(60)]


async def test_a_reconnect_in_a_wave_loses_no_question(on_stage: OnStage) -> None:
    async with on_stage() as show:
        before = set(show.twitch.eventsub.sessions)
        await show.ask("!code", *WAVE[:20])
        await show.twitch.eventsub.reconnect(slow_s=0.3)
        await show.ask("!code", *WAVE[20:40])
        await show.until(lambda: set(show.twitch.eventsub.sessions) - before)
        await show.ask("!code", *WAVE[40:])
        await show.until(lambda: len(show.grants()) == len(WAVE))
        assert sorted(WAVE) == show.holders()
        await show.until(lambda: len(show.twitch.eventsub.sessions) == 1)
        assert "chat_missed" not in show.log.text()


async def test_reconnect_after_reconnect_keeps_the_chat_and_the_broadcast(on_stage: OnStage) -> None:
    async with on_stage(debounce_s=0.1) as show:
        for number in range(3):
            before = set(show.twitch.eventsub.sessions)
            await show.twitch.eventsub.reconnect()
            await show.until(lambda: set(show.twitch.eventsub.sessions).isdisjoint(before))  # noqa: B023
            await show.ask("!code", f"v{number}")
        await show.until(lambda: len(show.grants()) == 3)
        await show.until(lambda: show.is_read("stream.offline"))
        await show.twitch.stream("100", is_online=False)
        await show.until(lambda: show.live().state is LiveState.CLOSED)


async def test_an_old_socket_that_is_gone_before_the_new_one_is_welcomed_is_told_as_a_gap(
    on_stage: OnStage,
) -> None:
    async with on_stage() as show:
        show.twitch.eventsub.grace_s = 0.1
        await show.twitch.eventsub.reconnect(slow_s=0.4)
        await show.until(lambda: not show.twitch.eventsub.sessions)
        await show.ask("!code", "unheard")
        await show.until(lambda: "chat_missed" in show.log.text())
        await show.ask("!code", "ann")
        await show.until(show.shown)
        assert ["ann"] == show.holders()


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007])
async def test_a_closed_socket_is_opened_again(on_stage: OnStage, code: int) -> None:
    async with on_stage() as show:
        eventsub = show.twitch.eventsub
        before = set(eventsub.sessions)
        if code == 1006:
            eventsub.drop()
        else:
            await eventsub.close(code)
        await show.until(lambda: set(eventsub.sessions).isdisjoint(before) and show.is_read())
        await show.ask("!code", "ann")
        await show.until(show.shown)
        assert ["ann"] == show.holders()
        assert "chat_missed" in show.log.text()


async def test_a_dead_silent_socket_is_noticed_and_replaced(on_stage: OnStage) -> None:
    async with on_stage(keepalive_s=1) as show:
        before = set(show.twitch.eventsub.sessions)
        show.twitch.faults.is_silent = True
        await show.ask("!code", "unheard")
        await show.until(lambda: set(show.twitch.eventsub.sessions) - before)
        show.twitch.faults.is_silent = False
        await show.until(show.is_read)
        await show.ask("!code", "ann")
        await show.until(show.shown)
        assert ["ann"] == show.holders()
        await show.until(lambda: "chat_missed" in show.log.text())


async def test_twitch_gone_altogether_and_back_is_read_and_answered_again(on_stage: OnStage) -> None:
    async with on_stage() as show:
        port = int(show.twitch.id_url.rpartition(":")[2])
        await show.twitch.stop()
        await asyncio.sleep(0.5)
        await show.twitch.start(port)
        await show.until(show.is_read)
        await show.ask("!code", *WAVE[:3])
        await show.until(lambda: sorted(WAVE[:3]) == show.holders())
        await show.until(lambda: not show.unanswered())


async def test_a_revoked_subscription_is_asked_for_again(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.twitch.eventsub.revoke("version_removed")
        await show.until(show.is_read)
        await show.ask("!code", "ann")
        await show.until(show.shown)
        assert "chat_missed" in show.log.text()


async def test_a_consent_taken_back_is_told_to_the_operator_with_the_way_out(on_stage: OnStage) -> None:
    async with on_stage() as show:
        show.twitch.id.disconnect("900")
        await show.twitch.eventsub.revoke("authorization_revoked")
        connector = show.evening.speakers["twitch:100"].connector
        await show.until(lambda: connector.problem)
        assert "bateleur login twitch" in connector.problem
        await show.until(lambda: "twitch_needs_a_person" in show.log.text())


async def test_the_end_of_the_broadcast_closes_the_live_and_its_codes(on_stage: OnStage) -> None:
    """Promise 3: nothing is granted after the close."""
    async with on_stage(debounce_s=0.2) as show:
        await show.until(lambda: show.is_read("stream.offline"))
        await show.ask("!code", "early")
        await show.until(show.shown)
        await show.twitch.stream("100", is_online=False)
        await show.until(lambda: show.live().state is LiveState.CLOSED)
        assert ["early"] == show.holders()
        await show.ask("!code", "late")
        await asyncio.sleep(0.3)
        assert ["early"] == show.holders()


async def test_a_short_break_of_the_broadcast_closes_nothing(on_stage: OnStage) -> None:
    async with on_stage(debounce_s=1.5) as show:
        await show.until(lambda: show.is_read("stream.offline"))
        for is_online in (False, True, False, True):
            await show.twitch.stream("100", is_online=is_online)
        await asyncio.sleep(1.8)
        assert LiveState.OPEN is show.live().state


async def test_a_broadcast_that_ends_while_no_socket_is_open_closes_the_live(on_stage: OnStage) -> None:
    async with on_stage(debounce_s=0.1) as show:
        await show.until_followed()
        show.twitch.faults.is_silent = True
        await show.twitch.stream("100", is_online=False)
        show.twitch.faults.is_silent = False
        await show.twitch.eventsub.close(4000)
        await show.until(lambda: show.live().state is LiveState.CLOSED)
