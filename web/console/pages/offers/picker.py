"""Choosing products by words: a search that proposes some, and what was chosen of them."""

from collections.abc import Callable, Collection, Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.plaintext import fold
from domain.show import Product
from web.console.desk import Desk
from web.console.pages.products.shelf import Shelf

PROPOSED = 6


class Search:
    """A field that proposes products as one types, and those of `first` before one does. `choose` is called
    with the one that is pressed, or with the best one on Enter; none of those `taken` is proposed."""

    def __init__(
        self,
        desk: Desk,
        label: str,
        hint: str,
        choose: Callable[[Product], None],
        taken: Callable[[], Collection[str]],
        first: Sequence[Product] = (),
    ) -> None:
        self._desk, self._shelf = desk, Shelf(desk)
        self._choose, self._taken, self._first = choose, taken, first
        self._words = ui.input(desk.say(label), on_change=self._propose)
        self._words.props("outlined dense clearable type=search debounce=300").classes("field")
        self._words.props["hint"] = desk.say(hint)
        # The words that a debounced field has not told yet come with the key.
        self._words.on("keydown.enter", self._enter, js_handler="(event) => emit(event.target.value)")
        self._proposed = ui.element("div").classes("line-up").props("role=status")
        self.draw()

    def draw(self) -> None:
        """Show what is proposed before one types."""
        self._show([one for one in self._first if one.sku not in self._taken()][:PROPOSED])

    async def _propose(self) -> None:
        words = str(self._words.value or "")
        if not words.strip():
            self.draw()
            return
        found = await self._shelf.part(words, 0, PROPOSED)
        if words != str(self._words.value or ""):
            return  # one has typed on: those words ask for themselves
        self._show([one for one in found.items if one.sku not in self._taken()])
        if not found.items:
            with self._proposed:
                ui.label(self._desk.say("products.none_found")).classes("quiet small")

    def _show(self, products: Sequence[Product]) -> None:
        self._proposed.clear()
        with self._proposed:
            for product in products:
                button = ui.button(product.name, icon="add").props("flat dense no-caps").classes("clip")
                button.on_click(lambda _, one=product: self._take(one))

    async def _enter(self, event: GenericEventArguments) -> None:
        words = str(event.args or "")
        if not words.strip():
            return
        found = await self._shelf.part(words, 0, PROPOSED)
        open_ = [one for one in found.items if one.sku not in self._taken()]
        best = next((one for one in open_ if fold(one.sku) == fold(words.strip())), None)
        if best is not None or open_:
            self._take(best or open_[0])

    def _take(self, product: Product) -> None:
        self._choose(product)
        self._words.set_value("")
        self.draw()
        self._words.run_method("focus")


class Picker:
    """The products chosen for an offer, each with a button that lets it go; `first` are proposed at once."""

    def __init__(self, desk: Desk, first: Sequence[Product] = ()) -> None:
        self._desk = desk
        self._chosen: dict[str, str] = {}
        with ui.element("div").classes("picker"):
            self._search = Search(
                desk, "offers.products", "offers.products_hint", self._choose, lambda: self._chosen, first
            )
            self._shown = ui.element("div").classes("line-up")

    @property
    def skus(self) -> tuple[str, ...]:
        """The SKUs chosen; none means every product."""
        return tuple(self._chosen)

    def _choose(self, product: Product) -> None:
        self._chosen[product.sku] = product.name
        self._draw()

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
        self._search.draw()
