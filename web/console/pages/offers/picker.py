"""Choosing products by words, for an offer that is not on all of them."""

from collections.abc import Callable

from nicegui import ui

from domain.show import Product
from web.console.desk import Desk
from web.console.pages.products.shelf import Shelf

PROPOSED = 6


class Picker:
    """The products chosen, each with a button that lets it go; and a search that proposes others."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._shelf = desk, Shelf(desk)
        self._chosen: dict[str, str] = {}
        with ui.element("div").classes("picker"):
            self._search = ui.input(desk.say("offers.products"), on_change=self._propose)
            self._search.props("outlined dense clearable type=search debounce=300").classes("field")
            self._search.props["hint"] = desk.say("offers.products_hint")
            self._proposed = ui.element("div").classes("line-up").props("role=status")
            self._shown = ui.element("div").classes("line-up")

    @property
    def skus(self) -> tuple[str, ...]:
        """The SKUs chosen; none means every product."""
        return tuple(self._chosen)

    async def _propose(self) -> None:
        words = self._search.value or ""
        found = await self._shelf.part(words, 0, PROPOSED) if words.strip() else None
        self._proposed.clear()
        if found is None:
            return
        with self._proposed:
            for product in found.items:
                if product.sku not in self._chosen:
                    button = ui.button(product.name, icon="add").props("flat dense no-caps").classes("clip")
                    button.on_click(self._chooser(product))
            if not found.items:
                ui.label(self._desk.say("products.none_found")).classes("quiet small")

    def _chooser(self, product: Product) -> Callable[[], None]:
        def choose() -> None:
            self._chosen[product.sku] = product.name
            self._search.set_value("")
            self._draw()

        return choose

    def _draw(self) -> None:
        self._shown.clear()
        with self._shown:
            for sku, name in self._chosen.items():
                with ui.element("span").classes("chip"):
                    ui.label(name).classes("say")
                    let_go = ui.button(icon="close").props("flat round dense")
                    let_go.props["aria-label"] = self._desk.say("offers.let_go", name=name)
                    let_go.on_click(lambda _, gone=sku: self._let_go(gone))

    def _let_go(self, sku: str) -> None:
        self._chosen.pop(sku, None)
        self._draw()
