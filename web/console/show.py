"""The running evening as the console sees it: the program gives it, the pages only look and order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.chat import Role
from domain.people import User


@dataclass(frozen=True, slots=True)
class ChannelSight:
    """How one channel stands. `trouble` is a sentence, empty when there is none.

    `budget_left` of `budget` messages may still be said in the window of `window_s` seconds; `waiting`
    answers wait to be said, the oldest for `lag_s` seconds.
    """

    channel: str
    is_attached: bool
    trouble: str
    messages: int
    questions: int
    said: int
    answered: int
    waiting: int
    lag_s: float
    budget_left: int
    budget: int
    window_s: float


@dataclass(frozen=True, slots=True)
class Minute:
    """What was read in one minute of the last half hour, from `at` on (aware UTC)."""

    at: datetime
    messages: int
    questions: int


@dataclass(frozen=True, slots=True)
class Sight:
    """The evening at a glance. `dropped` messages were too many for the inbox."""

    channels: tuple[ChannelSight, ...]
    minutes: tuple[Minute, ...]
    dropped: int
    shop_trouble: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the merged chats; `number` grows with each line read, shown or not."""

    number: int
    at: datetime
    channel: str
    who: str
    role: Role
    text: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A viewer whose answer is not said yet, for `seconds` so far."""

    channel: str
    who: str
    asked: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of an order: a sentence in the live's language, and whether anything was done."""

    sentence: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class PartSight:
    """One part of the program. `kind` is database, channels, channel or shop; `name` the channel's own.

    `why` says what is wrong now, empty when nothing is. `last_trouble` is what was wrong last, from
    `trouble_at` on and until `well_again_at` (None: still, or never).
    """

    kind: str
    name: str
    why: str
    last_trouble: str = ""
    trouble_at: datetime | None = None
    well_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HealthSight:
    """Whether the program can do its work, and each of its parts."""

    is_ready: bool
    parts: tuple[PartSight, ...]


class Show(Protocol):
    """What this process runs."""

    async def health(self) -> HealthSight:
        """Whether all works, and what last did not; cheap."""

    def sight(self) -> Sight:
        """How it stands now; cheap."""

    def lines(self, after: int, limit: int) -> tuple[Line, ...]:
        """The newest lines after that number, at most `limit`, the oldest first."""

    def orders(self, limit: int) -> tuple[Line, ...]:
        """The moderators' newest orders, whether carried out or refused, the newest first."""

    def waiting(self, limit: int) -> tuple[Waiting, ...]:
        """Who waits for an answer, the longest waiting first."""

    async def order(self, live_id: int, user: User, text: str, channel: str = "") -> Ordered:
        """Carry out `!drop 50 10m` and the like as a moderator's order in that live, and tell its chats what
        viewers need to know. `channel` is that of the viewer it is about. Raises `Refusal` when a rule says
        no."""
