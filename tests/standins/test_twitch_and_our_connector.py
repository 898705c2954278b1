"""Our connector, with the real twitchio in it, and the stand-in understand each other over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from connectors.twitch.account import TwitchAccount
from connectors.twitch.connector import TwitchConnector
from connectors.twitch.pace import Pace
from connectors.twitch.settings import TwitchSettings
from domain.chat import LiveEvent, LiveEventKind, Message, Role, Viewer
from domain.errors import ActionRequired, Fault
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from tests.standins.conftest import ANN


@asynccontextmanager
async def joined(twitch: TwitchStandin, *ids: str) -> AsyncIterator[list[TwitchConnector]]:
    """Connectors of the channels `ids`, of one account."""
    settings = TwitchSettings(
        client_id="client",
        api_url=twitch.api_url,
        id_url=twitch.id_url,
        eventsub_url=twitch.eventsub_url,
        bot_token=SecretStr(twitch.bot_token),
        debounce_s=0.1,
        whispers=True,
    )
    account = TwitchAccount(settings, pace=Pace(echo_s=1.0))
    connectors = [account.channel(id) for id in ids]
    try:
        for connector in connectors:
            await connector.connect()
        yield connectors
    finally:
        for connector in connectors:
            await connector.close()


async def test_it_reads_answers_in_a_thread_and_whispers(twitch: TwitchStandin) -> None:
    async with joined(twitch, "100") as (shop,), asyncio.timeout(10):
        id = await twitch.chat("100", Chatter("200", "ann", "Ann", ("subscriber",)), "!prix")
        items = shop.messages()
        found = [await anext(items) for _ in range(2)]
        (started,) = [item for item in found if isinstance(item, LiveEvent)]
        (message,) = [item for item in found if isinstance(item, Message)]
        assert LiveEventKind.STARTED is started.kind
        assert (id, "!prix") == (message.id, message.text)
        assert Viewer("twitch", "200", "Ann", "Ann", Role.SUBSCRIBER) == message.author
        assert (await shop.send("499,99 €", reply_to=id)).is_sure
        assert not (await shop.send_private(message, "your code")).is_sure
        while shop.capabilities.budget.messages != 100:
            await asyncio.sleep(0.01)
        assert [("499,99 €", id)] == [(said.text, said.reply_to) for said in twitch.said]
        assert [("200", "your code")] == twitch.whispers
        assert {} == dict(twitch.violations)


async def test_it_follows_a_reply_a_reconnect_and_the_end_of_the_broadcast(twitch: TwitchStandin) -> None:
    async with joined(twitch, "100") as (shop,), asyncio.timeout(10):
        items = shop.messages()
        parent = await twitch.chat("100", ANN, "hello")
        await twitch.eventsub.reconnect()
        await twitch.chat("100", Chatter("201", "bob", "Bob"), "!code", reply_to=parent)
        while "stream.offline" not in _kinds_by_age(twitch).get("new", ()):
            await asyncio.sleep(0.01)
        await twitch.chat("100", ANN, "bye")
        await twitch.stream("100", is_online=False)
        found = [await anext(items) for _ in range(5)]
        assert ["hello", "!code", "bye"] == [item.text for item in found if isinstance(item, Message)]
        events = [item.kind for item in found if isinstance(item, LiveEvent)]
        assert [LiveEventKind.STARTED, LiveEventKind.ENDED] == events


@pytest.mark.parametrize("is_banned_before", [True, False])
async def test_a_ban_in_one_channel_is_told_and_the_other_is_served(
    twitch: TwitchStandin, is_banned_before: bool
) -> None:
    async with joined(twitch, "100") as (shop,):
        annex = shop._account.channel("200")
        if is_banned_before:
            twitch.banned.add("200")
            with pytest.raises(ActionRequired, match="twitch:200"):
                await annex.connect()
        else:
            await annex.connect()
            twitch.banned.add("200")
            with pytest.raises(ActionRequired, match="twitch:200"):
                await annex.send("hello")
            await annex.close()
        assert (await shop.send("hello")).is_sure


async def test_what_the_chat_drops_is_a_fault_that_says_why(twitch: TwitchStandin) -> None:
    async with joined(twitch, "100") as (shop,):
        for code, is_retryable in (("msg_duplicate", False), ("msg_slowmode", True), ("new_in_2027", False)):
            twitch.faults.not_sent, twitch.faults.drop_code = 1, code
            with pytest.raises(Fault, match=code) as raised:
                await shop.send(f"hello {code}")
            assert is_retryable == raised.value.is_retryable


async def test_six_channels_are_read_though_not_every_broadcast_can_be_followed() -> None:
    """A stranger's broadcast costs 1 of the 10 that Twitch gives; chats are read all the same."""
    channels = {str(number): f"shop{number}" for number in range(100, 107)}
    async with TwitchStandin(channels=channels) as twitch, joined(twitch, *channels) as connectors:
        async with asyncio.timeout(10):
            for connector in connectors:
                await twitch.chat(connector.id, ANN, f"hello {connector.id}")
            for connector in connectors:
                items = connector.messages()
                while not isinstance(item := await anext(items), Message):
                    pass
                assert f"hello {connector.id}" == item.text
        assert {} == dict(twitch.violations)


def _kinds_by_age(twitch: TwitchStandin) -> dict[str, set[str]]:
    """What the socket that was there first and the one that followed it are subscribed to."""
    sessions = twitch.eventsub.sessions.values()
    kinds = [{subscription["type"] for subscription in session.subscriptions} for session in sessions]
    return dict(zip(("old", "new"), kinds, strict=False))
