"""Until when codes work in the shop: a little ahead while the live is open, never past its end and grace."""

from datetime import datetime, timedelta

from domain.shop import ShopOffer
from domain.show import Live, LiveState, Offer, OfferKind


def may_open_soon(live: Live, now: datetime, lease: timedelta) -> bool:
    """Whether a planned live is so near that its codes are to work already: nobody knows them yet."""
    return live.state is LiveState.PLANNED and live.starts_at is not None and live.starts_at - now < lease / 2


def lease_end(live: Live, offer: Offer, now: datetime, lease: timedelta, grace: timedelta) -> datetime:
    """The end that the offer's codes carry in the shop from `now` on."""
    begins = now
    if live.state is LiveState.PLANNED and live.starts_at is not None:
        begins = max(now, live.starts_at)
    last = last_moment(live, offer, grace)
    return begins + lease if last is None else min(begins + lease, last)


def last_moment(live: Live, offer: Offer, grace: timedelta) -> datetime | None:
    """When the offer's codes are dead at the latest, as far as it is known."""
    ends = live.closed_at or live.ends_at
    times = [time for time in (offer.dies_at, None if ends is None else ends + grace) if time is not None]
    return min(times, default=None)


def must_end(live: Live, offer: Offer, now: datetime, grace: timedelta) -> bool:
    """Whether the offer's codes are to be ended in the shop: it was killed, or its live is over."""
    if offer.dies_at is not None and offer.dies_at <= now:
        return True
    is_over = live.state in (LiveState.CLOSING, LiveState.CLOSED)
    return is_over and live.closed_at is not None and live.closed_at + grace <= now


def in_the_shop(live: Live, offer: Offer, until: datetime) -> ShopOffer:
    """The offer as its shop needs it, its codes working until `until`."""
    is_unique = offer.kind is OfferKind.UNIQUE
    starts_at = live.starts_at if live.state is LiveState.PLANNED else None
    if starts_at is not None and starts_at >= until:
        starts_at = None
    return ShopOffer(
        name=f"bateleur-{live.id}-{offer.id}",
        title=f"{live.title} · {offer.id}",
        discount=offer.discount,
        skus=offer.skus,
        uses=1 if is_unique else offer.quantity,
        starts_at=starts_at,
        until=until,
    )
