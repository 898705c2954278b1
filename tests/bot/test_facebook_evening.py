"""An evening on Facebook: asked in the comments, delivered by private reply, once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.settings import Settings
from bot.tally import Tally
from connectors.facebook.settings import FacebookSettings
from connectors.twitch.settings import TwitchSettings
from domain.show import Claim, DeliveryState, DeliveryWay, Discount, Mechanic, OfferKind
from shops.codes import draw_codes
from standins.facebook.server import FacebookStandin
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from store.database import Database, open_database
from tests.bot.conftest import prepare
from tests.bot.test_run_is_killed import until

ANN, BOB = Chatter("501", "ann", "Ann"), Chatter("502", "bob", "Bob")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/evening.db")
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
async def facebook() -> AsyncIterator[FacebookStandin]:
    async with FacebookStandin() as opened:
        yield opened
        assert {} == dict(opened.violations)


def settings(facebook: FacebookStandin, twitch: TwitchStandin | None = None) -> Settings:
    own = FacebookSettings(
        page_id=facebook.page_id,
        page_token=SecretStr(facebook.page_token),
        app_secret=SecretStr(facebook.app_secret),
        graph_url=facebook.graph_url,
        poll_s=0.1,
        status_s=0.2,
    )
    if twitch is None:
        return Settings(_env_file=None, facebook=own)
    bot = TwitchSettings(
        api_url=twitch.api_url,
        id_url=twitch.id_url,
        eventsub_url=twitch.eventsub_url,
        bot_token=SecretStr(twitch.bot_token),
    )
    return Settings(_env_file=None, facebook=own, twitch=bot)


class Run:
    """`async with Run(…)`: the bot attached, and let go of at the end."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.evening = open_evening(settings, database, Tally())

    async def __aenter__(self) -> Any:
        await self.evening.start()
        return self.evening

    async def __aexit__(self, *_: object) -> None:
        await self.evening.stop()


def grants(database: Database, offer_id: int) -> list[Any]:
    with database.unit(read_only=True) as unit:
        return unit.grants.list(offer_id)


async def test_a_viewer_is_told_in_public_and_given_the_code_in_private(
    database: Database, facebook: FacebookStandin
) -> None:
    codes = draw_codes(10)
    live_id, offer_id = prepare(database, "facebook:1789", codes)
    async with Run(database, settings(facebook)):
        id = await facebook.chat(ANN, "!code")
        await until(lambda: facebook.private_replies)
        await until(lambda: facebook.said)
        (grant,) = grants(database, offer_id)
        assert grant.code in facebook.private_replies[id]
        assert "réponse privée" in facebook.said[0].text
        assert id == facebook.said[0].parent
        assert 0 == facebook.leaks(codes)
        await until(lambda: grants(database, offer_id)[0].delivery is DeliveryState.DELIVERED)
    with database.unit() as unit:
        assert (1, 0) == unit.grants.count(live_id)


async def test_a_crash_between_a_grant_and_its_reply_loses_and_doubles_nothing(
    database: Database, facebook: FacebookStandin
) -> None:
    _, offer_id = prepare(database, "facebook:1789", draw_codes(10))
    first = await facebook.chat(ANN, "!code")
    second = await facebook.chat(BOB, "!code")
    with database.unit() as unit:
        offer = unit.offers.get(offer_id)
        assert offer is not None
        claims = [
            Claim("facebook", who.id, who.name, "facebook:1789", id)
            for who, id in ((ANN, first), (BOB, second))
        ]
        unit.grants.grant(offer, claims, datetime.now(UTC))
    # Ann's reply went out, and the process died before that was written down; Bob's never went out.
    facebook.private_replies[first] = "sent before the crash"
    for _ in range(2):
        async with Run(database, settings(facebook)):
            await until(lambda: {g.delivery for g in grants(database, offer_id)} == {DeliveryState.DELIVERED})
    bobs = next(grant for grant in grants(database, offer_id) if grant.viewer_id == BOB.id)
    assert "sent before the crash" == facebook.private_replies[first]
    assert bobs.code in facebook.private_replies[second]


