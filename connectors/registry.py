"""Which platforms there are: a folder each, imported when it is first asked for."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

from connectors.logins import Begun
from domain.errors import Refusal
from domain.ports import Account, Check, Memory
from domain.sentences import sentence

PLATFORMS = ("twitch", "youtube", "facebook")
LOGINS = ("twitch", "youtube")


def open_account(platform: str, settings: Any, memory: Memory) -> Account:
    """The account that `settings` describe; raises `Refusal` for a platform that is not there."""
    return cast(Account, _module(platform, "account").open_account(settings, memory))


async def check_account(
    platform: str, settings: Any, channel_ids: Sequence[str], memory: Memory
) -> list[Check]:
    """What works of an account and its channels. Says nothing in any chat, raises nothing."""
    return cast(list[Check], await _module(platform, "checks").check_account(settings, channel_ids, memory))


def begin_login(platform: str, settings: Any, memory: Memory) -> Begun:
    """A login of the bot's own account; raises `Refusal` for a platform that knows none."""
    if platform not in LOGINS:
        ways = " or ".join(f"`bateleur login {name}`" for name in LOGINS)
        raise Refusal(
            sentence(
                "«{platform}» is no platform one can log in to; write {ways}.", platform=platform, ways=ways
            )
        )
    return cast(Begun, _module(platform, "login").begin_login(settings, memory))


def _module(platform: str, name: str) -> Any:
    if platform not in PLATFORMS:
        raise Refusal(
            sentence(
                "«{platform}» is no platform; there are: {platforms}.",
                platform=platform,
                platforms=", ".join(PLATFORMS),
            )
        )
    return import_module(f"connectors.{platform}.{name}")
