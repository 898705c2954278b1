"""Offers and codes: what a live promises, how much of it is given, and how it stands in the shop.

`plan` is what is asked for, checked; `creating` the form; `card` one offer; `codes` its list of codes.
"""

from datetime import UTC, datetime

from nicegui import ui

from domain.offer_stand import OfferStand
from domain.people import Right
from domain.show import Live, LiveState, Offer, Product
from store.unit import UnitOfWork
from web.console.desk import Desk
from web.console.pages.offers.card import NAMED, OfferCard
from web.console.pages.offers.creating import OfferForm
from web.console.parts import Looks, empty

REFRESH_S = 1.0
_ORDER = {LiveState.OPEN: 0, LiveState.CLOSING: 1, LiveState.PLANNED: 2, LiveState.CLOSED: 3}


async def build(desk: Desk) -> None:
    """The offers of the live that is named in the address, else of the one that is on."""
    lives = await desk.read(lambda unit: unit.lives.list())
    asked = desk.request.query_params.get("live", "")
    live = next((one for one in lives if str(one.id) == asked), None) or the_live(lives)
    if live is None:
        empty(desk, "sell", "offers.no_live", "offers.no_live_hint")
        return
    await Offers(desk, lives, live).begin()


def the_live(lives: list[Live]) -> Live | None:
    """The live one most likely asks about: the one that is on, else the next, else the last."""
    return min(lives, key=lambda live: (_ORDER[live.state], _start(live), -live.id), default=None)


def _start(live: Live) -> float:
    planned = live.state is LiveState.PLANNED and live.starts_at is not None
    return live.starts_at.timestamp() if planned and live.starts_at else 0.0


class Offers:
    """The offers of one live, as cards that follow what happens."""

    def __init__(self, desk: Desk, lives: list[Live], live: Live) -> None:
        self._desk, self._live = desk, live
        self._cards: dict[int, OfferCard] = {}
        self._looks = Looks()
        with ui.element("div").classes("line-up"):
            options = {one.id: f"{one.title} · {self._when(one)}" for one in lives}
            chosen = ui.select(options, value=live.id, label=desk.say("offers.live"))
            chosen.props("outlined dense options-dense").classes("search")
            chosen.on_value_change(lambda event: ui.navigate.to(f"/offers?live={event.value}"))
            ui.label(desk.say(f"offers.live_{live.state}")).classes("chip")
            ui.space()
            if desk.user.may(Right.PLAN) and live.state is not LiveState.CLOSED:
                ui.button(desk.say("offers.create"), icon="add", on_click=self._open_form)
        self._form_place = ui.element("div").classes("redrawn")
        self._nothing = ui.element("div").props("role=status")
        self._list = ui.element("div").classes("grid offers")

    async def begin(self) -> None:
        """Show the offers, and keep them as they are."""
        await self.refresh()
        self._desk.every(REFRESH_S, self.refresh)

    async def refresh(self) -> None:
        """Look again: cards for new offers, figures for the others."""
        is_newest = self._looks.begin()
        stands = await self._desk.read(self._look)
        if not is_newest():
            return
        trouble = self._trouble()
        present = [stand.offer.id for stand in stands]
        for gone in [id for id in self._cards if id not in present]:
            self._cards.pop(gone).delete()
        await self._add_cards([one.offer for one in reversed(stands) if one.offer.id not in self._cards])
        for stand in stands:
            if stand.offer.id in self._cards:
                self._cards[stand.offer.id].show(stand, trouble)
        self._say_nothing(is_empty=not stands)

    async def _add_cards(self, offers: list[Offer]) -> None:
        if not offers:
            return
        skus = list(dict.fromkeys(sku for offer in offers for sku in offer.skus[:NAMED]))
        products = await self._desk.read(lambda unit: unit.products.some(skus))
        names = {sku: product.name for sku, product in products.items()}
        for offer in offers:
            if offer.id not in self._cards:  # the clock and a press may both have asked
                with self._list:
                    card = OfferCard(self._desk, self._live, offer, names, self.refresh)
                self._cards[offer.id] = card.first()

    def _look(self, unit: UnitOfWork) -> list[OfferStand]:
        return unit.offer_stands.of_live(self._live.id, datetime.now(UTC))

    def _trouble(self) -> str:
        show = self._desk.console.show
        return show.sight().shop_trouble if show is not None else ""

    def _say_nothing(self, *, is_empty: bool) -> None:
        if is_empty == bool(self._nothing.default_slot.children):
            return
        self._nothing.clear()
        if is_empty:
            hint = "offers.none_hint" if self._desk.user.may(Right.PLAN) else ""
            with self._nothing:
                empty(self._desk, "sell", "offers.none", hint)

    async def _open_form(self) -> None:
        products = await self._desk.read(self._products)
        self._form_place.clear()
        with self._form_place:
            OfferForm(self._desk, self._live, products, self._form_place.clear, self.refresh)

    def _products(self, unit: UnitOfWork) -> list[Product]:
        """The live's own products, in their order."""
        skus = unit.live_products.of(self._live.id)
        found = unit.products.some(skus)
        return [found[sku] for sku in skus if sku in found]

    def _when(self, live: Live) -> str:
        at = live.opened_at or live.starts_at
        return self._desk.date(at, live.timezone) if at else self._desk.say(f"offers.live_{live.state}")
