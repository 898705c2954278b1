"""The form for a new offer: what is wrong is said in place, and what was typed stays."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from nicegui import ui

from domain.errors import BateleurError
from domain.people import Right
from domain.show import Live, Mechanic, Offer, OfferKind, Product
from web.console.desk import Desk
from web.console.pages.offers.adding import adding_offer
from web.console.pages.offers.fields import say_slips, text_field
from web.console.pages.offers.picker import Picker
from web.console.pages.offers.plan import OfferPlan, Typed, plan_of
from web.console.parts import card
from web.console.progress import progress

PERCENT, AMOUNT = "percent", "amount"
DRAW, LATER = "draw", "later"
WHEN = "type=datetime-local stack-label"


class OfferForm:
    """A new offer of `live`, whose `products` are proposed first. `leave` closes the form, `added` is called
    when the offer is there."""

    def __init__(
        self,
        desk: Desk,
        live: Live,
        products: Sequence[Product],
        leave: Callable[[], object],
        added: Callable[[], Awaitable[None]],
    ) -> None:
        self._desk, self._live, self._leave, self._added = desk, live, leave, added
        with card(desk.say("offers.new"), "offer-form"):
            self._kind = self._choice("offers.kind", {OfferKind.UNIQUE: "unique", OfferKind.SHARED: "shared"})
            with ui.element("div").classes("fields"):
                self._draw_discount()
            with (
                ui.element("div")
                .classes("fields")
                .bind_visibility_from(self._kind, "value", value=OfferKind.SHARED)
            ):
                self._code = text_field(desk, "offers.code", hint="offers.code_hint")
                self._quantity = text_field(
                    desk, "offers.quantity", props="inputmode=numeric", hint="offers.quantity_hint"
                )
            with (
                ui.element("div")
                .classes("fields")
                .bind_visibility_from(self._kind, "value", value=OfferKind.UNIQUE)
            ):
                self._draw_codes()
            with ui.element("div").classes("fields"):
                self._draw_rules()
            self._picker = Picker(desk, products)
            self._said = ui.element("div").props("role=alert")
            self._place = ui.element("div")
            with ui.element("div").classes("line-up"):
                self._button = ui.button(desk.say("offers.add"), on_click=self._submit)
                ui.button(desk.say("frame.cancel"), on_click=leave).props("flat")

    def _draw_discount(self) -> None:
        self._by = self._choice("offers.discount", {PERCENT: "percent", AMOUNT: "amount"})
        self._percent = text_field(self._desk, "offers.percent", props='inputmode=numeric suffix="%"')
        self._percent.bind_visibility_from(self._by, "value", value=PERCENT)
        self._amount = text_field(self._desk, "offers.amount", props="inputmode=decimal")
        self._amount.bind_visibility_from(self._by, "value", value=AMOUNT)
        self._currency = text_field(self._desk, "offers.currency", "EUR", props="maxlength=3")
        self._currency.bind_visibility_from(self._by, "value", value=AMOUNT)

    def _draw_codes(self) -> None:
        self._source = self._choice("offers.source", {DRAW: "draw", LATER: "later"})
        self._count = text_field(self._desk, "offers.count", props="inputmode=numeric")
        self._count.bind_visibility_from(self._source, "value", value=DRAW)
        self._prefix = text_field(self._desk, "offers.prefix", hint="offers.prefix_hint")
        self._prefix.bind_visibility_from(self._source, "value", value=DRAW)

    def _draw_rules(self) -> None:
        desk = self._desk
        named = {mechanic: desk.say(f"offers.mechanic_{mechanic}") for mechanic in Mechanic}
        self._mechanic = ui.select(named, value=Mechanic.OPEN, label=desk.say("offers.mechanic"))
        self._mechanic.props("outlined dense options-dense").classes("field")
        self._starts = text_field(desk, "offers.starts", props=WHEN, hint="offers.starts_hint")
        self._ends = text_field(desk, "offers.ends", props=WHEN, hint="offers.ends_hint")

    def _choice(self, key: str, options: dict[str, str]) -> ui.radio:
        with ui.element("div").classes("choice").props("role=group") as group:
            ui.label(self._desk.say(key)).classes("quiet small")
            named = {value: self._desk.say(f"offers.{name}") for value, name in options.items()}
            choice = ui.radio(named, value=next(iter(named))).props("inline dense")
        group.props["aria-label"] = self._desk.say(key)
        return choice

    def _typed(self) -> Typed:
        def text(field: ui.input) -> str:
            return str(field.value or "")

        return Typed(
            kind=OfferKind(self._kind.value),
            by_percent=self._by.value == PERCENT,
            percent=text(self._percent),
            amount=text(self._amount),
            currency=text(self._currency),
            code=text(self._code),
            quantity=text(self._quantity),
            draws=self._source.value == DRAW,
            count=text(self._count),
            prefix=text(self._prefix),
            mechanic=Mechanic(self._mechanic.value),
            skus=self._picker.skus,
            starts=text(self._starts),
            ends=text(self._ends),
        )

    async def _submit(self) -> None:
        self._said.clear()
        plan = plan_of(self._typed(), self._live.timezone, datetime.now(UTC))
        say_slips(self._desk, self._fields(), [] if isinstance(plan, OfferPlan) else plan)
        if not isinstance(plan, OfferPlan):
            return
        self._button.disable()
        if not await self._add(plan):
            self._button.enable()
            return
        self._desk.tell(self._desk.say("offers.added"))
        await self._added()
        self._leave()

    def _fields(self) -> dict[str, ui.input]:
        return {
            "percent": self._percent,
            "amount": self._amount,
            "currency": self._currency,
            "code": self._code,
            "quantity": self._quantity,
            "count": self._count,
            "prefix": self._prefix,
            "starts": self._starts,
            "ends": self._ends,
        }

    async def _add(self, plan: OfferPlan) -> bool:
        desk = self._desk
        with self._place, progress(desk.say("offers.adding")) as told:
            # Drawing is work too: off the loop.
            work = await asyncio.to_thread(adding_offer, desk, self._live, plan, told)
            offer = await desk.act(Right.PLAN, "offer_added", work)
            if offer is None:
                return False
            return plan.shared_code is None or await self._is_in_shop(offer)

    async def _is_in_shop(self, offer: Offer) -> bool:
        """Whether the shared code got to the shop; else the offer is gone again, and the form says so."""
        desk, keeper = self._desk, self._desk.console.shop
        if keeper is None:
            return True
        try:
            if await asyncio.to_thread(keeper.make_or_take_back, offer.id):
                return True
            sentence = desk.say("offers.not_taken", code=offer.shared_code or "")
        except BateleurError as error:
            sentence = desk.say("offers.shop_down", why=desk.told(error.sentence))
        await desk.note("offer_taken_back", f"offer {offer.id}")
        with self._said:
            ui.label(sentence).classes("bad say")
        return False
