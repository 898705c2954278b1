"""What a live was, in figures; and how far small figures may be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.redemption import Verdict
from domain.show import Live, Offer


@dataclass(frozen=True, slots=True)
class Takings:
    """What orders brought in one currency, in minor units: `paid`, of which `refunded` was given back."""

    orders: int
    paid: int
    refunded: int

    @property
    def net(self) -> int:
        """What is left after refunds, in minor units."""
        return self.paid - self.refunded


@dataclass(frozen=True, slots=True)
class Steps:
    """How far viewers came, each of them counted once: `viewers` wrote a command, `askers` of them asked for
    a code, `holders` were given one, `own_holders` of those one of their own, and `buyers` of those used it
    in an order that stands and keeps the rules. Whoever was given a code counts as having asked for it.

    None is what nobody can tell: a command is not written under an offer, so that the steps of an offer begin
    with its holders. `questions` and `orders` count more than one a viewer. `orders` and `takings` include
    `shared_orders`: those by a shared code, which tells nobody who used it.
    """

    viewers: int | None = 0
    questions: int | None = 0
    askers: int | None = 0
    holders: int = 0
    own_holders: int = 0
    buyers: int = 0
    orders: int = 0
    shared_orders: int = 0
    takings: Mapping[str, Takings] = field(default_factory=dict)

    @property
    def known_buyers(self) -> int | None:
        """The buyers; None where only shared codes were given, of which nobody can tell who used them."""
        is_told = self.own_holders > 0 or not (self.holders or self.shared_orders)
        return self.buyers if is_told else None

    @property
    def is_empty(self) -> bool:
        """True when nothing happened."""
        return not (self.viewers or self.holders or self.orders)


@dataclass(frozen=True, slots=True)
class Part:
    """The steps of a part of a live: a channel, a product, a mechanic. `name` is for people; `key` is empty
    for what belongs to none of them."""

    key: str
    name: str
    steps: Steps


@dataclass(frozen=True, slots=True)
class OfferPart:
    """The steps of one offer."""

    offer: Offer
    steps: Steps


@dataclass(frozen=True, slots=True)
class Judged:
    """The uses of codes by orders that stand which got one verdict, and what those orders brought."""

    verdict: Verdict
    uses: int
    takings: Mapping[str, Takings]


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened in one minute or one second, from `at` on (aware UTC). `orders` keep the rules."""

    at: datetime
    questions: int = 0
    grants: int = 0
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A product on screen, from `at` to `until` (aware UTC; None: until the end)."""

    sku: str
    name: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Brief:
    """What a live came to, for a list of lives: codes given, valid orders, and what these left after refunds,
    in minor units by currency."""

    grants: int = 0
    orders: int = 0
    net: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveReport:
    """A live in all, and by channel, product on screen, mechanic and offer. Nobody is named in it.

    A viewer counts in every channel they wrote in, and for every product they wrote about while it was on
    screen, so that parts may add up to more than the whole. An order belongs to the channel and the product
    of its code's grant; one by a shared code to no channel, and to the product on screen when it was placed.
    `moments` in which something happened are `step` long: a minute, a second in a very short live.
    """

    live: Live
    whole: Steps
    by_channel: tuple[Part, ...]
    by_product: tuple[Part, ...]
    by_mechanic: tuple[Part, ...]
    by_offer: tuple[OfferPart, ...]
    verdicts: tuple[Judged, ...]
    moments: tuple[Moment, ...]
    stretches: tuple[Stretch, ...]
    step: timedelta = timedelta(minutes=1)

    @property
    def is_empty(self) -> bool:
        """True when nobody asked, held or bought anything."""
        return self.whole.is_empty and not self.verdicts


class RateName(StrEnum):
    """`asked`: askers among viewers; `held`: holders among askers; `bought`: buyers among own holders."""

    ASKED = "asked"
    HELD = "held"
    BOUGHT = "bought"


def counts_of(steps: Steps, name: RateName) -> tuple[int, int] | None:
    """How many, of how many; None when it cannot be known or there was nobody."""
    part, whole = {
        RateName.ASKED: (steps.askers, steps.viewers),
        RateName.HELD: (steps.holders, steps.askers),
        RateName.BOUGHT: (steps.buyers, steps.own_holders),
    }[name]
    return (part, whole) if part is not None and whole else None
