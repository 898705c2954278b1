"""Orders that no chat brought: carried out as a moderator's, told to the chats they concern alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.evening import LOOK_S
from bot.feed import KEPT_MINUTES, LINES, Feed
from bot.showing import Showing
from commands.texts.sentences import tell
from domain.chat import Message, Role, Viewer
from domain.errors import Refusal
from domain.people import User, UserRole

OnStage = Callable[..., Any]
MODERATOR = User(1, "mod", "Mo Derator", UserRole.MODERATOR, "fr", datetime(2026, 11, 26, tzinfo=UTC))


async def test_a_drop_is_announced_in_every_chat_of_the_live_to_nobody_in_particular(
    on_stage: OnStage,
) -> None:
    async with on_stage(others=("200",)) as show:
        ordered = await Showing(show.evening).order(show.live_id, MODERATOR, "!drop 5 10m")
        assert ordered.is_done
        await show.until(lambda: show.shown("100") and show.shown("200"))
        assert [[ordered.sentence]] * 2 == [show.shown("100"), show.shown("200")]
        with show.database.unit(read_only=True) as unit:
            (kept,) = unit.audit.list()
        assert ("mod", "codes_dropped") == (kept.who, kept.action)
        assert "5 codes" in ordered.sentence
        assert [] == show.unanswered()


async def test_an_order_that_a_rule_refuses_is_told_to_who_gave_it_alone(on_stage: OnStage) -> None:
    async with on_stage(count=3) as show:
        showing = Showing(show.evening)
        too_many = await showing.order(show.live_id, MODERATOR, "!drop 50 10m")
        assert not too_many.is_done
        assert "3 codes" in too_many.sentence
        assert not (await showing.order(show.live_id, MODERATOR, "!product nonsense")).is_done
        with pytest.raises(Refusal, match="is no order"):
            await showing.order(show.live_id, MODERATOR, "hello")
        with pytest.raises(Refusal, match="no live 99"):
            await showing.order(99, MODERATOR, "!stop")
        await show.until_quiet()
        assert [] == show.shown()


async def test_what_the_store_refuses_is_told_in_the_language_of_who_gave_the_order(
    on_stage: OnStage,
) -> None:
    async with on_stage() as show:
        with show.database.unit() as unit:
            other = unit.lives.add("Une autre", "fr", "Europe/Paris", ("twitch:100",))
        with pytest.raises(Refusal) as refused:
            await Showing(show.evening).order(other.id, MODERATOR, "!live on")
        assert "One of these channels already has an open live." == str(refused.value)
        assert "L’un de ces canaux a déjà un live ouvert." == tell("fr", refused.value.sentence)


async def test_a_code_is_given_to_a_viewer_who_wrote_and_only_their_chat_is_told(on_stage: OnStage) -> None:
    async with on_stage(others=("200",)) as show:
        await show.ask("bonsoir", "ann")
        showing = Showing(show.evening)
        await show.until(lambda: showing.lines(0, 10))
        assert (await showing.order(show.live_id, MODERATOR, "!code @Ann", "twitch:100")).is_done
        await show.until(show.shown)
        assert (["ann"], []) == (show.holders(), show.shown("200"))
        unknown = await showing.order(show.live_id, MODERATOR, "!code @nobody", "twitch:100")
        assert not unknown.is_done
        assert ["!code @nobody", "!code @Ann"] == [order.text for order in showing.orders(5)]


async def test_the_live_is_closed_from_outside_and_nobody_gets_a_code_any_more(on_stage: OnStage) -> None:
    async with on_stage() as show:
        assert (await Showing(show.evening).order(show.live_id, MODERATOR, "!live off")).is_done
        await show.ask("!code", "ann")
        await show.until_quiet()
        assert [] == show.holders()


async def test_a_slow_chat_still_hears_that_the_live_is_over_before_it_is_left(on_stage: OnStage) -> None:
    async with on_stage() as show:
        show.twitch.faults.slow_s = LOOK_S + 1.0
        assert (await Showing(show.evening).order(show.live_id, MODERATOR, "!live off")).is_done
        await show.until(lambda: not show.evening.speakers)
        assert ["Le live est terminé"] == [text[:19] for text in show.shown()]


async def test_what_the_console_sees_is_counted_line_by_line(on_stage: OnStage) -> None:
    async with on_stage() as show:
        showing = Showing(show.evening)
        await show.ask("!prix", "ann", "bob")
        await show.ask("bonsoir", "cleo")
        await show.until(lambda: showing.sight().channels[0].answered == 2)
        (channel,) = showing.sight().channels
        assert ("twitch:100", True, "", 3, 2) == (
            channel.channel,
            channel.is_attached,
            channel.trouble,
            channel.messages,
            channel.questions,
        )
        assert channel.budget_left == channel.budget - channel.said
        assert 3 == sum(minute.messages for minute in showing.sight().minutes)
        assert show.shown() == [line.text for line in showing.lines(0, 50) if line.is_ours]


def _line(number: int, text: str = "bonsoir", role: Role = Role.VIEWER) -> Message:
    author = Viewer("twitch", f"v{number}", f"V{number}", f"v{number}", role)
    return Message(f"m{number}", "twitch:100", author, text, datetime(2026, 11, 26, 20, 0, tzinfo=UTC))


def test_the_feed_samples_what_it_shows_and_counts_all_of_it() -> None:
    feed = Feed()
    for batch in range(100):
        feed.hear([], [_line(batch * 100 + number) for number in range(100)])
    assert LINES == len(feed.lines(0, 100_000))
    newest = feed.lines(0, 3)
    assert ["m9997", "m9998", "m9999"] == [f"m{line.who[1:]}" for line in newest]
    assert () == feed.lines(newest[-1].number, 10)
    assert 10_000 == sum(minute.messages for minute in feed.minutes(datetime.now(UTC)))
    assert KEPT_MINUTES == len(feed.minutes(datetime.now(UTC)))


def test_moderators_orders_are_remembered_apart() -> None:
    feed = Feed()
    feed.hear([_line(1, "!prix"), _line(2, "!drop 50", Role.MODERATOR)], [_line(3)])
    assert ["!drop 50"] == [line.text for line in feed.orders(10)]
