"""What the chat brings is data, and only what is meant for us is answered.

Promise 7: no chat text becomes a command of the platform, a line of the log or markup. Promise 8: our own
words, other channels' and old messages are never answered. Promise 1: whatever comes twice is granted once.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.show import LiveState
from standins.people import Chatter
from tests.bot.conftest import moderator, viewer

OnStage = Callable[..., Any]
ELSEWHERE = Chatter("200", "elsewhere", "Elsewhere")
INVISIBLE = "\u200b\u2066"
HOSTILE = [
    '=HYPERLINK("http://x")',
    "/ban ann",
    ".timeout ann",
    "مُشاهِد\u202e",
    "{{ 7*7 }}",
    "{0.__class__}",
    "%s%n",
    "x" * 300,
    "a\nb: !stop",
    "<script>alert(1)</script>",
    INVISIBLE,
    "@everyone",
]


async def test_messages_of_another_channel_in_a_shared_chat_are_not_ours(on_stage: OnStage) -> None:
    """Promise 8. Nor are another channel's moderators ours."""
    async with on_stage() as show:
        guest_moderator = moderator("guest-mo")
        await show.twitch.chat("100", viewer("guest"), "!code", source=ELSEWHERE)
        await show.twitch.chat("100", guest_moderator, "!live off", source=ELSEWHERE)
        await show.ask("!code", "ann")
        await show.until(show.shown)
        await show.until_quiet()
        assert ["ann"] == show.holders()
        assert LiveState.OPEN is show.live().state
        assert "@Guest" not in "".join(show.shown())


async def test_in_a_shared_chat_our_own_channels_viewers_are_answered(on_stage: OnStage) -> None:
    async with on_stage() as show:
        here = Chatter("100", "shop100", "Shop100")
        await show.twitch.chat("100", viewer("ann"), "!code", source=here)
        await show.until(show.shown)
        assert ["ann"] == show.holders()


async def test_our_own_words_are_never_answered(on_stage: OnStage) -> None:
    """Promise 8."""
    async with on_stage() as show:
        await show.twitch.chat("100", show.twitch.bot_in("100"), "!code !prix")
        await show.twitch.chat("100", show.twitch.bot_in("100"), "!live off")
        await show.ask("!prix", "ann")
        await show.until(show.shown)
        await show.until_quiet()
        assert [] == show.holders()
        assert 1 == len(show.shown())
        assert LiveState.OPEN is show.live().state


async def test_what_was_written_long_ago_is_not_answered_however_it_comes(on_stage: OnStage) -> None:
    """Promise 8: Twitch has no history, but may repeat itself late. A clock that ran ahead stops nobody."""
    async with on_stage() as show:
        await show.twitch.chat("100", viewer("future"), "!stock", age_s=-86_400.0)
        await show.ask("!prix", "ann")
        await show.until(show.shown)
        await show.twitch.chat("100", viewer("old"), "!code", age_s=660.0)
        await show.ask("!code", "bob")
        await show.until(lambda: show.grants())
        await show.until_quiet()
        assert ["bob"] == show.holders()
        assert "@Old" not in " ".join(show.shown())


async def test_repeated_and_reordered_messages_are_answered_once(on_stage: OnStage) -> None:
    """Promise 1."""
    async with on_stage() as show:
        show.twitch.faults.duplicated = 3
        show.twitch.faults.reordered = 1
        await show.ask("!code", "ann", "bob", "cleo", "dan")
        await show.until(lambda: len(show.grants()) == 4)
        await show.until_quiet()
        named = [word for text in show.shown() for word in text.split() if word.startswith("@")]
        assert sorted(named) == ["@Ann", "@Bob", "@Cleo", "@Dan"]


async def test_a_message_that_comes_again_in_another_run_is_not_answered_again(on_stage: OnStage) -> None:
    """Promise 1, across restarts: the database remembers what the process forgot."""
    async with on_stage() as show:
        await show.ask("!code", "ann", id="the same")
        await show.until(show.shown)
        await show.stop()
        await show.run()
        await show.ask("!code", "ann", id="the same")
        await show.ask("!prix", "bob")
        await show.until(lambda: len(show.shown()) == 2)
        await show.until_quiet()
        assert ["ann"] == show.holders()
        assert show.shown()[1].startswith("@Bob")


