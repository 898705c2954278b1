"""What the claim page of one viewer shows. Reads the store; decides nothing that it does not show."""

from dataclasses import dataclass
from datetime import UTC, datetime

from commands.money import say_money, say_percent
from domain.show import DeliveryState, DeliveryWay, Live, LiveState, Offer
from store.database import Database
from store.unit import UnitOfWork


@dataclass(frozen=True, slots=True)
class ShownCode:
    """One code of the viewer's. `ends_at` is aware UTC, None without a plan."""

    code: str
    discount: str
    products: tuple[str, ...]
    ends_at: datetime | None
    is_over: bool


def find_live(database: Database, live_id: int) -> Live | None:
    """The live, or None."""
    with database.unit(read_only=True) as unit:
        return unit.lives.get(live_id)


def codes_of(database: Database, live: Live, platform: str, viewer_id: str, language: str) -> list[ShownCode]:
    """The viewer's codes in the live; that they are shown is noted as their delivery."""
    with database.unit(read_only=True) as unit:
        grants = unit.grants.of_viewer(live.id, platform, viewer_id)
        offers = {offer.id: offer for offer in unit.offers.list(live.id)} if grants else {}
        shown = [_shown(unit, live, offers[grant.offer_id], grant.code, language) for grant in grants]
    news = [grant.id for grant in grants if grant.delivery is not DeliveryState.DELIVERED]
    if news:
        database.run(
            lambda unit: unit.grants.mark(news, DeliveryState.DELIVERED, datetime.now(UTC), DeliveryWay.PAGE)
        )
    return shown


def _shown(unit: UnitOfWork, live: Live, offer: Offer, code: str, language: str) -> ShownCode:
    discount = offer.discount
    words = say_percent(discount.percent, language) if discount.percent else ""
    if discount.amount is not None:
        words = say_money(discount.amount, language)
    names = [product.name for sku in offer.skus if (product := unit.products.get(sku)) is not None]
    ends = [moment for moment in (live.ends_at, offer.ends_at, offer.ended_at) if moment is not None]
    ends_at = min(ends, default=None)
    is_over = live.state is LiveState.CLOSED or (ends_at is not None and ends_at <= datetime.now(UTC))
    return ShownCode(code, words, tuple(names), ends_at, is_over)
