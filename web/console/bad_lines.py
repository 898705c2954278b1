"""What is wrong with a file, in the user's language."""

from collections.abc import Sequence

from nicegui import ui

from shops.flaws import BadFile, BadLine, Flaw
from web.console.desk import Desk

SHOWN = 100


def say_flaw(desk: Desk, flaw: Flaw | BadFile) -> str:
    """What is wrong and how to mend it."""
    words = {name: value if isinstance(value, int) else str(value) for name, value in flaw.words.items()}
    return desk.say(f"bad_lines.{flaw.key}", **words)


def show_bad_lines(desk: Desk, wrong: Sequence[BadLine]) -> None:
    """The lines left out, each with its number and its sentence; the first hundred of them."""
    with ui.element("section").classes("card bad-lines"):
        ui.label(desk.say("bad_lines.title", count=len(wrong))).classes("head").props(
            "role=heading aria-level=3"
        )
        with ui.element("ul"):
            for line in wrong[:SHOWN]:
                with ui.element("li"):
                    place = desk.say(f"bad_lines.{line.unit.lower()}", number=line.number)
                    ui.label(place).classes("chip bad")
                    ui.label(say_flaw(desk, line.flaw)).classes("say")
        if len(wrong) > SHOWN:
            ui.label(desk.say("bad_lines.more", count=len(wrong) - SHOWN)).classes("quiet")
