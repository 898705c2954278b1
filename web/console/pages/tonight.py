"""Tonight: the open live at a glance, and all that a moderator can do."""

from nicegui import ui

from domain.show import Live, LiveState
from store.unit import UnitOfWork
from web.console.desk import Desk
from web.console.parts import empty

_ORDER = {LiveState.OPEN: 0, LiveState.PLANNED: 1}


async def build(desk: Desk) -> None:
    """The page of the live that is on, or is planned next."""
    live = await desk.read(current_live)
    if live is None:
        empty(desk, "campaign", "tonight.no_live", "tonight.no_live_hint")
        return
    with ui.element("section").classes("line-up"):
        ui.label(live.title).classes("figure say")
        ui.label(desk.say(f"tonight.{live.state}")).classes("chip")


def current_live(unit: UnitOfWork) -> Live | None:
    """The open live, else the planned one that starts first."""
    lives = [live for live in unit.lives.list() if live.state in _ORDER]
    starts = {live.id: live.starts_at.timestamp() if live.starts_at else 0.0 for live in lives}
    return min(lives, key=lambda live: (_ORDER[live.state], starts[live.id], live.id), default=None)
