"""Small pieces that several pages of the console are made of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from nicegui import ui

from web.console.desk import Desk

Value = TypeVar("Value")


class Redrawn(Generic[Value]):
    """A part of a page that is drawn anew when what it shows has changed, and only then."""

    def __init__(self, draw: Callable[[Value], None], tag: str = "div", classes: str = "redrawn") -> None:
        self._draw = draw
        self._shown: list[Value] = []
        self._element = ui.element(tag).classes(classes)

    def show(self, value: Value) -> None:
        """Show `value`; values are compared with `==`."""
        if self._shown == [value]:
            return
        self._shown = [value]
        self._element.clear()
        with self._element:
            self._draw(value)


class Looks:
    """The looks of a part of a page at the store: only the newest is shown. One that was begun before it may
    be answered after it, and tell of what nobody asks for any more."""

    def __init__(self) -> None:
        self._begun = 0

    def begin(self) -> Callable[[], bool]:
        """Begin a look; what is returned tells whether it is still the newest."""
        self._begun += 1
        number = self._begun
        return lambda: number == self._begun


@contextmanager
def card(title: str, classes: str = "") -> Iterator[ui.element]:
    """A card with a heading; what belongs in it goes inside."""
    with ui.element("section").classes(f"card {classes}") as section:
        ui.label(title).classes("head").props("role=heading aria-level=2")
        yield section


def say_trouble(desk: Desk, trouble: str, classes: str) -> None:
    """What is wrong, in the user's language; words that stay in English are marked for who has them read."""
    told = desk.told(trouble)
    language = desk.language if told != trouble else "en"
    ui.label(told).classes(classes).props(f"lang={language}")


def empty(desk: Desk, icon: str, sentence: str, hint: str = "") -> None:
    """Nothing to show yet: a sentence, and what to do next. Both are keys of texts."""
    with ui.element("section").classes("card empty"):
        ui.icon(icon).props("aria-hidden=true")
        ui.label(desk.say(sentence))
        if hint:
            ui.label(desk.say(hint)).classes("small")
