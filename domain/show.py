"""The show: lives, products, segments, offers, codes and grants."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.money import Money


class LiveState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Live:
    """One show. Times are aware UTC; `ends_at` is the plan, `closed_at` what happened."""

    id: int
    title: str
    language: str
    timezone: str
    state: LiveState
    channels: tuple[str, ...]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold. `reference_price` is the lowest price of the last 30 days, None if unknown.

    `stock` is the number of pieces left, None if the shop does not say.
    """

    sku: str
    name: str
    price: Money
    aliases: tuple[str, ...] = ()
    reference_price: Money | None = None
    stock: int | None = None
    url: str = ""


class OfferKind(StrEnum):
    SHARED = "shared"
    UNIQUE = "unique"


class Mechanic(StrEnum):
    OPEN = "open"
    HAND = "hand"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Discount:
    """Either `percent` (1-100) off, or `amount` off; exactly one is set."""

    percent: int | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion of one live. `quantity` None means as many as there are codes.

    `skus` empty means every product. `shared_code` is set for a shared offer only.
    """

    id: int
    live_id: int
    kind: OfferKind
    mechanic: Mechanic
    discount: Discount
    quantity: int | None = None
    skus: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    shared_code: str | None = None


class CodeState(StrEnum):
    CREATED = "created"
    GRANTED = "granted"
    REDEEMED = "redeemed"
    DEAD = "dead"


class DeliveryState(StrEnum):
    """How far a grant is on its way. `owed`: not yet; `unsure`: sent, and nobody said it arrived."""

    OWED = "owed"
    DELIVERED = "delivered"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Claim:
    """A viewer's wish for a code under an offer, by one message."""

    platform: str
    viewer_id: str
    viewer_name: str
    channel: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A code given to a viewer under an offer. `code` is a secret when the offer is unique."""

    id: int
    offer_id: int
    platform: str
    viewer_id: str
    viewer_name: str
    channel: str
    message_id: str
    code: str
    granted_at: datetime
    delivery: DeliveryState

    def __repr__(self) -> str:
        return f"Grant(id={self.id}, offer_id={self.offer_id}, viewer={self.platform}:{self.viewer_id})"


class ClaimResult(StrEnum):
    """What became of a claim."""

    GRANTED = "granted"
    HELD = "held"
    EXHAUSTED = "exhausted"
