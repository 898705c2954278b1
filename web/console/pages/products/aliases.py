"""What viewers call a product, changed in its row."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from nicegui import ui

from domain.errors import Refusal
from domain.people import Right
from domain.plaintext import one_line
from domain.show import Product
from store.unit import UnitOfWork
from web.console.desk import Change, Desk

MOST, LONGEST = 30, 60


class AliasesCell:
    """The aliases of one product; a press on the pencil lets them be typed, separated by commas.

    `editing` holds the SKUs of the rows that are being typed in; `changed` is called after a change.
    """

    def __init__(
        self, desk: Desk, product: Product, editing: set[str], changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._desk, self._product, self._editing, self._changed = desk, product, editing, changed
        self._place = ui.element("div").classes("aliases")
        self._show()

    def _show(self) -> None:
        self._editing.discard(self._product.sku)
        self._place.clear()
        with self._place:
            for alias in self._product.aliases:
                ui.label(alias).classes("chip say")
            if self._desk.user.may(Right.PLAN):
                label = self._desk.say("products.edit_aliases", name=self._product.name)
                pencil = ui.button(icon="edit", on_click=self._edit).props("flat round dense")
                pencil.props["aria-label"] = label

    def _edit(self) -> None:
        self._editing.add(self._product.sku)
        self._place.clear()
        with self._place:
            typed = ui.input(self._desk.say("products.aliases_label"), value=", ".join(self._product.aliases))
            typed.props("outlined dense autofocus").classes("typed")
            typed.on("keydown.enter", lambda: self._save(typed))
            typed.on("keydown.escape", self._show)
            with ui.element("div").classes("line-up"):
                ui.button(self._desk.say("frame.save"), on_click=lambda: self._save(typed)).props("dense")
                ui.button(self._desk.say("frame.cancel"), on_click=self._show).props("flat dense")

    async def _save(self, typed: ui.input) -> None:
        desk, sku, shown = self._desk, self._product.sku, self._product.aliases
        wanted = aliases_in(typed.value or "")
        why_not = self._why_not(wanted)
        typed.props["error"], typed.props["error-message"] = bool(why_not), why_not
        typed.update()
        if why_not:
            return

        def change(unit: UnitOfWork, now: datetime) -> Change:
            product = unit.products.get(sku)
            if product is None or product.aliases != shown:
                raise Refusal(desk.say("products.aliases_meanwhile"))
            saved = replace(product, aliases=wanted)
            unit.products.save([saved], now)
            return Change(f"product {sku}", {"aliases": list(shown)}, {"aliases": list(wanted)}, saved)

        saved = await desk.act(Right.PLAN, "aliases_changed", change)
        if saved is not None:
            self._product = saved
            desk.tell(desk.say("products.aliases_saved"))
        self._show()
        await self._changed()

    def _why_not(self, wanted: tuple[str, ...]) -> str:
        if len(wanted) > MOST:
            return self._desk.say("products.aliases_many", most=MOST)
        if any(len(alias) > LONGEST for alias in wanted):
            return self._desk.say("products.aliases_long", most=LONGEST)
        return ""


def aliases_in(text: str) -> tuple[str, ...]:
    """The aliases typed between commas, each once and on one line."""
    found = (one_line(part).strip() for part in text.split(","))
    return tuple(dict.fromkeys(alias for alias in found if alias))
