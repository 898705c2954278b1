"""The buttons of tonight: each gives an order as a moderator would in the chat."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import events, ui

from domain.chat import Role
from domain.errors import BateleurError
from domain.people import Right
from domain.show import LiveState, Product
from web.console.desk import Desk
from web.console.pages.tonight.look import Tonight

DROP, DROP_MINUTES = 50, 10
MOST_DROPPED, LONGEST_DROP = 100_000, 24 * 60
SEEN = 200


class Orders:
    """What a user may do in the live. `tonight` is how it stands; the page keeps it fresh."""

    def __init__(self, desk: Desk, tonight: Tonight) -> None:
        self.desk = desk
        self.tonight = tonight
        self.may = desk.user.may(Right.RUN_SHOW) and desk.console.show is not None

    def listen_to_keys(self) -> None:
        """Keys that do what the buttons do, unless one is typing."""
        if not self.may:
            return
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            "ArrowRight": partial(self.step, 1),
            "ArrowLeft": partial(self.step, -1),
            "c": self.ask_code,
            "d": self.ask_drop,
            "s": self.stop,
            "o": self.open_or_close,
        }

        async def pressed(event: events.KeyEventArguments) -> None:
            has_other = event.modifiers.ctrl or event.modifiers.meta or event.modifiers.alt
            deed = deeds.get(str(event.key))
            if deed and event.action.keydown and not event.action.repeat and not has_other:
                await deed()

        ui.keyboard(on_key=pressed)

    async def step(self, places: int) -> None:
        """Put the next product on screen, or the one before."""
        product = self.tonight.neighbour(places)
        if product is not None:
            await self.put_on_screen(product)

    async def put_on_screen(self, product: Product) -> None:
        """Put a product on screen; a slip can be taken back."""
        before = self.tonight.product
        sentence = await self._carry_out(f"!product {product.sku}")
        if sentence is None:
            return
        if before is None or before.sku == product.sku:
            self.desk.tell(sentence)
            return

        async def back() -> None:
            if await self._carry_out(f"!product {before.sku}") is not None:
                self.desk.tell(self.desk.say("frame.undone"))

        self.desk.offer_undo(sentence, back)

    async def open_or_close(self) -> None:
        """Open the live, or close it once it is open."""
        await (self.close() if self.tonight.live.state is LiveState.OPEN else self.open())

    async def open(self) -> None:
        """Open the planned live, once confirmed."""
        say = self.desk.say
        if await self.desk.confirms(
            say("tonight.open_ask", live=self.tonight.live.title), say("tonight.open_live")
        ):
            await self._told("!live on")

    async def close(self) -> None:
        """Close the live, once confirmed: it cannot be opened again."""
        say = self.desk.say
        if await self.desk.confirms(
            say("tonight.close_ask", live=self.tonight.live.title), say("tonight.close_live")
        ):
            await self._told("!live off")

    async def stop(self) -> None:
        """End the running drop, else the running offers, once confirmed."""
        say = self.desk.say
        if await self.desk.confirms(say("tonight.stop_ask"), say("tonight.stop")):
            await self._told("!stop")

    async def ask_drop(self) -> None:
        """Ask how many codes for how long, and drop them."""
        say = self.desk.say
        with ui.dialog() as dialog, ui.card().classes("ask"):
            dialog.props["aria-label"] = say("tonight.drop_title")
            ui.label(say("tonight.drop_title")).props("role=heading aria-level=2").classes("head")
            quantity = ui.number(
                say("tonight.drop_quantity"), value=DROP, min=1, max=MOST_DROPPED, precision=0
            )
            minutes = ui.number(
                say("tonight.drop_minutes"), value=DROP_MINUTES, min=1, max=LONGEST_DROP, precision=0
            )
            quantity.props("autofocus outlined")
            minutes.props("outlined")
            self._buttons(dialog, say("tonight.drop"))
        if await dialog and quantity.value and minutes.value:
            await self._told(f"!drop {int(quantity.value)} {int(minutes.value)}m")
        dialog.delete()

    async def ask_code(self) -> None:
        """Ask whom to give a code, among those who wrote lately, and give it."""
        say, seen = self.desk.say, self._seen()
        if not seen:
            self.desk.complain(say("tonight.nobody_wrote"))
            return
        with ui.dialog() as dialog, ui.card().classes("ask"):
            dialog.props["aria-label"] = say("tonight.code_title")
            ui.label(say("tonight.code_title")).props("role=heading aria-level=2").classes("head")
            options = {one: f"{who} · {channel.partition(':')[0]}" for one, (channel, who) in enumerate(seen)}
            whom = ui.select(options, label=say("tonight.code_viewer"), with_input=True)
            whom.props("autofocus outlined")
            self._buttons(dialog, say("tonight.give"))
        if await dialog and whom.value is not None:
            channel, who = seen[int(whom.value)]
            await self._told(f"!code @{who}", channel)
        dialog.delete()

    def _buttons(self, dialog: ui.dialog, deed: str) -> None:
        with ui.row().classes("buttons"):
            ui.button(self.desk.say("frame.cancel"), on_click=lambda: dialog.submit(False)).props("flat")
            ui.button(deed, on_click=lambda: dialog.submit(True)).classes("costs")

    def _seen(self) -> list[tuple[str, str]]:
        """Channel and name of the viewers who wrote lately, the newest first."""
        assert self.desk.console.show is not None, "orders need a running show"
        lines = self.desk.console.show.lines(0, SEEN)
        viewers = [one for one in reversed(lines) if not one.is_ours and one.role < Role.MODERATOR]
        return list(dict.fromkeys((one.channel, one.who) for one in viewers))

    async def _told(self, order: str, channel: str = "") -> None:
        sentence = await self._carry_out(order, channel)
        if sentence is not None:
            self.desk.tell(sentence)

    async def _carry_out(self, order: str, channel: str = "") -> str | None:
        """Give an order, which is noted in the audit log where it is carried out; what it is answered, None
        when nothing was done (the user is told why)."""
        show = self.desk.console.show
        if show is None or not await self.desk.may(Right.RUN_SHOW):
            return None
        live = self.tonight.live
        try:
            ordered = await show.order(live.id, self.desk.user, order, channel)
        except BateleurError as error:
            self.desk.failed(error)
            return None
        if not ordered.is_done:
            self.desk.complain(ordered.sentence)
            return None
        return ordered.sentence
