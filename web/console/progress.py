"""Long work on a thread, with a bar that moves meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

Told = Callable[[float], None]


@contextmanager
def progress(sentence: str) -> Iterator[Told]:
    """Show `sentence` and a bar, in the place that is being filled; give what the thread tells its share of
    the work done to, 0 to 1."""
    share = [0.0]

    def told(done: float) -> None:
        share[0] = done

    with ui.element("div").classes("progress").props("role=status") as shown:
        ui.label(sentence)
        bar = ui.linear_progress(0, show_value=False).props("instant-feedback")
        bar.props["aria-label"] = sentence  # it may hold a file's name, which is not to be read as properties
        timer = ui.timer(0.2, lambda: bar.set_value(share[0]))
    try:
        yield told
    finally:
        timer.cancel()
        shown.delete()
