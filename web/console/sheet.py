"""A table of the console that is fetched page by page: rows come from the store when they are looked at."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from nicegui import ui

from web.console.desk import Desk
from web.console.parts import Looks

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """Some rows of a table, and how many there are in all."""

    items: Sequence[Item]
    total: int


class Sheet(Generic[Item]):
    """A table whose columns are keys of texts. `fetch(offset, limit)` gives rows; `draw(item)` fills one,
    with a `cell()` for each column. `name` is a key too: what the table holds, for whoever cannot see it.
    Columns among `numbers` are set right; the first cell drawn as `main` leads the row on a phone."""

    def __init__(
        self,
        desk: Desk,
        name: str,
        columns: Sequence[str],
        fetch: Callable[[int, int], Awaitable[Part[Item]]],
        draw: Callable[[Item], None],
        *,
        size: int = 25,
        numbers: Sequence[str] = (),
    ) -> None:
        self._desk, self._columns, self._fetch, self._draw = desk, columns, fetch, draw
        self._size, self._start, self._numbers = size, 0, numbers
        self._shown: Part[Item] | None = None
        self._looks = Looks()
        with ui.element("div").classes("sheet").props("tabindex=0"):
            with ui.element("table").props(f'aria-label="{desk.say(name)}"'):
                with ui.element("thead"), ui.element("tr"):
                    for column in columns:
                        with ui.element("th").props("scope=col").classes(self._class_of(column)):
                            ui.label(desk.say(column))
                self._body = ui.element("tbody")
            with ui.element("div").classes("line-up pager"):
                self._where = ui.label().classes("quiet small").props("role=status")
                self._back = self._turner("chevron_left", "sheet.back", -1)
                self._on = self._turner("chevron_right", "sheet.on", 1)

    @property
    def items(self) -> Sequence[Item]:
        """The rows shown now."""
        return self._shown.items if self._shown else ()

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return self._shown.total if self._shown else 0

    async def begin(self) -> None:
        """Show the first rows."""
        self._start = 0
        await self.refresh()

    async def refresh(self) -> None:
        """Fetch the rows again; they are drawn anew when something has changed."""
        is_newest = self._looks.begin()
        part = await self._fetch(self._start, self._size)
        if is_newest() and self._start and not part.items:
            self._start = 0
            part = await self._fetch(0, self._size)
        if is_newest() and part != self._shown:
            self._shown = part
            self.redraw()

    def redraw(self) -> None:
        """Draw the rows that are shown, as they were fetched."""
        self._body.clear()
        with self._body:
            for item in self.items:
                with ui.element("tr"):
                    self._draw(item)
        last = self._start + len(self.items)
        total = self._desk.number(self.total)
        where = self._desk.say("sheet.where", first=self._start + bool(last), last=last, total=total)
        self._where.set_text(where)
        self._back.set_enabled(self._start > 0)
        self._on.set_enabled(last < self.total)
        for turner in (self._back, self._on):
            turner.set_visibility(self.total > self._size)

    @contextmanager
    def cell(self, column: str, classes: str = "") -> Iterator[None]:
        """A cell of the row that is being drawn; its content goes inside."""
        label = self._desk.say(column)
        with ui.element("td").classes(f"{self._class_of(column)} {classes}") as cell:
            cell.props["data-label"] = label
            yield

    def _class_of(self, column: str) -> str:
        return "number" if column in self._numbers else ""

    def _turner(self, icon: str, name: str, by: int) -> ui.button:
        async def turn() -> None:
            self._start = max(0, self._start + by * self._size)
            await self.refresh()

        button = ui.button(icon=icon, on_click=turn).props("flat round")
        return button.props(f'aria-label="{self._desk.say(name)}"')


async def part_of(items: Sequence[Item], offset: int, limit: int) -> Part[Item]:
    """Rows of a list that is at hand."""
    return Part(items[offset : offset + limit], len(items))
