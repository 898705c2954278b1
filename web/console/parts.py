"""Small pieces that several pages of the console are made of."""

from nicegui import ui

from web.console.desk import Desk


def empty(desk: Desk, icon: str, sentence: str, hint: str = "") -> None:
    """Nothing to show yet: a sentence, and what to do next. Both are keys of texts."""
    with ui.element("section").classes("card empty"):
        ui.icon(icon).props("aria-hidden=true")
        ui.label(desk.say(sentence))
        if hint:
            ui.label(desk.say(hint)).classes("small")
