"""What Bateleur does not own and reaches through a Protocol."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.chat import Gap, LiveEvent, Message, Viewer


@dataclass(frozen=True, slots=True)
class SendBudget:
    """What a platform lets us say: `messages` per `window_s` seconds, `gap_s` seconds between two."""

    messages: int
    window_s: float
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do, as data."""

    max_characters: int
    budget: SendBudget
    can_thread: bool = False
    can_whisper: bool = False
    has_backfill: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the platform took. `is_sure` False: it may or may not be on the screen."""

    message_id: str
    is_sure: bool = True


class Connector(Protocol):
    """One account on one platform. Failures are `domain.errors.Fault` or `ActionRequired`."""

    channel: str

    @property
    def capabilities(self) -> Capabilities:
        """What the channel can do now; may change (the bot is made a moderator)."""

    async def connect(self) -> None:
        """Check the credentials and start reading; raises `ActionRequired` with the way out."""

    def messages(self) -> AsyncIterator[Message | Gap | LiveEvent]:
        """What the chat brings, without our own echoes, other channels' messages or repeats."""

    async def send(self, text: str, *, reply_to: str | None = None) -> Sent:
        """Say `text` in public, at most once; `reply_to` is a message id."""

    async def send_private(self, viewer: Viewer, text: str) -> Sent:
        """Say `text` to one viewer only."""

    async def close(self) -> None:
        """Stop reading and let go of every socket."""


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time, aware UTC."""
