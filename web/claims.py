"""What the claim page of one viewer shows. Reads the store; decides nothing that it does not show."""

from dataclasses import dataclass
from datetime import UTC, datetime

from commands.money import say_money, say_percent
from domain.show import DeliveryState, DeliveryWay, Grant, Live, LiveState, Offer
from store.database import Database


@dataclass(frozen=True, slots=True)
class Claimed:
    """One grant of the viewer's, with all that is shown of it."""

    live: Live
    grant: Grant
    offer: Offer
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A live, and what the viewer has in it."""

    live: Live
    claims: tuple[Claimed, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownCode:
    """One code in the words of a language. `ends_at` is aware UTC, None without a plan."""

    code: str
    discount: str
    products: tuple[str, ...]
    ends_at: datetime | None
    is_over: bool


def find_live(database: Database, live_id: int) -> Live | None:
    """The live, or None."""
    with database.unit(read_only=True) as unit:
        return unit.lives.get(live_id)


def claimed(database: Database, live_id: int, viewer: tuple[str, str] | None) -> Found | None:
    """The live and what `viewer` (platform, id) has in it; None when there is no such live.

    What is about to be shown for the first time is noted as delivered by the page.
    """
    with database.unit(read_only=True) as unit:
        live = unit.lives.get(live_id)
        if live is None or viewer is None:
            return Found(live) if live else None
        claims = []
        for grant in unit.grants.of_viewer(live.id, *viewer):
            offer = unit.offers.get(grant.offer_id)
            if offer is not None:
                products = [unit.products.get(sku) for sku in offer.skus]
                claims.append(Claimed(live, grant, offer, tuple(p.name for p in products if p is not None)))
    news = [one.grant.id for one in claims if one.grant.delivery is not DeliveryState.DELIVERED]
    if news:
        database.run(
            lambda unit: unit.grants.mark(news, DeliveryState.DELIVERED, datetime.now(UTC), DeliveryWay.PAGE)
        )
    return Found(live, tuple(claims))


def shown_code(one: Claimed, language: str) -> ShownCode:
    """What the page shows of a grant."""
    discount = one.offer.discount
    words = say_percent(discount.percent, language) if discount.percent else ""
    if discount.amount is not None:
        words = say_money(discount.amount, language)
    ends = [
        moment for moment in (one.live.ends_at, one.offer.ends_at, one.offer.ended_at) if moment is not None
    ]
    ends_at = min(ends, default=None)
    is_over = one.live.state is LiveState.CLOSED or (ends_at is not None and ends_at <= datetime.now(UTC))
    return ShownCode(one.grant.code, words, one.products, ends_at, is_over)
