"""The products as a table that can be searched; importing them; their aliases."""

from dataclasses import dataclass

from nicegui import ui

from domain.people import Right
from domain.show import Product
from web.console.desk import Desk
from web.console.pages.products.aliases import AliasesCell
from web.console.pages.products.importing import Importing
from web.console.pages.products.shelf import Shelf
from web.console.parts import empty
from web.console.sheet import Part, Sheet

REFRESH_S = 1.0
COLUMNS = (
    "products.picture",
    "products.name",
    "products.aliases",
    "products.price",
    "products.lowest",
    "products.stock",
    "products.link",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A product, and a sentence on when the shop told its price, empty when it did not."""

    product: Product
    freshness: str


async def build(desk: Desk) -> None:
    """The page of all products."""
    await Listing(desk).begin()


class Listing:
    """The table, and what stands above it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shelf = Shelf(desk)
        self._words = ""
        self._editing: set[str] = set()
        with ui.element("div").classes("line-up"):
            self._search = ui.input(desk.say("products.search"), on_change=self._searched)
            self._search.props("outlined dense clearable type=search debounce=300").classes("search")
            ui.space()
            if desk.user.may(Right.PLAN):
                Importing(desk, self._imported)
        if desk.console.shop is not None:
            ui.label(desk.say("products.kept")).classes("quiet small")
        self._nothing = ui.element("div").props("role=status")
        with ui.element("section").classes("card") as self._card:
            self._sheet: Sheet[Row] = Sheet(
                desk, "products.title", COLUMNS, self._fetch, self._row, numbers=COLUMNS[3:6]
            )

    async def begin(self) -> None:
        """Show the first products, and keep them as they are in the store."""
        await self._show()
        self._desk.every(REFRESH_S, self._refresh)

    async def _fetch(self, offset: int, limit: int) -> Part[Row]:
        part = await self._shelf.part(self._words, offset, limit)
        return Part([Row(product, self._freshness(product)) for product in part.items], part.total)

    async def _searched(self) -> None:
        self._words = self._search.value or ""
        self._editing.clear()
        await self._sheet.begin()
        self._say_nothing()

    async def _imported(self) -> None:
        self._shelf.forget()
        await self._show()

    async def _show(self) -> None:
        await self._sheet.begin()
        self._say_nothing()

    async def _refresh(self) -> None:
        if not self._editing:  # what is being typed in a row is not drawn over
            await self._sheet.refresh()
            self._say_nothing()

    def _say_nothing(self) -> None:
        """When no product is shown, say why and what to do next."""
        self._card.set_visibility(bool(self._sheet.total))
        self._nothing.set_visibility(not self._sheet.total)
        self._nothing.clear()
        if self._sheet.total:
            return
        with self._nothing:
            if self._words:
                empty(self._desk, "search_off", "products.none_found", "products.none_found_hint")
            else:
                empty(self._desk, "inventory_2", "products.none", "products.none_hint")

    def _row(self, row: Row) -> None:
        desk, sheet, product = self._desk, self._sheet, row.product
        with sheet.cell("products.picture", "picture"):
            _picture(product)
        with sheet.cell("products.name", "main"):
            ui.label(product.name).classes("say strong")
            ui.label(product.sku).classes("say quiet small")
        with sheet.cell("products.aliases"):
            AliasesCell(desk, product, self._editing, self._sheet.refresh)
        with sheet.cell("products.price"):
            ui.label(desk.money(product.price)).classes("strong")
            if row.freshness:
                ui.label(row.freshness).classes("quiet small")
        with sheet.cell("products.lowest"):
            self._lowest(product)
        with sheet.cell("products.stock"):
            _stock(desk, product)
        with sheet.cell("products.link"):
            _link(desk, product)

    def _freshness(self, product: Product) -> str:
        shop = self._desk.console.shop
        at = shop.told_at.get(product.sku) if shop is not None else None
        return "" if at is None else self._desk.say("products.from_shop", at=self._desk.clock(at))

    def _lowest(self, product: Product) -> None:
        if product.reference_price is not None:
            ui.label(self._desk.money(product.reference_price))
        else:
            ui.label(self._desk.say("products.not_known")).classes("quiet small")


def _picture(product: Product) -> None:
    if product.picture:
        picture = ui.element("img").props('alt="" loading=lazy width=48 height=48')
        picture.props["src"] = product.picture


def _stock(desk: Desk, product: Product) -> None:
    if product.stock is None:
        ui.label(desk.say("products.stock_untold")).classes("quiet small")
    elif product.stock == 0:
        ui.label(desk.say("products.sold_out")).classes("chip warn")
    else:
        ui.label(str(product.stock))


def _link(desk: Desk, product: Product) -> None:
    if product.url:
        label = desk.say("products.open_in_shop", name=product.name)
        with ui.element("a").props("target=_blank rel=noopener").classes("icon-link") as link:
            ui.icon("open_in_new").props("aria-hidden=true")
        link.props["href"], link.props["aria-label"] = product.url, label
