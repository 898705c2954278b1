"""The left-hand side of tonight: the live, the product on screen, the offers, the channels, the half hour."""

from datetime import UTC, datetime

from nicegui import ui

from commands.money import say_percent
from domain.show import Live, LiveState, Offer, Product
from web.console.desk import Desk
from web.console.pages.tonight.channels import HalfHour, draw_channel, per_minute, rounded
from web.console.pages.tonight.look import Running, Tonight
from web.console.pages.tonight.orders import Orders
from web.console.parts import Redrawn, card
from web.console.show import ChannelSight

Head = tuple[Live, tuple[Live, ...], bool]


class Board:
    """Drawn anew piece by piece, as what each shows changes."""

    def __init__(self, desk: Desk, orders: Orders) -> None:
        self.desk = desk
        self.orders = orders
        self._offers: dict[int, _OfferLine] = {}
        with ui.element("div").classes("board"):
            self._head = Redrawn(self._draw_head)
            with ui.element("div").classes("grid"):
                with card(desk.say("tonight.on_screen")):
                    self._product = Redrawn(self._draw_product)
                    self._product_buttons()
                with card(desk.say("tonight.offers")):
                    self._running = Redrawn(self._draw_offers)
                    self._offer_buttons()
            self._figures = Redrawn(self._draw_figures, classes="grid figures")
            self._channels = Redrawn(self._draw_channels, classes="grid channels")
            self._trouble = Redrawn(self._draw_trouble)
            with card(desk.say("tonight.half_hour")):
                self._chart = HalfHour(desk)
            if orders.may:
                ui.label(desk.say("tonight.keys")).classes("quiet small wide")

    def show(self, tonight: Tonight) -> None:
        """Show how the live stands."""
        live, desk = tonight.live, self.desk
        self._head.show((live, tonight.others, tonight.is_open))
        self._product.show(tonight.product)
        self._running.show(tuple(one.offer for one in tonight.running))
        for one in tonight.running:
            self._offers[one.offer.id].show(one)
        sight = desk.console.show.sight() if desk.console.show else None
        messages, questions = per_minute(sight) if sight else (0, 0)
        self._figures.show((messages, questions, tonight.granted, tonight.undelivered))
        if sight is not None:
            mine = tuple(one for one in sight.channels if one.channel in live.channels)
            self._channels.show(tuple(rounded(one) for one in mine))
            self._trouble.show((sight.shop_trouble, sight.dropped))
            self._chart.show(sight)

    def _draw_head(self, head: Head) -> None:
        live, others, is_open = head
        say, state = self.desk.say, live.state
        with ui.element("div").classes("line-up"):
            ui.label(live.title).classes("figure say")
            kind = "good" if is_open else "warn"
            ui.label(say(f"tonight.{state}")).classes(f"chip {kind}")
            if live.ends_at is not None:
                until = self.desk.clock(live.ends_at, live.timezone)
                ui.label(say("tonight.until", until=until)).classes("quiet")
            ui.space()
            if self.orders.may and state is LiveState.PLANNED:
                ui.button(say("tonight.open_live"), icon="play_arrow", on_click=self.orders.open)
            if self.orders.may and state is LiveState.OPEN:
                close = ui.button(say("tonight.close_live"), icon="stop_circle", on_click=self.orders.close)
                close.props("outline aria-keyshortcuts=o")
        for other in others:
            ui.link(say("tonight.other", live=other.title), f"/?live={other.id}").classes("say")

    def _draw_product(self, product: Product | None) -> None:
        if product is None:
            ui.label(self.desk.say("tonight.no_product")).classes("quiet")
            return
        with ui.element("div").classes("product"):
            if product.picture:
                picture = ui.element("img").props('alt=""')
                picture.props["src"] = product.picture  # the shop's text: never parsed with our own
            with ui.element("div").classes("words"):
                ui.label(product.name).classes("name say")
                ui.label(self.desk.money(product.price)).classes("figure")
                ui.label(_stock(self.desk, product)).classes("bad" if product.stock == 0 else "quiet")
                if product.reference_price is None:
                    ui.label(self.desk.say("tonight.no_reference")).classes("quiet small")

    def _product_buttons(self) -> None:
        if not self.orders.may:
            return
        say, orders = self.desk.say, self.orders
        with ui.element("div").classes("line-up"):
            ui.button(icon="skip_previous", on_click=lambda: orders.step(-1)).props(
                f'outline aria-label="{say("tonight.previous")}" aria-keyshortcuts=ArrowLeft'
            ).tooltip(f"{say('tonight.previous')} (←)")
            ui.button(icon="skip_next", on_click=lambda: orders.step(1)).props(
                f'outline aria-label="{say("tonight.next")}" aria-keyshortcuts=ArrowRight'
            ).tooltip(f"{say('tonight.next')} (→)")
            self._choice = ui.select(
                {one.sku: one.name for one in orders.tonight.products},
                label=say("tonight.another"),
                with_input=True,
                on_change=self._chosen,
            )
            self._choice.props("outlined dense").classes("grow")

    async def _chosen(self) -> None:
        sku = self._choice.value
        product = next((one for one in self.orders.tonight.products if one.sku == sku), None)
        if product is not None:
            self._choice.set_value(None)
            await self.orders.put_on_screen(product)

    def _draw_offers(self, offers: tuple[Offer, ...]) -> None:
        self._offers.clear()
        if not offers:
            ui.label(self.desk.say("tonight.no_offer")).classes("quiet")
        for offer in offers:
            self._offers[offer.id] = _OfferLine(self.desk, offer, self.orders.tonight.live.timezone)

    def _offer_buttons(self) -> None:
        if not self.orders.may:
            return
        say, orders = self.desk.say, self.orders
        with ui.element("div").classes("line-up"):
            for word, key, icon, deed in (
                ("tonight.drop", "d", "celebration", orders.ask_drop),
                ("tonight.give_code", "c", "redeem", orders.ask_code),
                ("tonight.stop", "s", "block", orders.stop),
            ):
                button = ui.button(say(word), icon=icon, on_click=deed)
                button.props(f"outline aria-keyshortcuts={key}").tooltip(f"{say(word)} ({key.upper()})")

    def _draw_figures(self, figures: tuple[int, int, int, int]) -> None:
        names = (
            "tonight.messages_a_minute",
            "tonight.questions_a_minute",
            "tonight.granted",
            "tonight.undelivered",
        )
        for name, value in zip(names, figures, strict=True):
            with ui.element("div").classes("card slim"):
                ui.label(self.desk.number(value)).classes("figure")
                ui.label(self.desk.say(name)).classes("quiet")

    def _draw_channels(self, channels: tuple[ChannelSight, ...]) -> None:
        for one in channels:
            with ui.element("section").classes("card slim"):
                draw_channel(self.desk, one)

    def _draw_trouble(self, trouble: tuple[str, int]) -> None:
        shop, dropped = trouble
        if shop:
            ui.label(self.desk.say("tonight.shop_trouble", why=self.desk.told(shop))).classes(
                "card bad say"
            ).props("role=alert")
        if dropped:
            ui.label(self.desk.say("tonight.dropped", dropped=dropped)).classes("card warn").props(
                "role=status"
            )


