"""Importing products from a file: read, looked at, then taken or not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from commands.money import say_money
from domain.errors import BateleurError
from domain.people import Right
from domain.product_rules import Comparison, compared
from domain.show import Product
from shops.feed.catalogue import Catalogue, decoded, read_catalogue
from shops.flaws import BadFile
from store.unit import UnitOfWork
from web.console.bad_lines import say_flaw
from web.console.desk import Change, Desk
from web.console.pages.products.preview import show_preview
from web.console.progress import Told, progress
from web.console.uploads import file_button

AT_A_TIME = 1_000
AUDITED = 50
"""How many changed prices the audit log names; a person who wants more looks at the history of prices."""
READ_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Given:
    """A file that was read, and what taking it would do."""

    name: str
    catalogue: Catalogue
    plan: Comparison


class Importing:
    """The button, and below it what the chosen file holds. `imported` is called when something changed."""

    def __init__(self, desk: Desk, imported: Callable[[], Awaitable[None]]) -> None:
        self._desk, self._imported = desk, imported
        file_button(desk, "products.import", ".csv,.tsv,.txt,.xml", self._taken)
        self._place = ui.element("div").classes("importing")

    async def _taken(self, name: str, raw: bytes) -> None:
        desk = self._desk
        if not await desk.may(Right.PLAN):
            return
        self._place.clear()
        try:
            with self._place, progress(desk.say("products.reading", file=name)) as told:
                given = await self._look(name, raw, told)
        except BateleurError as error:
            why = say_flaw(desk, error) if isinstance(error, BadFile) else desk.told(error.sentence)
            self._complain(name, why)
            return
        with self._place:
            self._preview(given)

    async def _look(self, name: str, raw: bytes, told: Told) -> Given:
        catalogue = await asyncio.to_thread(
            lambda: read_catalogue(decoded(raw, name), lambda share: told(share * READ_SHARE))
        )
        told(READ_SHARE)
        skus = [product.sku for product in catalogue.products]
        ours = await self._desk.read(lambda unit: unit.products.some(skus))
        return Given(name, catalogue, compared(ours, catalogue.products, is_feed=catalogue.is_feed))

    def _complain(self, name: str, why: str) -> None:
        with self._place, ui.element("section").classes("card").props("role=alert"):
            ui.label(self._desk.say("products.not_readable", file=name)).classes("head bad")
            ui.label(why).classes("say")
            ui.button(self._desk.say("frame.close"), on_click=self._leave).props("flat")

    def _take_of(self, given: Given) -> Callable[[], Awaitable[None]]:
        async def take() -> None:
            await self._take(given)

        return take

    async def _take(self, given: Given) -> None:
        desk = self._desk
        self._place.clear()
        with self._place:  # what was pressed is gone: what is said now belongs to the place
            sentence = desk.say("products.saving", count=desk.number(len(given.plan.to_save)))
            with progress(sentence) as told:
                saved = await desk.act(Right.PLAN, "products_imported", _saving(given, told))
            if saved is None:
                self._preview(given)
                return
            desk.tell(desk.say("products.imported", count=desk.number(saved), n=saved))
            await self._imported()

    def _preview(self, given: Given) -> None:
        show_preview(self._desk, given.name, given.catalogue, given.plan, self._take_of(given), self._leave)

    def _leave(self) -> None:
        self._place.clear()


def _saving(given: Given, told: Told) -> Callable[[UnitOfWork, datetime], Change]:
    """Saves what the file changes, in one transaction: whole or not at all. What a feed cannot tell is taken
    from how the products stand by then."""
    wanted = {product.sku for product in given.plan.to_save}
    products = [product for product in given.catalogue.products if product.sku in wanted]

    def save(unit: UnitOfWork, now: datetime) -> Change:
        before: dict[str, str] = {}
        after: dict[str, str] = {}
        for start in range(0, len(products), AT_A_TIME):
            told(start / len(products))
            part = products[start : start + AT_A_TIME]
            plan = compared(
                unit.products.some([one.sku for one in part]), part, is_feed=given.catalogue.is_feed
            )
            unit.products.save(plan.to_save, now)
            for old, new in plan.changed:
                if old.price != new.price and len(after) < AUDITED:
                    before[old.sku], after[new.sku] = _priced(old), _priced(new)
        counts = {
            "file": given.name,
            "new": len(given.plan.new),
            "changed": len(given.plan.changed),
            "left_out": len(given.catalogue.wrong),
        }
        return Change("products", {"prices": before}, {**counts, "prices": after}, len(products))

    return save


def _priced(product: Product) -> str:
    return say_money(product.price, "en")
