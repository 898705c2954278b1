"""One offer: what it promises, how it stands, and what can be done with it."""

from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui

from commands.money import say_percent
from domain.offer_stand import OfferStand
from domain.people import Right
from domain.show import Live, LiveState, Offer, OfferKind
from web.console.desk import Desk
from web.console.pages.offers.ending import end_offer, kill_codes
from web.console.pages.offers.more_codes import MoreCodes
from web.console.parts import Redrawn

NAMED = 3
Shown = tuple[OfferStand, str]


class OfferCard:
    """A card whose head and buttons stay while its figures follow what happens. `names` are those of its
    products by SKU; `changed` is called after something was done with the offer."""

    def __init__(
        self,
        desk: Desk,
        live: Live,
        offer: Offer,
        names: Mapping[str, str],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._desk, self._live, self._changed = desk, live, changed
        self._offer, self._names = offer, names
        self._is_open = live.state is not LiveState.CLOSED
        with ui.element("section").classes("card offer-card") as self._card:
            self._head()
            self._figures: Redrawn[Shown] = Redrawn(self._draw)
            with ui.element("div").classes("line-up actions"):
                self._actions()
            self._panel = ui.element("div").classes("redrawn")
        self._card.props["data-offer"] = offer.id

    def first(self) -> "OfferCard":
        """This card, moved before the others."""
        self._card.move(target_index=0)
        return self

    def show(self, stand: OfferStand, trouble: str) -> None:
        """Show how the offer stands now; `trouble` is the shop's, empty when there is none."""
        self._offer = stand.offer
        may_end = self._may_end() and self._is_open
        self._end.set_visibility(may_end and stand.offer.ended_at is None)
        self._kill.set_visibility(may_end and stand.offer.dies_at is None)
        if self._more is not None:
            self._more.set_visibility(self._is_open and stand.offer.ended_at is None)
        is_waiting = bool(stand.waiting) or bool(stand.alive)
        self._figures.show((stand, trouble if is_waiting else ""))

    def delete(self) -> None:
        """Take the card away."""
        self._card.delete()

    def _head(self) -> None:
        desk, offer = self._desk, self._offer
        with ui.element("div").classes("line-up"):
            ui.label(self._off()).classes("figure")
            with ui.element("div").classes("grow"):
                ui.label(desk.say("offers.number", number=offer.id)).props(
                    "role=heading aria-level=2"
                ).classes("strong")
                ui.label(desk.say(f"offers.is_{offer.kind}")).classes("quiet small")
        with ui.element("div").classes("line-up"):
            ui.label(desk.say(f"offers.mechanic_{offer.mechanic}")).classes("chip")
            if offer.shared_code:
                ui.label(offer.shared_code).classes("chip say")
            ui.label(self._on_what()).classes("chip say")
        ui.label(self._window()).classes("quiet small")

    def _off(self) -> str:
        discount = self._offer.discount
        if discount.amount is not None:
            return f"−{self._desk.money(discount.amount)}"
        return f"−{say_percent(discount.percent or 0, self._desk.language)}"

    def _on_what(self) -> str:
        skus = self._offer.skus
        if not skus:
            return self._desk.say("offers.on_all")
        more = f" +{len(skus) - NAMED}" if len(skus) > NAMED else ""
        return ", ".join(self._names.get(sku, sku) for sku in skus[:NAMED]) + more

    def _window(self) -> str:
        offer, zone = self._offer, self._live.timezone
        starts = self._desk.date(offer.starts_at, zone) if offer.starts_at else ""
        ends = self._desk.date(offer.ends_at, zone) if offer.ends_at else ""
        kind = ("from_to" if starts else "to") if ends else ("from" if starts else "with_live")
        return self._desk.say(f"offers.window_{kind}", starts=starts, ends=ends)

    def _draw(self, shown: Shown) -> None:
        stand, trouble = shown
        desk = self._desk
        with ui.element("div").classes("line-up figures"):
            if stand.offer.kind is OfferKind.UNIQUE:
                _figure(desk, stand.codes, "offers.codes")
            _figure(desk, stand.granted, "offers.granted")
            _figure(desk, stand.redeemed, "offers.redeemed")
            left = desk.say("offers.no_bound") if stand.left is None else desk.number(stand.left)
            _words(left, desk.say("offers.left"))
        self._state(stand)
        if trouble:
            ui.label(desk.say("offers.shop_trouble", why=desk.told(trouble))).classes("bad say small")

    def _state(self, stand: OfferStand) -> None:
        """Whether it goes on, and how its codes stand in the shop."""
        desk, offer = self._desk, stand.offer
        has_shop = desk.console.shop is not None
        if offer.dies_at is not None:
            key = "dying" if stand.alive else "dead" if has_shop else "dead_without_shop"
            _chip(
                "dangerous", desk.say(f"offers.{key}", count=desk.number(stand.alive), n=stand.alive), "bad"
            )
        elif offer.ended_at is not None:
            _chip(
                "block", desk.say("offers.ended", at=desk.date(offer.ended_at, self._live.timezone)), "warn"
            )
        elif stand.waiting:
            self._under_way(stand)
        elif not has_shop:
            _chip("check", desk.say("offers.without_shop"), "")
        elif offer.kind is OfferKind.UNIQUE and not stand.codes:
            _chip("hourglass_empty", desk.say("offers.no_codes"), "warn")
        else:
            _chip("check_circle", desk.say("offers.in_shop"), "good")
        if stand.refused:
            refused = desk.say("offers.refused", count=desk.number(stand.refused), n=stand.refused)
            ui.label(refused).classes("warn small")

    def _under_way(self, stand: OfferStand) -> None:
        desk, total = self._desk, max(stand.codes, 1)
        done = total - stand.waiting
        sentence = desk.say("offers.under_way", done=desk.number(done), total=desk.number(total))
        with ui.element("div").classes("progress"):
            ui.label(sentence).classes("small")
            bar = ui.linear_progress(done / total, show_value=False)
            bar.props["aria-label"] = sentence

    def _actions(self) -> None:
        desk, offer = self._desk, self._offer
        if offer.kind is OfferKind.UNIQUE:
            codes = ui.link(desk.say("offers.see_codes"), f"/offers/{offer.id}/codes").classes("plain-link")
            codes.props["aria-label"] = desk.say("offers.see_codes_of", number=offer.id)
        self._more: ui.button | None = None
        if offer.kind is OfferKind.UNIQUE and desk.user.may(Right.PLAN):
            self._more = ui.button(desk.say("offers.more"), icon="add", on_click=self._open_more)
            self._more.props("flat")
        self._end = ui.button(desk.say("offers.end"), on_click=self._press_end).props("outline")
        self._kill = ui.button(desk.say("offers.kill"), on_click=self._press_kill).props("flat")
        self._kill.classes("kill")
        for button in (self._end, self._kill):
            button.set_visibility(False)

    def _may_end(self) -> bool:
        return self._desk.user.may(Right.PLAN) or self._desk.user.may(Right.RUN_SHOW)

    def _open_more(self) -> None:
        self._panel.clear()
        with self._panel:
            MoreCodes(self._desk, self._live, self._offer, self._panel.clear, self._changed)

    async def _press_end(self) -> None:
        if await end_offer(self._desk, self._offer):
            await self._changed()

    async def _press_kill(self) -> None:
        with self._panel:
            is_done = await kill_codes(self._desk, self._offer)
        if is_done:
            await self._changed()


def _figure(desk: Desk, count: int, key: str) -> None:
    _words(desk.number(count), desk.say(key, count=count))


def _words(figure: str, what: str) -> None:
    with ui.element("div").classes("told-figure"):
        ui.label(figure).classes("strong number-big")
        ui.label(what).classes("small quiet")


def _chip(icon: str, sentence: str, classes: str) -> None:
    with ui.element("div").classes(f"chip {classes}"):
        ui.icon(icon).props("aria-hidden=true")
        ui.label(sentence)
