"""What the overlay shows over the video: the product on screen, its price, the offer, what is left."""

from dataclasses import dataclass
from datetime import UTC, datetime

from commands.money import say_money, say_percent
from domain.chat import Role
from domain.claim_rules import claimable
from domain.price_rules import PriceKind, PriceLine, decide_price
from domain.show import Live, Mechanic, Offer, Product
from store.database import Database


@dataclass(frozen=True, slots=True)
class Shown:
    """One state of the overlay; texts in the live's language. `ends_at` is aware UTC."""

    product: str = ""
    price: str = ""
    percent: str = ""
    reference: str = ""
    is_with_code: bool = False
    is_sold_out: bool = False
    has_offer: bool = False
    left: int | None = None
    ends_at: datetime | None = None


def shown_of(database: Database, live_id: int) -> Shown | None:
    """What the overlay of a live shows now; None when there is no such live."""
    now = datetime.now(UTC)
    with database.unit(read_only=True) as unit:
        live = unit.lives.get(live_id)
        if live is None:
            return None
        offers = claimable(live, unit.offers.list(live.id), now, Role.VIEWER)
        left = {offer.id: unit.offers.left(offer.id) for offer in offers}
        sku = unit.segments.on_screen(live.id)
        product = unit.products.get(sku) if sku else None
    running = [offer for offer in offers if offer.mechanic is not Mechanic.HAND and left[offer.id] != 0]
    first = running[0] if running else None
    line = _line(product, running)
    return Shown(
        product=product.name if product else "",
        price=say_money(line.price, live.language) if line else "",
        percent=say_percent(line.off_percent, live.language) if line and line.reference else "",
        reference=say_money(line.reference, live.language) if line and line.reference else "",
        is_with_code=bool(line and line.kind is PriceKind.WITH_CODE),
        is_sold_out=bool(product and product.stock == 0),
        has_offer=first is not None,
        left=left[first.id] if first else None,
        ends_at=_ends_at(live, first),
    )


def _line(product: Product | None, running: list[Offer]) -> PriceLine | None:
    if product is None:
        return None
    return decide_price(product, [offer for offer in running if offer.mechanic is Mechanic.OPEN])


def _ends_at(live: Live, offer: Offer | None) -> datetime | None:
    ends = [moment for moment in (live.ends_at, offer.ends_at if offer else None) if moment is not None]
    return min(ends, default=None) if offer else None
