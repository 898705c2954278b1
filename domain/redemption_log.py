"""The marketers' log: which redemptions are wanted, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Refusal
from domain.redemption import Redemption, Verdict
from domain.shop import OrderState
from domain.show import Ask, DeliveryState, DeliveryWay, Grant, Live, Mechanic, Offer, Product

NOWHERE = ""
"""The channel, or the product, of a redemption for which none is known: nobody asks for a shared code."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which redemptions are wanted; None leaves a thing open. All that is given must hold.

    Orders from `since` (included) until `until` (not included), aware UTC. `search` finds what an order's
    number, the viewer's name or a word of either begins with; at least `SHORTEST_SEARCH` characters. Names
    are searched only when `is_by_name`.
    """

    live_id: int | None = None
    channel: str | None = None
    sku: str | None = None
    offer_id: int | None = None
    mechanic: Mechanic | None = None
    verdict: Verdict | None = None
    state: OrderState | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""
    is_by_name: bool = True


@dataclass(frozen=True, slots=True)
class MaySee:
    """What is shown whole to whoever looks; the rest is masked."""

    codes: bool = False
    viewers: bool = True


class SortBy(StrEnum):
    """What a page may be sorted by. `net`: what the order left, refunds taken off."""

    ORDERED_AT = "ordered_at"
    DISCOUNT = "discount"
    TOTAL = "total"
    NET = "net"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended or began: the sorted value of a row, and its id."""

    value: datetime | int
    id: int


@dataclass(frozen=True, slots=True)
class PageWish:
    """One page of the log. Neither `after` nor `before`: the first; `is_last`: the last."""

    by: SortBy = SortBy.ORDERED_AT
    is_descending: bool = True
    size: int = 50
    after: Place | None = None
    before: Place | None = None
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class LogRow:
    """A redemption as the log lists it. `net` is in minor units of the order's currency.

    Its code and its viewer are masked for those who may not see them. `channel` and `sku` may be `NOWHERE`.
    """

    id: int
    redemption: Redemption
    verdict: Verdict
    net: int
    live_id: int
    offer_id: int
    mechanic: Mechanic
    channel: str
    sku: str
    viewer: str | None
    platform: str | None
    granted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What some redemptions come to. Money is in minor units of one currency, of orders that were not
    cancelled; an order with two of our codes is one order. `net` is `total` less `refunded`."""

    rows: int = 0
    orders: int = 0
    discount: int = 0
    total: int = 0
    refunded: int = 0
    net: int = 0


@dataclass(frozen=True, slots=True)
class LogTotals:
    """All that a filter finds: by currency, and by (verdict, currency)."""

    by_currency: Mapping[str, Sums]
    by_verdict: Mapping[tuple[Verdict, str], Sums]

    @property
    def rows(self) -> int:
        """How many redemptions."""
        return sum(sums.rows for sums in self.by_currency.values())

    @property
    def orders(self) -> int:
        """How many orders."""
        return sum(sums.orders for sums in self.by_currency.values())


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some rows in the order that was wished, and what all that is wanted comes to.

    `next` and `previous` are where to go on from either end; None: nothing is there.
    """

    rows: tuple[LogRow, ...]
    totals: LogTotals
    next: Place | None = None
    previous: Place | None = None


class ShareBy(StrEnum):
    """By what the net revenue is shared out."""

    CHANNEL = "channel"
    PRODUCT = "product"
    OFFER = "offer"
    MECHANIC = "mechanic"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Share:
    """What one channel, product, offer, mechanic or live brought; `key` is its id as text."""

    key: str
    currency: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class LogChoices:
    """What can be filtered by: channels and products that redemptions came from."""

    channels: tuple[str, ...]
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """How one redemption came about. `ask` and `grant` are None for a code that nobody was given.

    `others` are the further redemptions of the same order or of the same code.
    """

    row: LogRow
    live: Live
    offer: Offer
    product: Product | None
    grant: Grant | None
    ask: Ask | None
    delivery: DeliveryState | None
    delivery_way: DeliveryWay | None
    delivery_at: datetime | None
    seen_at: datetime
    others: tuple[LogRow, ...]


class SearchTooWide(Refusal):
    """What is searched for begins a good part of the log: more of it must be typed."""


SHORTEST_SEARCH = 3
"""Characters below which a search would find a good part of the log."""
MOST_FOUND = 20_000
"""Redemptions beyond which a search must be narrowed: more is no search any longer."""


HIDDEN = "•••"


def masked_code(code: str) -> str:
    """A code of which only the last two characters can be read."""
    return "•" * max(0, len(code) - 2) + code[-2:]


def net_of(total: int, refunded: int, state: OrderState) -> int:
    """What an order leaves, in the units of `total`: nothing when it was cancelled, and never less than that,
    though more may be given back than was paid."""
    return 0 if state is OrderState.CANCELLED else max(0, total - refunded)


def product_sold(offer: Offer, on_screen: str | None) -> str:
    """The SKU that a redemption counts for: the offer's only one, else what was on screen at the time, if the
    offer is good for it; else `NOWHERE`."""
    if len(offer.skus) == 1:
        return offer.skus[0]
    if on_screen is not None and (not offer.skus or on_screen in offer.skus):
        return on_screen
    return NOWHERE


def hour_of(at: datetime) -> int:
    """The hour of `at`, counted from 1970."""
    return int(at.timestamp()) // 3600


def is_whole_hour(at: datetime) -> bool:
    """Whether `at` is the first moment of an hour of UTC."""
    return at == at.replace(minute=0, second=0, microsecond=0) and at.utcoffset() == timedelta(0)
