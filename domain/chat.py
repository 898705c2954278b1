"""What a chat brings: messages, gaps and live events, by one platform's ids."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

CONSOLE = "console:"
"""What stands before a login in the id of the author of an order that was given in the console."""


class Role(IntEnum):
    """What a viewer may do, as the platform says; a higher role may do all that a lower one may."""

    VIEWER = 0
    SUBSCRIBER = 1
    MODERATOR = 2
    OWNER = 3


@dataclass(frozen=True, slots=True)
class Viewer:
    """The author of messages. `id` is the platform's and stable; `handle` is what follows an @."""

    platform: str
    id: str
    name: str
    handle: str
    role: Role = Role.VIEWER


@dataclass(frozen=True, slots=True)
class Message:
    """One line of chat. `channel` is `platform:id`; `sent_at` is aware UTC."""

    id: str
    channel: str
    author: Viewer
    text: str
    sent_at: datetime
    is_backfill: bool = False


@dataclass(frozen=True, slots=True)
class LastSeen:
    """A viewer, and the last message of theirs: a private reply goes to a message."""

    viewer: Viewer
    channel: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something we said in public, or tried to: both count against a send budget."""

    channel: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A time during which messages of a channel may have been missed (aware UTC)."""

    channel: str
    started_at: datetime
    ended_at: datetime
    is_recoverable: bool


class LiveEventKind(StrEnum):
    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """The platform says that the broadcast of a channel started or ended."""

    channel: str
    kind: LiveEventKind
    at: datetime
