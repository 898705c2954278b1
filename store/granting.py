"""What granting needs of an engine, and the words both engines share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.show import Claim, DeliveryState, Grant, LiveState, OfferKind

Key = tuple[str, str]
"""A viewer: platform and the platform's id."""

FreeCode = tuple[int, str]
Pair = tuple[Claim, int | None, str]
"""A claim, the id of the code it gets (None for a shared one), and the code."""


@dataclass(frozen=True, slots=True)
class Head:
    """An offer as it is now, locked so that it cannot end or run out before we commit."""

    kind: OfferKind
    remaining: int | None
    shared_code: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    live_state: LiveState

    def takes_claims(self, now: datetime) -> bool:
        """Whether a new grant may be made at `now`."""
        if self.ended_at is not None or self.live_state in (LiveState.CLOSING, LiveState.CLOSED):
            return False
        has_started = self.starts_at is None or self.starts_at <= now
        return has_started and (self.ends_at is None or now < self.ends_at)


class Engine(Protocol):
    """The statements of granting, set-based, in one engine's SQL."""

    def head_locked(self, offer_id: int, *, is_bounded: bool) -> Head | None:
        """The offer, kept from ending; one bounded by a quantity is kept for ourselves alone."""

    def held(self, offer_id: int, keys: Sequence[Key]) -> list[Grant]:
        """The grants of those viewers who have one already."""

    def free_codes_locked(self, offer_id: int, count: int, *, wait: bool) -> list[FreeCode]:
        """Up to `count` free codes in id order. Without `wait`, others' locked ones are passed over."""

    def insert(self, offer_id: int, pairs: Sequence[Pair], now: datetime) -> dict[Key, int]:
        """The grant ids of the viewers who had none; those granted meanwhile are missing."""

    def spend(self, offer_id: int, code_ids: Sequence[int]) -> None:
        """Mark codes as granted."""

    def take(self, offer_id: int, count: int) -> None:
        """Count the offer's quantity down."""


def grant_from(words: Sequence[Any], granted_at: datetime, delivery: str) -> Grant:
    """The grant whose `words` are its fields up to the code, in order."""
    id, offer_id, platform, viewer_id, viewer_name, channel, message_id, code = words
    state = DeliveryState(delivery)
    return Grant(id, offer_id, platform, viewer_id, viewer_name, channel, message_id, code, granted_at, state)
