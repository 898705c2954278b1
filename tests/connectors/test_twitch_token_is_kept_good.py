"""The bot's token: checked, renewed, written down first, and given back to a person when it is lost."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.twitch.account import TwitchAccount
from connectors.twitch.id_server import TokenPair
from domain.errors import ActionRequired, Fault
from domain.ports import Sent


class Safe:
    """Keeps token pairs; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.kept: list[tuple[str, str | None]] = []
        self._failures = failures

    async def save(self, pair: TokenPair) -> None:
        if self._failures:
            self._failures -= 1
            raise OSError("disk full")
        self.kept.append((pair.access, pair.refresh))


def renewing(terse: Any, **changes: Any) -> Any:
    return terse.settings(bot_refresh_token=SecretStr("r0"), client_id="cid", **changes)


async def test_a_token_that_dies_is_renewed_and_the_message_said_once(terse: Any, joined: Any) -> None:
    safe = Safe()
    async with joined(renewing(terse), save_token=safe.save) as connector:
        terse.tokens.clear()
        assert await connector.send("hello") == Sent("id-1")
    assert safe.kept == [("t1", "r1")]
    assert len(terse.said) == 1


async def test_a_dead_token_is_renewed_at_the_start(terse: Any, joined: Any) -> None:
    terse.tokens.clear()
    safe = Safe()
    async with joined(renewing(terse), save_token=safe.save) as connector:
        assert await connector.send("hello") == Sent("id-1")
    assert safe.kept == [("t1", "r1")]


async def test_many_calls_renew_a_token_once(terse: Any, joined: Any) -> None:
    safe = Safe()
    async with joined(renewing(terse), save_token=safe.save) as connector:
        terse.tokens.clear()
        await asyncio.gather(*(connector.send(f"hello {n}") for n in range(5)))
    assert safe.kept == [("t1", "r1")]
    assert len(terse.said) == 5


async def test_a_pair_that_is_not_written_down_is_not_used(terse: Any, joined: Any) -> None:
    safe = Safe(failures=1)
    async with joined(renewing(terse), save_token=safe.save) as connector:
        terse.tokens.clear()
        with pytest.raises(Fault, match="could not be kept") as fault:
            await connector.send("hello")
        assert fault.value.is_retryable
        assert terse.said == []
        assert await connector.send("hello") == Sent("id-1")
    assert safe.kept == [("t1", "r1")]


async def test_a_renewed_pair_outlives_a_closed_account(terse: Any, quick: Any) -> None:
    account = TwitchAccount(renewing(terse), Safe().save, pace=quick)
    connector = account.channel("100")
    await connector.connect()
    terse.tokens.clear()
    await connector.send("hello")
    await connector.close()
    await connector.connect()
    assert await connector.send("again") == Sent("id-2")
    await connector.close()


async def test_without_a_refresh_token_a_person_must_act_and_the_bot_keeps_trying(
    terse: Any, joined: Any
) -> None:
    async with joined(terse.settings()) as connector:
        terse.tokens.clear()
        with pytest.raises(ActionRequired, match="bateleur login twitch"):
            await connector.send("hello")
        before = terse.calls["/oauth2/validate"]
        with pytest.raises(ActionRequired):
            await connector.send("hello")
        assert terse.calls["/oauth2/validate"] == before
        terse.tokens.add("t0")
        await asyncio.sleep(0.35)
        assert await connector.send("hello") == Sent("id-1")


async def test_a_passing_401_costs_nothing(terse: Any, joined: Any) -> None:
    async def unauthorized(_: Any) -> Any:
        from aiohttp import web

        return web.json_response({"message": "Invalid OAuth token"}, status=401)

    terse.answers.append(unauthorized)
    async with joined(terse.settings()) as connector:
        assert await connector.send("hello") == Sent("id-2")


async def test_a_refresh_token_that_is_spent_needs_a_person(terse: Any, joined: Any) -> None:
    terse.tokens.clear()
    terse.refreshes.clear()
    with pytest.raises(ActionRequired, match="Invalid refresh token"):
        async with joined(renewing(terse)):
            pass


async def test_a_missing_scope_is_named(terse: Any, joined: Any) -> None:
    terse.validate["scopes"] = ["user:read:chat"]
    with pytest.raises(ActionRequired, match="user:write:chat"):
        async with joined(terse.settings()):
            pass
    assert terse.sockets == []


async def test_whispers_need_their_scope(terse: Any, joined: Any) -> None:
    terse.validate["scopes"] = ["user:read:chat", "user:write:chat"]
    with pytest.raises(ActionRequired, match="user:manage:whispers"):
        async with joined(terse.settings(whispers=True)):
            pass


async def test_an_app_token_is_refused(terse: Any, joined: Any) -> None:
    terse.validate = {"client_id": "cid"}
    with pytest.raises(ActionRequired, match="belongs to no user"):
        async with joined(terse.settings()):
            pass


async def test_no_token_at_all_is_said_without_a_call(terse: Any, joined: Any) -> None:
    with pytest.raises(ActionRequired, match="needs the bot's token"):
        async with joined(terse.settings(bot_token=None)):
            pass
    assert not terse.calls


async def test_an_id_server_that_is_away_is_a_fault(terse: Any, joined: Any) -> None:
    with pytest.raises(Fault, match="cannot be reached"):
        async with joined(terse.settings(id_url="http://127.0.0.1:1")):
            pass


async def test_the_token_is_looked_at_every_so_often(terse: Any, joined: Any, quick: Any, until: Any) -> None:
    from dataclasses import replace

    async with joined(terse.settings(), pace=replace(quick, validate_s=0.1)):
        await until(lambda: terse.calls["/oauth2/validate"] >= 4)


async def test_no_secret_is_shown(terse: Any, joined: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings = renewing(terse, bot_token=SecretStr("t0-very-secret"))
    terse.tokens.add("t0-very-secret")
    async with joined(settings) as connector:
        terse.tokens.clear()
        await connector.send("hello")
        shown = repr(settings) + repr(TokenPair("t0-very-secret", "r0")) + repr(vars(connector))
    output = capsys.readouterr()
    assert "very-secret" not in shown + output.out + output.err
