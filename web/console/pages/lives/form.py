"""The form of a live's plan. What is wrong is said in it, and what was typed stays."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.disableable_element import DisableableElement
from nicegui.elements.mixins.value_element import ValueElement

from web.console.desk import Desk
from web.console.pages.lives.plan import Typed
from web.console.pages.lives.products import ProductList
from web.console.texts import LANGUAGES


class PlanForm:
    """A dialog filled with what is `typed` already; `names` are those of its products. `heading` and `deed`
    are keys of texts. Of an open live only the end and the products can be changed."""

    def __init__(
        self,
        desk: Desk,
        heading: str,
        deed: str,
        typed: Typed,
        names: Mapping[str, str],
        *,
        is_open: bool = False,
    ) -> None:
        self._desk = desk
        self._fields: dict[str, ValueElement[Any]] = {}
        with ui.dialog() as self.dialog, ui.card().classes("ask form"):
            self.dialog.props["aria-label"] = desk.say(heading)
            ui.label(desk.say(heading)).props("role=heading aria-level=2").classes("head")
            if is_open:
                ui.label(desk.say("lives.only_end")).classes("quiet small")
            self._draw_fields(typed)
            self._products = ProductList(desk, typed.skus, names)
            with ui.element("div").classes("at-hand"):
                self._wrong = ui.label().classes("bad say").props("role=alert")
                self._draw_buttons(deed)
        for name, field in self._fields.items():
            if is_open and name != "ends" and isinstance(field, DisableableElement):
                field.disable()

    def _draw_buttons(self, deed: str) -> None:
        say = self._desk.say
        with ui.row().classes("buttons"):
            ui.button(say("frame.cancel"), on_click=lambda: self.dialog.submit(False)).props("flat")
            button = ui.button(say(deed), on_click=lambda: self.dialog.submit(True))
            button.classes("costs").mark("confirm")

    def _draw_fields(self, typed: Typed) -> None:
        say, fields = self._desk.say, self._fields
        fields["title"] = ui.input(say("lives.live_title")).props("outlined autofocus").mark("title")
        fields["channels"] = ui.input_chips(say("lives.channels")).props("outlined").mark("channels")
        fields["channels"].props["hint"] = say("lives.channels_hint")
        with ui.element("div").classes("line-up"):
            fields["day"] = _native(say("lives.day"), "date", "day")
            fields["starts"] = _native(say("lives.starts"), "time", "starts")
        fields["ends"] = _native(say("lives.ends"), "time", "ends")
        with ui.element("div").classes("line-up"):
            languages = {one: say(f"lives.language_{one}") for one in LANGUAGES}
            languages.setdefault(typed.language, typed.language)
            fields["language"] = ui.select(languages, label=say("lives.live_language")).props("outlined")
            fields["timezone"] = ui.input(say("lives.timezone")).props("outlined")
        for name, field in fields.items():
            self._fill(name, field, typed)

    def _fill(self, name: str, field: ValueElement[Any], typed: Typed) -> None:
        value = getattr(typed, name)
        field.set_value(list(value) if isinstance(value, tuple) else value)

    def typed(self) -> Typed:
        """What stands in the form, a channel that was not confirmed with Enter left out."""
        texts = {name: str(field.value or "") for name, field in self._fields.items() if name != "channels"}
        return Typed(
            title=texts["title"],
            language=texts["language"],
            timezone=texts["timezone"].strip(),
            channels=tuple(str(channel).strip() for channel in self._fields["channels"].value or ()),
            day=texts["day"],
            starts=texts["starts"],
            ends=texts["ends"],
            skus=self._products.skus,
        )

    def catch_up(self, was: Typed, stands: Typed, names: Mapping[str, str]) -> None:
        """Show what `stands` now in each field that nobody touched here since it was filled with `was`."""
        typed = self.typed()
        for name, field in self._fields.items():
            if getattr(typed, name) == getattr(was, name):
                self._fill(name, field, stands)
        skus = stands.skus if typed.skus == was.skus else typed.skus
        self._products.show(skus, names)

    def complain(self, *sentences: str) -> None:
        """Say what is wrong, where one is typing."""
        self._wrong.set_text("\n".join(sentences))


def _native(label: str, kind: str, mark: str) -> ui.input:
    """A field with the browser's own way to choose a day or a time."""
    return ui.input(label).props(f"outlined type={kind} stack-label").mark(mark)