class _OfferLine:
    """One running offer; what changes every second is changed in place."""

    def __init__(self, desk: Desk, offer: Offer, timezone: str) -> None:
        self.desk = desk
        self.offer = offer
        with ui.element("div").classes("offer"):
            with ui.element("div").classes("line-up tight"):
                ui.label(_discount(desk, offer)).classes("name")
                ui.label(desk.say(f"tonight.mechanic_{offer.mechanic}")).classes("chip small")
                ui.space()
                self._time = ui.label().classes("number quiet")
            self._bar = ui.linear_progress(show_value=False, size=".6rem").props("rounded aria-hidden=true")
            self._left = ui.label().classes("quiet small")

    def show(self, running: Running) -> None:
        """How many codes and how much time are left."""
        desk, left = self.desk, running.left
        all_of_it = running.granted + (left or 0)
        self._bar.set_value(round((left or 0) / all_of_it, 3) if all_of_it and left is not None else 1.0)
        given = desk.number(running.granted)
        words = desk.say("tonight.unbound", granted=given)
        if left is not None:
            words = desk.say("tonight.left", left=desk.number(left), granted=given)
        self._left.set_text(words)
        self._time.set_text(_time_left(desk, self.offer))


def _discount(desk: Desk, offer: Offer) -> str:
    if offer.discount.amount is not None:
        return f"−{desk.money(offer.discount.amount)}"
    return f"−{say_percent(offer.discount.percent or 0, desk.language)}"


def _stock(desk: Desk, product: Product) -> str:
    if product.stock is None:
        return desk.say("tonight.stock_untold")
    return desk.say("tonight.stock_left", pieces=desk.number(product.stock), count=product.stock)


def _time_left(desk: Desk, offer: Offer) -> str:
    if offer.ends_at is None:
        return ""
    seconds = max(0, round((offer.ends_at - datetime.now(UTC)).total_seconds()))
    return desk.say("tonight.time_left", minutes=seconds // 60, seconds=f"{seconds % 60:02}")