async def test_who_cannot_be_reached_keeps_the_code_and_holds_nobody_up(
    database: Database, facebook: FacebookStandin
) -> None:
    live_id, offer_id = prepare(database, "facebook:1789", draw_codes(10))
    facebook.faults.reply_refused = 1
    async with Run(database, settings(facebook)):
        await facebook.chat(ANN, "!code")
        await until(lambda: len(grants(database, offer_id)) == 1)
        await until(lambda: grants(database, offer_id)[0].delivery is DeliveryState.REFUSED)
        await facebook.chat(BOB, "!code")
        await until(lambda: DeliveryState.DELIVERED in {one.delivery for one in grants(database, offer_id)})
    assert 1 == len(facebook.private_replies)
    with database.unit() as unit:
        assert (2, 1) == unit.grants.count(live_id)


async def test_a_reply_with_an_open_fate_is_asked_about_and_not_doubled(
    database: Database, facebook: FacebookStandin
) -> None:
    _, offer_id = prepare(database, "facebook:1789", draw_codes(10))
    async with Run(database, settings(facebook)):
        facebook.faults.broken_after_taking = 1
        await facebook.chat(ANN, "!code")
        await until(lambda: facebook.private_replies)
        await until(lambda: grants(database, offer_id)[0].delivery is DeliveryState.DELIVERED)
        assert 1 == len(facebook.private_replies)


async def test_a_reply_that_hangs_holds_nobody_up(database: Database, facebook: FacebookStandin) -> None:
    _, offer_id = prepare(database, "facebook:1789", draw_codes(10))
    facebook.faults.reply_hangs = 1
    async with Run(database, settings(facebook)):
        first = await facebook.chat(ANN, "!code")
        await until(lambda: not facebook.faults.reply_hangs)
        second = await facebook.chat(BOB, "!code")
        await until(lambda: second in facebook.private_replies)
        assert first not in facebook.private_replies
        assert 2 == len(grants(database, offer_id))


async def test_a_fault_on_one_platform_never_stops_the_other(
    database: Database, facebook: FacebookStandin
) -> None:
    async with TwitchStandin() as twitch:
        now = datetime.now(UTC)
        _, offer_id = prepare(database, "twitch:100", draw_codes(10))
        with database.unit() as unit:
            other = unit.lives.add("On Facebook", "en", "Europe/Paris", ("facebook:1789",))
            unit.lives.open(other.id, now)
        facebook.status = "VOD"
        async with Run(database, settings(facebook, twitch)) as evening:
            assert {"facebook:1789"} == evening.refused.keys()
            await twitch.chat("100", ANN, "!code")
            await until(lambda: len(grants(database, offer_id)) == 1)
            facebook.status = "LIVE"
            await until(lambda: "facebook:1789" in evening.speakers)
            await facebook.chat(BOB, "!code")
            await until(lambda: facebook.said)
            assert "No code" in facebook.said[0].text


async def test_one_show_in_two_chats_grants_each_platforms_viewer_by_its_own_way(
    database: Database, facebook: FacebookStandin
) -> None:
    async with TwitchStandin() as twitch:
        now = datetime.now(UTC)
        codes = draw_codes(10)
        with database.unit() as unit:
            live = unit.lives.add("Both", "fr", "Europe/Paris", ("twitch:100", "facebook:1789"))
            unit.lives.open(live.id, now)
        offer_id = _add_offer(database, live.id, codes)
        async with Run(database, settings(facebook, twitch)):
            await twitch.chat("100", ANN, "!code")
            await facebook.chat(BOB, "!code")
            await until(lambda: len(grants(database, offer_id)) == 2)
            await until(lambda: facebook.private_replies and twitch.said and facebook.said)
            assert "réponse privée" in facebook.said[0].text
            assert "réponse privée" not in twitch.said[0].text
            await until(lambda: _deliveries(database, live.id) == {DeliveryWay.REPLY: 1})
            assert 0 == facebook.leaks(codes) + twitch.leaks(codes)
            # The broadcast's end on one platform does not end a show that goes on elsewhere.
            facebook.status = "VOD"
            await asyncio.sleep(1.0)
            with database.unit(read_only=True) as unit:
                assert unit.lives.get(live.id).state == "open"


def _add_offer(database: Database, live_id: int, codes: list[str]) -> int:
    with database.unit() as unit:
        offer = unit.offers.add(live_id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, codes)
    return offer.id


def _deliveries(database: Database, live_id: int) -> dict[DeliveryWay, int]:
    with database.unit(read_only=True) as unit:
        return unit.grants.deliveries(live_id)
