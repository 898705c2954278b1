"""What importing a file would do, before anything is changed."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from nicegui import ui

from domain.product_rules import Comparison
from domain.show import Product
from shops.feed.catalogue import Catalogue
from web.console.bad_lines import show_bad_lines
from web.console.desk import Desk
from web.console.sheet import Sheet, part_of

Pair = tuple[Product, Product]
CHANGED = ("products.name", "products.old_price", "products.new_price", "products.also")
NEW = ("products.name", "products.price", "products.lowest", "products.stock")
ALSO = ("name", "aliases", "reference_price", "stock", "url", "picture")


def show_preview(
    desk: Desk,
    name: str,
    catalogue: Catalogue,
    plan: Comparison,
    take: Callable[[], Awaitable[None]],
    leave: Callable[[], None],
) -> None:
    """Figures, the bad lines, what is new and what changes; and the two ways on."""
    with ui.element("section").classes("card preview").props('tabindex=-1 role=region aria-live="polite"'):
        title = desk.say("products.preview", file=name)
        ui.label(title).classes("head say").props("role=heading aria-level=2")
        with ui.element("div").classes("line-up"):
            _figure(desk, len(plan.new), "products.new", "good")
            _figure(desk, len(plan.changed), "products.changed", "")
            _figure(desk, plan.unchanged, "products.unchanged", "quiet")
            _figure(desk, len(catalogue.wrong), "products.bad", "bad" if catalogue.wrong else "quiet")
        if catalogue.wrong:
            show_bad_lines(desk, catalogue.wrong)
        _opened(desk, "products.changed_list", plan.changed, partial(_changes, desk, plan.changed))
        _opened(desk, "products.new_list", plan.new, partial(_news, desk, plan.new))
        _ways_on(desk, catalogue, plan, take, leave)


def _figure(desk: Desk, count: int, key: str, classes: str) -> None:
    with ui.element("div").classes("told-figure"):
        ui.label(desk.number(count)).classes(f"figure {classes}")
        ui.label(desk.say(key, count=count)).classes("small")


def _opened(desk: Desk, key: str, items: Sequence[object], draw: Callable[[], Awaitable[None]]) -> None:
    """A part that is drawn when it is opened."""
    if not items:
        return
    with ui.element("details") as details:
        with ui.element("summary"):
            ui.label(desk.say(key, count=desk.number(len(items))))
        inside = ui.element("div")
    drawn: list[bool] = []

    async def once() -> None:
        if not drawn:
            drawn.append(True)
            with inside:
                await draw()

    details.on("toggle", once, args=[])


async def _changes(desk: Desk, changed: Sequence[Pair]) -> None:
    def row(pair: Pair) -> None:
        old, new = pair
        with sheet.cell("products.name", "main"):
            ui.label(new.name).classes("say strong")
            ui.label(new.sku).classes("say quiet small")
        with sheet.cell("products.old_price"):
            ui.label(desk.money(old.price)).classes("was" if old.price != new.price else "")
        with sheet.cell("products.new_price"):
            ui.label(desk.money(new.price)).classes("strong" if old.price != new.price else "")
        with sheet.cell("products.also"):
            others = [what for what in ALSO if getattr(old, what) != getattr(new, what)]
            ui.label(", ".join(desk.say(f"products.also_{what}") for what in others) or "–")

    sheet: Sheet[Pair] = Sheet(
        desk, "products.changed_title", CHANGED, partial(part_of, changed), row, size=10
    )
    await sheet.begin()


async def _news(desk: Desk, new: Sequence[Product]) -> None:
    def row(product: Product) -> None:
        with sheet.cell("products.name", "main"):
            ui.label(product.name).classes("say strong")
            ui.label(product.sku).classes("say quiet small")
        with sheet.cell("products.price"):
            ui.label(desk.money(product.price))
        with sheet.cell("products.lowest"):
            lowest = product.reference_price
            ui.label(desk.money(lowest) if lowest else desk.say("products.not_known_short"))
        with sheet.cell("products.stock"):
            ui.label("–" if product.stock is None else str(product.stock))

    fetch = partial(part_of, new)
    sheet: Sheet[Product] = Sheet(desk, "products.new_title", NEW, fetch, row, size=10, numbers=NEW[1:])
    await sheet.begin()


def _ways_on(
    desk: Desk,
    catalogue: Catalogue,
    plan: Comparison,
    take: Callable[[], Awaitable[None]],
    leave: Callable[[], None],
) -> None:
    count = len(plan.to_save)
    if not count:
        ui.label(desk.say("products.nothing_to_take"))
    elif catalogue.wrong:
        ui.label(desk.say("products.take_some_hint"))
    with ui.element("div").classes("line-up"):
        if count:
            deed = desk.say("products.take", count=desk.number(count), one=count == 1)
            button = ui.button(deed).mark("take")
            button.on_click(_once(button, take))
        ui.button(desk.say("products.leave" if count else "frame.close"), on_click=leave).props("flat")


def _once(button: ui.button, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def pressed() -> None:
        button.disable()  # a second press would begin the same work again
        await work()

    return pressed
