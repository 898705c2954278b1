"""What the page of tonight reads from the store, as one value that can be compared with the last."""

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.chat import Role
from domain.claim_rules import claimable, live_refusal
from domain.show import Live, LiveState, Offer, Product
from store.unit import UnitOfWork

_ORDER = {LiveState.OPEN: 0, LiveState.PLANNED: 1}


@dataclass(frozen=True, slots=True)
class Running:
    """An offer from which codes are given now. `left` None: without bound."""

    offer: Offer
    granted: int
    left: int | None


@dataclass(frozen=True, slots=True)
class Tonight:
    """The live that is on, or is planned next. `others` are on too. `products` are those to be shown, in
    order: the live's own, else the ones its offers name, else all."""

    live: Live
    others: tuple[Live, ...]
    is_open: bool
    product: Product | None
    products: tuple[Product, ...]
    running: tuple[Running, ...]
    granted: int
    undelivered: int

    def neighbour(self, step: int) -> Product | None:
        """The product so many places after the one on screen, round and round; None without products."""
        if not self.products:
            return None
        skus = [product.sku for product in self.products]
        if self.product is None or self.product.sku not in skus:
            return self.products[0 if step > 0 else -1]
        return self.products[(skus.index(self.product.sku) + step) % len(skus)]


def look(unit: UnitOfWork, wanted: int | None = None) -> Tonight | None:
    """How the live that is on stands now, the `wanted` one if it is; None when none is on or planned."""
    lives = sorted((live for live in unit.lives.list() if live.state in _ORDER), key=_soonest)
    if not lives:
        return None
    live = next((one for one in lives if one.id == wanted), lives[0])
    others = [one for one in lives if one.id != live.id]
    now = datetime.now(UTC)
    offers = unit.offers.list(live.id)
    running = claimable(live, offers, now, Role.MODERATOR)
    granted, undelivered = unit.grants.count(live.id)
    sku = unit.segments.on_screen(live.id)
    return Tonight(
        live=live,
        others=tuple(one for one in others if one.state is LiveState.OPEN),
        is_open=live_refusal(live, now) is None,
        product=unit.products.get(sku) if sku else None,
        products=_to_show(unit, live, offers),
        running=tuple(_running(unit, offer) for offer in running),
        granted=granted,
        undelivered=undelivered,
    )


def _running(unit: UnitOfWork, offer: Offer) -> Running:
    counts = unit.offers.counts(offer.id)
    return Running(offer, counts.granted, counts.left)


def _to_show(unit: UnitOfWork, live: Live, offers: list[Offer]) -> tuple[Product, ...]:
    named = unit.live_products.of(live.id) or tuple(
        dict.fromkeys(sku for offer in offers for sku in offer.skus)
    )
    found = unit.products.some(named)
    return tuple(found[sku] for sku in named if sku in found) or tuple(unit.products.list())


def _soonest(live: Live) -> tuple[int, float, int]:
    starts = live.starts_at.timestamp() if live.starts_at else 0.0
    return _ORDER[live.state], starts, live.id
