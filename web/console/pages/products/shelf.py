"""Finding products by words, among tens of thousands."""

import asyncio

from domain.plaintext import fold
from domain.show import Product
from store.unit import UnitOfWork
from web.console.desk import Desk
from web.console.sheet import Part

Names = list[tuple[str, str]]
KEPT_S = 10.0
"""How long what was read for searching is believed; a product that comes or goes is seen at once."""


class Shelf:
    """The products of the store as one page looks at them: the names are kept for a moment, the rest is read
    when it is shown."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._names: Names = []
        self._read_at = 0.0
        self._alone = asyncio.Lock()

    async def part(self, words: str, offset: int, limit: int) -> Part[Product]:
        """Products whose SKU, name or aliases have all the words, whatever their case and accents."""
        names = await self._fresh_names()
        wanted = fold(words).split()
        if wanted:
            skus = await asyncio.to_thread(_matching, names, wanted)
        else:
            skus = [sku for sku, _ in names]
        shown = skus[offset : offset + limit]
        found = await self._desk.read(lambda unit: unit.products.some(shown))
        return Part([found[sku] for sku in shown if sku in found], len(skus))

    def forget(self) -> None:
        """Read everything anew when it is next asked for."""
        self._read_at = 0.0

    async def _fresh_names(self) -> Names:
        async with self._alone:
            now = asyncio.get_running_loop().time()
            count = await self._desk.read(lambda unit: unit.products.count())
            if count != len(self._names) or now - self._read_at > KEPT_S or not self._read_at:
                self._names = await self._desk.read(_folded_names)
                self._read_at = now
            return self._names


def _folded_names(unit: UnitOfWork) -> Names:
    return [(sku, fold(" ".join((sku, name, *aliases)))) for sku, name, aliases in unit.products.names()]


def _matching(names: Names, wanted: list[str]) -> list[str]:
    return [sku for sku, text in names if all(word in text for word in wanted)]
