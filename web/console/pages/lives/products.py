"""The products of a live in a form: chosen by words, and put in the order in which they will be shown."""

from collections.abc import Mapping, Sequence

from nicegui import ui

from domain.show import Product
from web.console.desk import Desk
from web.console.pages.offers.picker import Search

UP, DOWN, OUT = "up", "down", "out"
_ICONS = {UP: "arrow_upward", DOWN: "arrow_downward", OUT: "close"}


class ProductList:
    """The products chosen, each with buttons that move it or take it out; `names` are those of the SKUs."""

    def __init__(self, desk: Desk, skus: Sequence[str], names: Mapping[str, str]) -> None:
        self._desk = desk
        self._skus, self._names = list(skus), dict(names)
        with ui.element("div").classes("picker"):
            Search(desk, "lives.products", "lives.products_hint", self._add, lambda: self._skus)
            self._list = ui.element("ol").classes("showing")
            self._list.props["aria-label"] = desk.say("lives.products_order")
            self._heard = ui.label().classes("heard").props("role=status")
        self._draw()

    @property
    def skus(self) -> tuple[str, ...]:
        """The SKUs, in their order."""
        return tuple(self._skus)

    def show(self, skus: Sequence[str], names: Mapping[str, str]) -> None:
        """Have these products instead."""
        self._names |= names
        self._skus = list(skus)
        self._draw()

    def _add(self, product: Product) -> None:
        self._names[product.sku] = product.name
        self._skus.append(product.sku)
        self._draw()
        self._tell(product.sku)

    def _draw(self) -> None:
        self._buttons: dict[tuple[str, str], ui.button] = {}
        self._list.clear()
        self._list.set_visibility(bool(self._skus))
        last = len(self._skus) - 1
        with self._list:
            for place, sku in enumerate(self._skus):
                with ui.element("li"):
                    ui.label(f"{place + 1}.").classes("quiet number").props("aria-hidden=true")
                    ui.label(self._name(sku)).classes("say")
                    for deed, is_idle in ((UP, place == 0), (DOWN, place == last), (OUT, False)):
                        self._button(sku, deed, is_idle=is_idle)

    def _button(self, sku: str, deed: str, *, is_idle: bool) -> None:
        button = ui.button(icon=_ICONS[deed]).props("flat round")
        button.props["aria-label"] = self._desk.say(f"lives.product_{deed}", name=self._name(sku))
        button.on_click(lambda: self._do(sku, deed))
        button.set_enabled(not is_idle)
        self._buttons[sku, deed] = button

    def _do(self, sku: str, deed: str) -> None:
        place = self._skus.index(sku)
        self._skus.pop(place)
        if deed == OUT:
            self._heard.set_text(self._desk.say("lives.product_is_out", name=self._name(sku)))
            near = self._skus[min(place, len(self._skus) - 1)] if self._skus else ""
        else:
            self._skus.insert(place + (1 if deed == DOWN else -1), sku)
            self._tell(sku)
            near = sku
        self._draw()
        self._focus(near, deed)

    def _focus(self, sku: str, deed: str) -> None:
        """The buttons are new: the keyboard goes on at the one that was pressed, or at its neighbour."""
        those = [self._buttons.get((sku, one)) for one in (deed, DOWN, UP, OUT)]
        button = next((one for one in those if one is not None and one.enabled), None)
        if button is not None:
            # Not `ui.run_javascript`: the button that was pressed is gone, and what is done in its place too.
            self._desk.client.run_javascript(
                f"requestAnimationFrame(() => getHtmlElement({button.id})?.focus())"
            )

    def _tell(self, sku: str) -> None:
        place, total = self._skus.index(sku) + 1, len(self._skus)
        sentence = self._desk.say("lives.product_place", name=self._name(sku), place=place, total=total)
        self._heard.set_text(sentence)

    def _name(self, sku: str) -> str:
        return self._names.get(sku, sku)
