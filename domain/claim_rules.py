"""May this viewer have a code now? Pure decisions; None means yes, a key names the refusal's text."""

from collections.abc import Iterable
from datetime import datetime

from domain.chat import Role
from domain.show import Live, LiveState, Mechanic, Offer, OfferKind

_FOR_VIEWERS = (Mechanic.DROP, Mechanic.OPEN, Mechanic.HAND)
_BY_HAND = (Mechanic.HAND, Mechanic.OPEN, Mechanic.DROP)


def live_refusal(live: Live | None, now: datetime) -> str | None:
    """Why nobody gets a code of this live at `now`: `code.before`, `code.after`, or None."""
    if live is None or live.state is LiveState.PLANNED:
        return "code.before"
    if live.state is not LiveState.OPEN or (live.ends_at is not None and now >= live.ends_at):
        return "code.after"
    return None


def may_claim(live: Live | None, offer: Offer | None, now: datetime, role: Role) -> str | None:
    """Why someone of `role` gets no code of `offer` at `now`, or None: they may have one.

    Keys: `code.before`, `code.after` for the live, `code.none`, `code.soon`, `code.over`, `code.hand` for the
    offer.
    """
    refusal = live_refusal(live, now)
    if refusal is not None:
        return refusal
    if offer is None or live is None or offer.live_id != live.id:
        return "code.none"
    if offer.ended_at is not None or (offer.ends_at is not None and now >= offer.ends_at):
        return "code.over"
    if offer.is_due or (offer.starts_at is not None and now < offer.starts_at):
        return "code.soon"
    if offer.mechanic is Mechanic.HAND and role < Role.MODERATOR:
        return "code.hand"
    return None


def claimable(live: Live | None, offers: Iterable[Offer], now: datetime, role: Role) -> list[Offer]:
    """The offers a code may come from, in the order to try, newest first within each mechanic.

    A viewer's own wish goes to drops, then open offers; a moderator gives from those kept in hand first.
    """
    may = [offer for offer in offers if may_claim(live, offer, now, role) is None]
    order = _FOR_VIEWERS if role < Role.MODERATOR else _BY_HAND
    return sorted(may, key=lambda offer: (order.index(offer.mechanic), -offer.id))


def claim_refusal(live: Live | None, offers: Iterable[Offer], now: datetime, role: Role) -> str:
    """What to say to someone who may claim from none of `offers`: the reason closest to a yes."""
    reasons = {may_claim(live, offer, now, role) for offer in offers} - {None}
    if not reasons:
        return live_refusal(live, now) or "code.none"
    closest = ("code.before", "code.after", "code.hand", "code.soon", "code.over")
    return next((reason for reason in closest if reason in reasons), "code.none")


def drop_source(live: Live | None, offers: Iterable[Offer], now: datetime) -> Offer | None:
    """The offer whose codes a drop gives away: one kept in hand before an open one, unique before shared."""
    running = [
        offer
        for offer in offers
        if offer.mechanic is not Mechanic.DROP and may_claim(live, offer, now, Role.MODERATOR) is None
    ]
    kinds = {OfferKind.UNIQUE: 0, OfferKind.SHARED: 1}
    return min(running, key=lambda o: (o.mechanic is not Mechanic.HAND, kinds[o.kind], -o.id), default=None)


def running_drops(live: Live | None, offers: Iterable[Offer], now: datetime) -> list[Offer]:
    """The drops that may be claimed from at `now`."""
    return [offer for offer in claimable(live, offers, now, Role.VIEWER) if offer.mechanic is Mechanic.DROP]


def expired_drops(offers: Iterable[Offer], now: datetime) -> list[Offer]:
    """The drops whose time is over and that nobody has ended yet."""
    return [
        offer
        for offer in offers
        if offer.mechanic is Mechanic.DROP
        and offer.ended_at is None
        and offer.ends_at is not None
        and now >= offer.ends_at
    ]


def is_source_of(offer: Offer, drop: Offer) -> bool:
    """Whether `drop` may give its unclaimed codes back to `offer`: the shop sees no difference."""
    return (
        offer.mechanic is not Mechanic.DROP
        and offer.ended_at is None
        and (offer.live_id, offer.kind, offer.discount, offer.skus)
        == (drop.live_id, drop.kind, drop.discount, drop.skus)
    )
