"""Fields of a form that can say what is wrong with them."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from web.console.desk import Desk
from web.console.pages.offers.plan import Slip


def text_field(desk: Desk, key: str, value: str = "", *, props: str = "", hint: str = "") -> ui.input:
    """An input whose label is the text of `key`; `hint` is the key of a sentence below it."""
    field = ui.input(desk.say(key), value=value).props(f"outlined dense {props}").classes("field")
    if hint:
        field.props["hint"] = desk.say(hint)
    return field


def say_slips(desk: Desk, fields: Mapping[str, ui.input], slips: Sequence[Slip]) -> None:
    """Each field says what is wrong with it, or nothing; the first wrong one gets the focus."""
    said: dict[str, str] = {}
    for slip in slips:
        words: dict[str, Any] = {
            name: value if isinstance(value, int) else str(value) for name, value in slip.words.items()
        }
        said.setdefault(slip.where, desk.say(slip.key, **words))
    for name, field in fields.items():
        field.props["error"], field.props["error-message"] = name in said, said.get(name, "")
        field.update()
    first = next((field for name, field in fields.items() if name in said), None)
    if first is not None:
        first.run_method("focus")
