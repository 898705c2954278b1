"""A shop order that carries a code of ours, and what it is worth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.money import Money
from domain.shop import OrderState
from domain.show import Grant, Live, Offer, OfferKind

CLOCK_SKEW = timedelta(minutes=5)


class Verdict(StrEnum):
    VALID = "valid"
    AFTER_THE_LIVE = "after_the_live"
    NEVER_GRANTED = "never_granted"
    OVER_USED = "over_used"
    OTHER_CUSTOMER = "other_customer"


@dataclass(frozen=True, slots=True)
class Redemption:
    """A use of `code` by an order. `ordered_at` is aware UTC, by the shop's clock.

    `total` is the order's, of which `refunded` was given back. `customer` is a pseudonym, None for a guest.
    `version` grows with every change of the order.
    """

    shop: str
    order_id: str
    code: str
    discount: Money
    total: Money
    ordered_at: datetime
    state: OrderState = OrderState.PLACED
    customer: str | None = None
    refunded: Money | None = None
    version: int = 0

    def __repr__(self) -> str:
        return f"Redemption(shop={self.shop!r}, order_id={self.order_id!r}, state={self.state.value!r})"


@dataclass(frozen=True, slots=True)
class CodeHistory:
    """What is known of the code when an order with it arrives.

    `grants`: whom the code was given to (one at most when unique). `uses_before`: earlier orders with this
    code that still count. `allowed_uses`: None means one for a unique code, without limit for a shared one.
    `customer`: who the code is for, in the shop's words, None when the shop does not say.
    """

    live: Live
    offer: Offer
    grants: tuple[Grant, ...]
    uses_before: int = 0
    allowed_uses: int | None = None
    customer: str | None = None


def decide_verdict(redemption: Redemption, history: CodeHistory, grace: timedelta) -> Verdict:
    """Whether the order keeps the rules of the live; the first broken rule is named.

    A code typed in time may be paid up to `grace` after the end. The shop's clock may differ from ours by
    `CLOCK_SKEW`, which is settled in the customer's favour.
    """
    at = redemption.ordered_at
    if not _was_given(history, at + CLOCK_SKEW):
        return Verdict.NEVER_GRANTED
    end = history.live.closed_at or history.live.ends_at
    if end is not None and at > end + grace + CLOCK_SKEW:
        return Verdict.AFTER_THE_LIVE
    if history.uses_before >= _allowed(history):
        return Verdict.OVER_USED
    if None not in (history.customer, redemption.customer) and history.customer != redemption.customer:
        return Verdict.OTHER_CUSTOMER
    return Verdict.VALID


def _was_given(history: CodeHistory, at: datetime) -> bool:
    """A unique code needs a grant before the order; a shared one was on the screen since the opening."""
    if history.offer.kind is OfferKind.UNIQUE:
        return any(grant.granted_at <= at for grant in history.grants)
    opened_at = history.live.opened_at
    return opened_at is not None and opened_at <= at


def _allowed(history: CodeHistory) -> float:
    if history.allowed_uses is not None:
        return history.allowed_uses
    return 1 if history.offer.kind is OfferKind.UNIQUE else float("inf")
