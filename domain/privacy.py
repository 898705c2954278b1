"""What is kept of viewers, for how long, and what is told of one of them on request."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Keep:
    """`words`: how long names and what was written are kept. `viewers`: how long after its live closed a
    viewer can still be told from the others by their platform's id."""

    words: timedelta
    viewers: timedelta


@dataclass(slots=True)
class Forgotten:
    """How many rows lost what told of a person."""

    asks: int = 0
    said: int = 0
    audited: int = 0
    links: int = 0
    memories: int = 0
    viewers: int = 0

    def __bool__(self) -> bool:
        return any(self.as_dict().values())

    def as_dict(self) -> dict[str, int]:
        """For JSON and the log."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure changed. `open_lives` still know that this viewer has a code, by a stand-in: else they
    could have a second one."""

    asks: int = 0
    grants: int = 0
    mentions: int = 0
    links: int = 0
    memories: int = 0
    open_lives: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON and the audit log."""
        return {**asdict(self), "open_lives": list(self.open_lives)}


Fact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HeldOfViewer:
    """Everything that is held of one viewer, as plain values; codes are masked."""

    platform: str
    viewer_id: str
    names: tuple[str, ...] = ()
    asks: tuple[Fact, ...] = ()
    grants: tuple[Fact, ...] = ()
    redemptions: tuple[Fact, ...] = ()
    links: tuple[Fact, ...] = ()
    mentions: tuple[Fact, ...] = ()
    audited: tuple[Fact, ...] = ()
    memories: tuple[Fact, ...] = ()
    parts: tuple[str, ...] = field(
        default=("asks", "grants", "redemptions", "links", "mentions", "audited", "memories"),
        init=False,
        repr=False,
    )

    def __bool__(self) -> bool:
        return any(getattr(self, part) for part in self.parts)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; times are ISO 8601 in UTC, amounts in minor units."""
        told: dict[str, Any] = {"platform": self.platform, "viewer_id": self.viewer_id}
        told["names"] = list(self.names)
        return told | {part: [dict(one) for one in getattr(self, part)] for part in self.parts}
