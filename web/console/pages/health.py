"""Health: whether the program can do its work, and what is or was wrong with each of its parts."""

from nicegui import ui

from web.console.desk import Desk
from web.console.parts import Redrawn, empty, say_trouble
from web.console.show import HealthSight, PartSight

REFRESH_S = 2.0


async def build(desk: Desk) -> None:
    """The page; it follows what happens."""
    show = desk.console.show
    if show is None:
        empty(desk, "monitor_heart", "health.no_show", "health.no_show_hint")
        return
    whole = Redrawn[HealthSight](lambda sight: _draw(desk, sight))

    async def refresh() -> None:
        whole.show(await show.health())

    desk.every(REFRESH_S, refresh)


def _draw(desk: Desk, sight: HealthSight) -> None:
    is_well = sight.is_ready and not any(part.why for part in sight.parts)
    state = "well" if is_well else "partly" if sight.is_ready else "ill"
    mark, colour = {
        "well": ("check_circle", "good"), "partly": ("warning", "warn"), "ill": ("error", "bad")
    }[state]  # fmt: skip
    with ui.element("section").classes("card"), ui.element("div").classes("line-up").props("role=status"):
        ui.icon(mark).classes(f"figure {colour}").props("aria-hidden=true")
        ui.label(desk.say(f"health.{state}")).classes("name")
    with ui.element("div").classes("grid"):
        for part in sight.parts:
            _draw_part(desk, part)


def _draw_part(desk: Desk, part: PartSight) -> None:
    say = desk.say
    with ui.element("section").classes("card slim") as section:
        section.props["data-part"] = f"{part.kind} {part.name}".strip()
        with ui.element("div").classes("line-up tight"):
            ui.icon("error" if part.why else "check_circle").classes("bad" if part.why else "good").props(
                "aria-hidden=true"
            )
            name = say(f"health.kind_{part.kind}")
            ui.label(f"{name} {part.name}".strip()).props("role=heading aria-level=2").classes("name clip")
        if part.why:
            say_trouble(desk, part.why, "bad small say")
        else:
            ui.label(say(f"health.well_{part.kind}")).classes("quiet small")
        _draw_last(desk, part)


def _draw_last(desk: Desk, part: PartSight) -> None:
    if part.trouble_at is None:
        ui.label(desk.say("health.never")).classes("quiet small")
        return
    began = desk.clock(part.trouble_at)
    if part.well_again_at is None:
        ui.label(desk.say("health.since", at=began)).classes("quiet small")
        return
    ui.label(desk.say("health.last", at=began, until=desk.clock(part.well_again_at))).classes("quiet small")
    say_trouble(desk, part.last_trouble, "quiet small say")
