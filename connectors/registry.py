"""Which platforms there are. A platform's library is imported when it is first asked for."""

from importlib import import_module
from typing import Any

from domain.errors import Refusal

CONNECTORS = {"twitch": "connectors.twitch.account:TwitchAccount"}


def account_type(platform: str) -> Any:
    """The class that holds one account on `platform`; raises `Refusal` naming those there are.

    Its objects are made from the platform's settings, and `account.channel(id)` is a `Connector`.
    """
    path = CONNECTORS.get(platform)
    if path is None:
        raise Refusal(f"«{platform}» is no platform; there are: {', '.join(CONNECTORS)}.")
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
