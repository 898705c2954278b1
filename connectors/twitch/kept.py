"""The tokens of the last login or renewal: settings seed them, what is kept is newer."""

from pydantic import SecretStr

from connectors.twitch.id_server import TokenPair
from connectors.twitch.settings import TwitchSettings
from connectors.twitch.tokens import SaveToken
from domain.errors import BateleurError
from domain.ports import Memory


def with_kept_tokens(settings: TwitchSettings, memory: Memory) -> TwitchSettings:
    """`settings` with the kept tokens, unless they give a token and nothing that renews it.

    A refresh token serves once: the kept pair is newer than the one in the settings whenever both have one.
    """
    if settings.bot_token is not None and settings.bot_refresh_token is None:
        return settings
    try:
        kept = memory.kept_tokens()
    except BateleurError:
        if settings.bot_token is not None:
            return settings
        raise
    if kept is None:
        return settings
    access, refresh = kept
    renewed = SecretStr(refresh) if refresh else None
    return settings.model_copy(update={"bot_token": SecretStr(access), "bot_refresh_token": renewed})


def keep_in(memory: Memory) -> SaveToken:
    """Saves a renewed pair in `memory` before it is used."""

    async def save(pair: TokenPair) -> None:
        await memory.save_tokens(pair.access, pair.refresh)

    return save
