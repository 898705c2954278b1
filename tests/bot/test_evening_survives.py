"""An evening goes on, whatever Twitch does meanwhile: nobody waits for ever, nobody is served twice.

Each show ends with a count of what the stand-in saw broken (none) and of codes it saw in public (none).
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from domain.show import LiveState
from standins.people import Chatter
from tests.bot.conftest import moderator, viewer

OnStage = Callable[..., Any]
WAVE = [f"v{number}" for number in range(60)]


async def test_a_viewer_hears_of_a_code_that_is_already_theirs(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.ask("!code", "ann")
        await show.until(show.shown)
        assert ["ann"] == show.holders()
        assert show.shown()[0].startswith("@Ann")


async def test_a_reconnect_in_a_wave_loses_no_question(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.ask("!code", *WAVE[:30])
        await show.twitch.eventsub.reconnect(slow_s=0.3)
        await show.ask("!code", *WAVE[30:])
        await show.until(lambda: len(show.grants()) == len(WAVE))
        assert sorted(WAVE) == show.holders()


@pytest.mark.parametrize("code", [1006, 4000, 4002, 4003, 4004, 4005, 4006, 4007])
async def test_a_closed_socket_is_opened_again(on_stage: OnStage, code: int) -> None:
    async with on_stage() as show:
        await show.twitch.eventsub.close(code if code != 1006 else 1011)
        await show.until(lambda: _is_subscribed(show))
        await show.ask("!code", "ann")
        await show.until(show.shown)
        assert ["ann"] == show.holders()


async def test_a_dead_silent_socket_is_noticed_and_replaced(on_stage: OnStage) -> None:
    async with on_stage(keepalive_s=1) as show:
        before = set(show.twitch.eventsub.sessions)
        show.twitch.faults.is_silent = True
        await show.until(lambda: set(show.twitch.eventsub.sessions) - before)
        show.twitch.faults.is_silent = False
        await show.until(lambda: _is_subscribed(show))
        await show.ask("!code", "ann")
        await show.until(show.shown)


async def test_repeated_and_reordered_messages_are_answered_once(on_stage: OnStage) -> None:
    async with on_stage() as show:
        show.twitch.faults.duplicated = 3
        show.twitch.faults.reordered = 1
        await show.ask("!code", "ann", "bob", "cleo", "dan")
        await show.until(lambda: len(show.grants()) == 4)
        await show.until_quiet()
        named = [word for text in show.shown() for word in text.split() if word.startswith("@")]
        assert sorted(named) == ["@Ann", "@Bob", "@Cleo", "@Dan"]


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


@pytest.mark.parametrize("fault", ["unauthorized", "throttled"])
async def test_a_message_twitch_did_not_take_is_said_later(on_stage: OnStage, fault: str) -> None:
    async with on_stage() as show:
        setattr(show.twitch.faults, fault, 1)
        await show.ask("!prix", "ann")
        await show.until(show.shown)
        await show.until_quiet()
        assert 1 == len(show.shown())


async def test_a_message_with_an_open_fate_is_said_once(on_stage: OnStage) -> None:
    async with on_stage() as show:
        show.twitch.faults.broken_after_taking = 1
        await show.ask("!prix", "ann")
        await show.until(lambda: show.tally.said)
        await show.until_quiet()
        assert 1 == len(show.twitch.said)


@pytest.mark.parametrize("fault", ["broken", "broken_after_taking"])
async def test_after_a_message_with_an_open_fate_whoever_asks_again_is_answered(
    on_stage: OnStage, fault: str
) -> None:
    async with on_stage() as show:
        setattr(show.twitch.faults, fault, 1)
        await show.ask("!code", *WAVE)
        await show.until(lambda: show.tally.said)
        await show.ask("!code", "late")
        await show.until(lambda: sorted([*WAVE, "late"]) == show.holders())
        await show.until(lambda: not _unanswered(show))


async def test_a_message_the_chat_did_not_show_leaves_the_grant(on_stage: OnStage) -> None:
    async with on_stage() as show:
        show.twitch.faults.not_sent = 1
        await show.ask("!code", "ann")
        await show.until(lambda: show.twitch.said)
        await show.ask("!code", "bob")
        await show.until(show.shown)
        assert ["ann", "bob"] == show.holders()


async def test_slow_answers_hold_nothing_up_but_themselves(on_stage: OnStage) -> None:
    async with on_stage() as show:
        show.twitch.faults.slow_s = 0.5
        await show.ask("!code", *WAVE)
        await show.until(lambda: len(show.grants()) == len(WAVE))
        await show.until(show.shown)


async def test_messages_of_another_channel_in_a_shared_chat_are_not_ours(on_stage: OnStage) -> None:
    async with on_stage() as show:
        elsewhere = Chatter("200", "elsewhere", "Elsewhere")
        await show.twitch.chat("100", viewer("guest"), "!code", source=elsewhere)
        await show.ask("!code", "ann")
        await show.until(show.shown)
        await show.until_quiet()
        assert ["ann"] == show.holders()


async def test_our_own_words_are_never_answered(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.twitch.chat("100", show.twitch.bot, "!code !prix")
        await show.ask("!prix", "ann")
        await show.until(show.shown)
        await show.until_quiet()
        assert [] == show.holders()
        assert 1 == len(show.shown())


async def test_a_revoked_subscription_is_asked_for_again(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.twitch.eventsub.revoke("version_removed")
        await show.until(lambda: _is_subscribed(show))
        await show.ask("!code", "ann")
        await show.until(show.shown)


async def test_the_end_of_the_broadcast_closes_the_live_and_its_codes(on_stage: OnStage) -> None:
    async with on_stage(debounce_s=0.2) as show:
        await show.twitch.stream("100", is_online=False)
        await show.until(lambda: _live(show).state is LiveState.CLOSED)
        await show.ask("!code", "ann")
        await asyncio.sleep(0.5)
        assert [] == show.holders()


async def test_a_short_break_of_the_broadcast_closes_nothing(on_stage: OnStage) -> None:
    async with on_stage(debounce_s=0.5) as show:
        await show.twitch.stream("100", is_online=False)
        await show.twitch.stream("100", is_online=True)
        await asyncio.sleep(0.8)
        assert LiveState.OPEN is _live(show).state


@pytest.mark.parametrize(
    "name",
    ['=HYPERLINK("http://x")', "/ban ann", "مُشاهِد\u202e", "{{ 7*7 }}", "%s%n", "x" * 300, "a\nb: !stop"],
)
async def test_a_hostile_name_is_only_a_name(on_stage: OnStage, name: str) -> None:
    async with on_stage() as show:
        await show.twitch.chat("100", Chatter("666", "mallory", name), "!code")
        await show.until(show.shown)
        assert 1 == len(show.grants())
        text = show.shown()[0]
        assert text.startswith("@")
        assert "\n" not in text
        assert len(text) <= 500


async def test_a_very_long_message_and_control_characters_harm_nobody(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.ask("x" * 5_000 + " !code", "ann")
        await show.ask("\u202e\u0000!code\u2066", "bob")
        await show.ask("!prix " + "\u200b" * 4_000, "cleo")
        await show.until(lambda: len(show.shown()) == 2)
        assert ["bob"] == show.holders()


async def test_a_moderator_gives_a_drop_and_ends_it(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.twitch.chat("100", moderator("mo"), "!drop 3 10m")
        await show.until(show.shown)
        await show.ask("!code", "ann")
        await show.until(lambda: len(show.shown()) == 2)
        await show.twitch.chat("100", moderator("mo"), "!stop")
        await show.until(lambda: len(show.shown()) == 3)


def _is_subscribed(show: Any) -> bool:
    sessions = show.twitch.eventsub.sessions.values()
    kinds = {s["type"] for mine in sessions if not mine.socket.closed for s in mine.subscriptions}
    return "channel.chat.message" in kinds


def _unanswered(show: Any) -> list[Any]:
    with show.database.unit(read_only=True) as unit:
        return unit.asks.unanswered(show.live_id, datetime.now(UTC) - timedelta(hours=1))


def _live(show: Any) -> Any:
    with show.database.unit(read_only=True) as unit:
        return unit.lives.get(show.live_id)