async def test_a_viewer_with_a_new_name_is_the_same_viewer(on_stage: OnStage) -> None:
    """Promise 1: the platform's id counts, not the name."""
    async with on_stage() as show:
        ann = viewer("ann")
        await show.twitch.chat("100", ann, "!code")
        await show.until(show.shown)
        await show.twitch.rename(renamed := replace(ann, login="anna", name="Anna"))
        await show.twitch.chat("100", renamed, "!code")
        await show.ask("!code", "bob")
        await show.until(lambda: len(show.grants()) == 2)
        assert ["ann", "bob"] == show.holders()


async def test_a_question_in_a_thread_is_read_without_whom_it_replies_to(on_stage: OnStage) -> None:
    async with on_stage() as show:
        parent = await show.twitch.chat("100", viewer("bob"), "who wants one?")
        await show.twitch.chat("100", viewer("ann"), "!code", reply_to=parent)
        await show.until(show.shown)
        assert ["ann"] == show.holders()


async def test_a_question_that_is_deleted_meanwhile_is_answered_without_a_thread(on_stage: OnStage) -> None:
    async with on_stage() as show:
        message = await show.twitch.chat("100", viewer("ann"), "!prix")
        await show.twitch.delete("100", message)
        await show.until(show.shown)
        assert [None] == [said.reply_to for said in show.twitch.said]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_only_a_name(on_stage: OnStage, name: str) -> None:
    """Promise 7."""
    async with on_stage() as show:
        await show.twitch.chat("100", Chatter("666", "mallory", name), "!code")
        await show.until(show.shown)
        assert 1 == len(show.grants())
        text = show.shown()[0]
        assert text.startswith("@")
        assert "\n" not in text
        assert len(text) <= 500


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_question_is_only_words(on_stage: OnStage, text: str) -> None:
    """Promise 7: whatever of it is said again opens with the viewer's name, on one line."""
    async with on_stage() as show:
        await show.ask(f"!prix {text}", "mallory")
        await show.ask("!prix", "ann")
        await show.until(lambda: "@Ann" in " ".join(show.shown()))
        await show.until_quiet()
        for said in show.shown():
            assert said.startswith("@")
            assert "\n" not in said
            assert not {"\u202e", "\u2066", "\u200b"} & set(said)
        assert LiveState.OPEN is show.live().state
        assert "49" not in "".join(show.shown()).replace("499,99", "").replace("7*7", "")


async def test_a_code_by_hand_for_a_hostile_name_goes_to_nobody(on_stage: OnStage) -> None:
    """Promise 7, for what a moderator types too. Who names nobody at all asks for themselves."""
    async with on_stage() as show:
        for number, name in enumerate(name for name in HOSTILE if name != INVISIBLE):
            await show.twitch.chat("100", moderator(f"mo{number}"), f"!code @{name}")
        await show.ask("!code", "ann")
        await show.until(lambda: ["ann"] == show.holders())
        await show.until_quiet()
        assert all("\n" not in said and not said.startswith(("/", ".")) for said in show.shown())


async def test_a_very_long_message_and_control_characters_harm_nobody(on_stage: OnStage) -> None:
    async with on_stage() as show:
        await show.ask("x" * 5_000 + " !code", "ann")
        await show.ask("\u202e\u0000!code\u2066", "bob")
        await show.ask("!prix " + "\u200b" * 4_000, "cleo")
        await show.ask("!prix " + "y" * 5_000, "dan")
        await show.until(lambda: not show.unanswered() and len(show.shown()) >= 3)
        assert ["bob"] == show.holders()


async def test_a_viewer_gives_no_orders(on_stage: OnStage) -> None:
    async with on_stage() as show:
        for text in ("!live off", "!stop", "!drop 5 1m", "!produit rien", "!code @bob"):
            await show.ask(text, f"viewer of {text[1:5].strip()}")
        await show.ask("!prix", "ann")
        await show.until(lambda: "@Ann" in " ".join(show.shown()))
        await show.until_quiet()
        assert LiveState.OPEN is show.live().state
        assert "id-bob" not in {grant.viewer_id for grant in show.grants()}
        with show.database.unit() as unit:
            assert [show.offer_id] == [offer.id for offer in unit.offers.list(show.live_id)]
            assert unit.offers.get(show.offer_id).ended_at is None
