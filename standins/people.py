"""Who writes in the stand-ins' chats."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chatter:
    """Someone who writes. `badges` are Twitch's set ids, such as `moderator`; elsewhere unused."""

    id: str
    login: str
    name: str
    badges: tuple[str, ...] = ()
