"""A unique code goes to its viewer alone, where the channel can do that."""

from collections.abc import Callable
from typing import Any

from domain.show import DeliveryState


async def test_a_code_is_whispered_when_whispers_are_on(on_stage: Callable[..., Any]) -> None:
    async with on_stage(whispers=True) as show:
        await show.ask("!code", "ann")
        await show.until(lambda: show.twitch.whispers)
        (grant,) = show.grants()
        ((to, text),) = show.twitch.whispers
        assert "id-ann" == to
        assert grant.code in text
        await show.until_quiet()
        assert all(grant.code not in said for said in show.shown())
        assert "message privé" in show.shown()[0]


async def test_a_whisper_is_never_sent_twice_even_by_another_run(on_stage: Callable[..., Any]) -> None:
    async with on_stage(whispers=True) as show:
        await show.ask("!code", "ann")
        await show.until(lambda: show.twitch.whispers)
        await show.stop()
        await show.run()
        await show.ask("!code", "bob")
        await show.until(lambda: len(show.twitch.whispers) == 2)
        assert ["id-ann", "id-bob"] == [to for to, _ in show.twitch.whispers]
        assert {DeliveryState.UNSURE} == {grant.delivery for grant in show.grants()}


async def test_without_a_private_way_a_grant_stays_listed_as_undelivered(
    on_stage: Callable[..., Any],
) -> None:
    async with on_stage() as show:
        await show.ask("!code", "ann")
        await show.until(show.shown)
        with show.database.unit() as unit:
            assert (1, 1) == unit.grants.count(show.live_id)
