"""The refresh token of the last login: settings seed it, what is kept is newer."""

from pydantic import SecretStr

from connectors.youtube.settings import YouTubeSettings
from domain.errors import BateleurError
from domain.ports import Memory


def with_kept_token(settings: YouTubeSettings, memory: Memory) -> YouTubeSettings:
    """`settings` with the kept refresh token, if there is one; raises when only the memory could tell."""
    try:
        kept = memory.kept_tokens()
    except BateleurError:
        if settings.refresh_token is not None:
            return settings
        raise
    if kept is None or kept[1] is None:
        return settings
    return settings.model_copy(update={"refresh_token": SecretStr(kept[1])})
