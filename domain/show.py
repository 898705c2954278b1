"""The show: lives, products, segments, offers, codes and grants."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.chat import Role
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

    `stock` is the number of pieces left, None if the shop does not say. `picture` is its address on the web.
    """

    sku: str
    name: str
    price: Money
    aliases: tuple[str, ...] = ()
    reference_price: Money | None = None
    stock: int | None = None
    url: str = ""
    picture: str = ""


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

    `skus` empty means every product. `shared_code` is set for a shared offer only; while it `is_due` it is
    not in the shop yet, and nobody is told it. From `dies_at` on its codes are dead in the shop, whatever the
    live does.
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
    is_due: bool = False
    dies_at: datetime | None = None


class CodeState(StrEnum):
    """`drawn`: not in the shop yet, and given to nobody; `created`: it works there."""

    DRAWN = "drawn"
    CREATED = "created"
    GRANTED = "granted"
    REDEEMED = "redeemed"
    DEAD = "dead"


class DeliveryState(StrEnum):
    """How far a grant is on its way. `owed`: not yet; `unsure`: sent, and nobody said it arrived;
    `refused`: the platform never lets it through, the viewer finds it on the claim page alone."""

    OWED = "owed"
    DELIVERED = "delivered"
    UNSURE = "unsure"
    REFUSED = "refused"


class DeliveryWay(StrEnum):
    """How a code reaches its viewer. `chat`: said in public, a shared one only; `reply`: a private reply,
    once for each message of theirs, and the platform refuses a second one; `whisper`: a private message,
    never sure; `page`: the claim page."""

    CHAT = "chat"
    REPLY = "reply"
    WHISPER = "whisper"
    PAGE = "page"


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


@dataclass(frozen=True, slots=True)
class ClaimOutcome:
    """A claim's result. `grant` is the viewer's grant, new or held; None when exhausted."""

    claim: Claim
    result: ClaimResult
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class OfferCounts:
    """How an offer stands. `codes` are those created or imported for it (0 for a shared offer).

    `left` is how many more viewers it can serve; None means without bound.
    """

    codes: int
    granted: int
    owed: int
    left: int | None


@dataclass(frozen=True, slots=True)
class AnnouncedPrice:
    """A price said in a channel, kept as evidence of what viewers were told."""

    live_id: int
    channel: str
    sku: str
    price: Money
    reference_price: Money | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PricePoint:
    """What a product cost, and its reference price, from `at` on."""

    price: Money
    reference_price: Money | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """A command a viewer typed, in the role they had. `live_id` is None outside a live."""

    live_id: int | None
    channel: str
    message_id: str
    platform: str
    viewer_id: str
    viewer_name: str
    role: Role
    command: str
    argument: str
    at: datetime
