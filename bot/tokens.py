"""Where tokens are kept between runs: settings seed the store, refreshed ones stay there, encrypted."""

import asyncio
from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from connectors.twitch.id_server import TokenPair
from connectors.twitch.settings import TwitchSettings
from domain.errors import BateleurError
from store.database import Database

ACCOUNT = "bot"


def with_kept_tokens(settings: TwitchSettings, database: Database) -> TwitchSettings:
    """`settings` with the tokens of the last login or refresh, if the settings give none of their own.

    A refresh token serves once: the kept pair is newer than the one in the settings whenever both have one.
    """
    if settings.bot_token is not None and settings.bot_refresh_token is None:
        return settings
    try:
        with database.unit() as unit:
            kept = unit.tokens.load("twitch", ACCOUNT)
    except BateleurError:
        if settings.bot_token is not None:
            return settings
        raise
    if kept is None:
        return settings
    refresh = SecretStr(kept.refresh) if kept.refresh else None
    return settings.model_copy(update={"bot_token": SecretStr(kept.access), "bot_refresh_token": refresh})


def keep_tokens(database: Database) -> Callable[[TokenPair], Awaitable[None]]:
    """Saves a refreshed pair before it is used; raises `ActionRequired` without a secret key."""

    async def save(pair: TokenPair) -> None:
        await asyncio.to_thread(_save, database, pair)

    return save


def _save(database: Database, pair: TokenPair) -> None:
    with database.unit() as unit:
        unit.tokens.save("twitch", ACCOUNT, pair.access, pair.refresh, None, ())
