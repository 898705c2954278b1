"""What the claim page of one viewer shows. Reads the store; decides nothing that it does not show."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from commands.money import say_money, say_percent
from domain.chat import Role
from domain.claim_rules import claim_refusal, claimable
from domain.show import DeliveryState, DeliveryWay, Grant, Live, LiveState, Offer, Product
from store.database import Database
from store.unit import UnitOfWork

FRESH_S = 1.0
AMONG = 500


@dataclass(frozen=True, slots=True)
class About:
    """What all viewers of a live have in common: its offers by number, their products by SKU, and the key of
    the text that says why somebody has no code."""

    live: Live
    offers: Mapping[int, Offer]
    products: Mapping[str, Product]
    why_none: str


@dataclass(frozen=True, slots=True)
class Found:
    """A live, and what the viewer was granted in it."""

    about: About
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What open pages of a live depend on: its newest grant, its state, and why somebody has no code."""

    newest: int = 0
    state: str = ""
    why_none: str = ""


@dataclass(frozen=True, slots=True)
class ShownCode:
    """One code in the words of a language. `ends_at` is aware UTC, None without a plan; `picture` is of the
    first of its products that has one."""

    code: str
    discount: str
    products: tuple[str, ...]
    ends_at: datetime | None
    is_over: bool
    picture: str = ""


def find_live(database: Database, live_id: int) -> Live | None:
    """The live, or None."""
    with database.unit(read_only=True) as unit:
        return unit.lives.get(live_id)


class Claims:
    """Reads what viewers claimed. What they have in common is read once a second, however many look."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._about: dict[int, tuple[float, About]] = {}
        self._seen: dict[int, Seen] = {}
        self._newest: dict[int, dict[tuple[str, str], int]] = {}

    def find(self, live_id: int, viewer: tuple[str, str] | None) -> Found | None:
        """The live and what `viewer` (platform, id) has in it; None when there is no such live.

        What is about to be shown for the first time is noted as delivered by the page.
        """
        with self._database.unit(read_only=True) as unit:
            about = self._known(live_id) or self._read(live_id, unit)
            if about is None or viewer is None:
                return Found(about) if about else None
            grants = unit.grants.of_viewer(live_id, *viewer)
        if any(grant.offer_id not in about.offers for grant in grants):
            self._about.pop(live_id, None)  # an offer was added this very second
            return self.find(live_id, viewer)
        news = [grant.id for grant in grants if grant.delivery is not DeliveryState.DELIVERED]
        if news:
            now = datetime.now(UTC)
            self._database.run(
                lambda unit: unit.grants.mark(news, DeliveryState.DELIVERED, now, DeliveryWay.PAGE)
            )
        return Found(about, tuple(grants))

    def look(self, live_id: int) -> Seen:
        """What changes when an open page of the live must."""
        with self._database.unit(read_only=True) as unit:
            about = self._read(live_id, unit)
            newest = unit.grants.newest(live_id)
            before = self._seen.get(live_id)
            # Several processes grant at once: a grant may be seen after one with a higher number.
            after = max(0, (before.newest if before else newest) - AMONG)
            granted = unit.grants.newest_of_each(live_id, after=after)
        self._newest.setdefault(live_id, {}).update(granted)
        seen = Seen(newest, about.live.state.value, about.why_none) if about else Seen()
        self._seen[live_id] = seen
        return seen

    def newest_of(self, live_id: int, viewer: tuple[str, str] | None) -> int:
        """The number of the newest grant that `look` has seen of a viewer; 0 before one."""
        return self._newest.get(live_id, {}).get(viewer, 0) if viewer else 0

    def _known(self, live_id: int) -> About | None:
        read_at, about = self._about.get(live_id, (0.0, None))
        return about if time.monotonic() - read_at < FRESH_S else None

    def _read(self, live_id: int, unit: UnitOfWork) -> About | None:
        live = unit.lives.get(live_id)
        if live is None:
            return None
        offers = {offer.id: offer for offer in unit.offers.list(live_id)}
        skus = {sku for offer in offers.values() for sku in offer.skus}
        known = {sku: product for sku in skus if (product := unit.products.get(sku)) is not None}
        about = About(live, offers, known, _why_none(live, offers.values(), unit))
        self._about[live_id] = (time.monotonic(), about)
        return about


def _why_none(live: Live, offers: Collection[Offer], unit: UnitOfWork) -> str:
    """Why a viewer of the live may have no code: nobody has asked for them, or the reason there are none."""
    now = datetime.now(UTC)
    if live.state is LiveState.PLANNED:
        return "page.none_before"
    running = claimable(live, offers, now, Role.VIEWER)
    if any(unit.offers.left(offer.id) != 0 for offer in running):
        return "page.none"
    return "code.exhausted" if running else claim_refusal(live, offers, now, Role.VIEWER)


def shown_code(about: About, grant: Grant, language: str) -> ShownCode:
    """What the page shows of a grant."""
    offer = about.offers[grant.offer_id]
    words = say_percent(offer.discount.percent, language) if offer.discount.percent else ""
    if offer.discount.amount is not None:
        words = say_money(offer.discount.amount, language)
    products = [about.products[sku] for sku in offer.skus if sku in about.products]
    # The end of the offer is the end of its granting: a code that was granted lives on with the live.
    ends = (about.live.ends_at, offer.dies_at)
    ends_at = min((moment for moment in ends if moment is not None), default=None)
    is_over = about.live.state is LiveState.CLOSED or (ends_at is not None and ends_at <= datetime.now(UTC))
    names = tuple(product.name for product in products)
    picture = next((product.picture for product in products if product.picture), "")
    return ShownCode(grant.code, words, names, ends_at, is_over, picture)
