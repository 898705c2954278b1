"""What crosses between us and a retailer's shop. Money is in minor units, times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.money import Money
from domain.show import Discount


@dataclass(frozen=True, slots=True)
class ShopOffer:
    """An offer as its shop needs it. `name` marks what is ours in the shop, such as `bateleur-7-12`.

    `uses` is how many orders may carry each of its codes, None without bound. The codes work from
    `starts_at` (None: at once) until `until`, the end of their lease.
    """

    name: str
    title: str
    discount: Discount
    skus: tuple[str, ...]
    uses: int | None
    starts_at: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class ShopCode:
    """A code in the shop. `shop_id` is the shop's id of what carries it; several codes may share one.
    The code is a secret."""

    code: str
    shop_id: str

    def __repr__(self) -> str:
        return f"ShopCode(shop_id={self.shop_id!r})"


@dataclass(frozen=True, slots=True)
class CodeMade:
    """What became of one code: `shop_id` when it is in the shop, else `why` not, in one sentence."""

    code: str
    shop_id: str | None
    why: str = ""

    def __repr__(self) -> str:
        return f"CodeMade(shop_id={self.shop_id!r}, why={self.why!r})"


class OrderState(StrEnum):
    """`refunded`: all of it; a partial refund leaves an order placed."""

    PLACED = "placed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class CodeUse:
    """A code on an order, in the shop's spelling, and what it took off, tax included."""

    code: str
    discount: Money

    def __repr__(self) -> str:
        return f"CodeUse(discount={self.discount!r})"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the shop, without the person: `customer` is a pseudonym, None when nobody can tell.

    `total` is what was to be paid, tax and shipping included; `refunded` of it was given back so far.
    `version` grows with every change, by the shop's own count: of two, the greater is the newer. Times are
    by the shop's clock.
    """

    id: str
    uses: tuple[CodeUse, ...]
    total: Money
    refunded: Money
    state: OrderState
    ordered_at: datetime
    version: int
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Orders that changed, the oldest change first. All changes before `read_until` have been given."""

    orders: tuple[Order, ...]
    read_until: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A genuine webhook. `key` is equal for repeats of one delivery and for nothing else.

    `orders` came whole; those of `order_ids` must be looked up. Both empty: a ping, or nothing of ours.
    """

    key: str
    orders: tuple[Order, ...] = ()
    order_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Traffic:
    """Calls to a shop since the start, each try. `failed`: not reached, too slow, broken or refused."""

    calls: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class ShopTraits:
    """What a shop can do, as data. `codes_per_s` is how many codes' ends it can move in a second, all the
    time, beside its customers; None when one call moves them all. `sentence` tells the operator how the
    codes' lease works there."""

    codes_per_s: float | None
    has_start: bool
    has_orders: bool
    sentence: str


def lease_for(codes: int, traits: ShopTraits, least: timedelta) -> timedelta:
    """How far ahead the end of so many codes is kept: `least`, or as long as it takes to move them all three
    times when the shop is slower than that."""
    if traits.codes_per_s is None:
        return least
    return max(least, timedelta(seconds=3 * codes / traits.codes_per_s))


def version_at(changed_at: datetime) -> int:
    """The version of an order whose shop tells only when it changed: milliseconds since 1970."""
    return int(changed_at.timestamp() * 1000)
