"""How each channel stands, and the last half hour of all of them."""

from dataclasses import replace

from nicegui import ui

from web.console.desk import Desk
from web.console.parts import say_trouble
from web.console.show import ChannelSight, Minute, Sight


class HalfHour:
    """Messages and questions, minute by minute."""

    def __init__(self, desk: Desk) -> None:
        names = (desk.say("tonight.messages"), desk.say("tonight.questions"))
        self._shown: tuple[Minute, ...] = ()
        self._clock = desk.clock
        self._chart = ui.echart(
            {
                "animation": False,
                "aria": {"enabled": True},
                "color": ["#b08aa2", "#c2187a"],
                "textStyle": {"fontFamily": "system-ui, sans-serif"},
                "grid": {"left": 8, "right": 8, "top": 36, "bottom": 4, "containLabel": True},
                "legend": {"top": 0, "left": 0, "textStyle": {"color": "#8d7c90"}},
                "tooltip": {"trigger": "axis"},
                "xAxis": {"type": "category", "data": [], "axisLabel": {"color": "#8d7c90"}},
                "yAxis": {
                    "type": "value",
                    "minInterval": 1,
                    "axisLabel": {"color": "#8d7c90"},
                    "splitLine": {"lineStyle": {"color": "rgba(140,120,140,.25)"}},
                },
                "series": [
                    {"name": names[0], "type": "bar", "data": [], "barGap": "-100%"},
                    {"name": names[1], "type": "bar", "data": []},
                ],
            }
        ).classes("chart")

    def show(self, sight: Sight) -> None:
        """The last half hour."""
        if sight.minutes == self._shown:
            return
        self._shown = sight.minutes
        options = self._chart.options
        options["xAxis"]["data"] = [self._clock(one.at) for one in sight.minutes]
        options["series"][0]["data"] = [one.messages for one in sight.minutes]
        options["series"][1]["data"] = [one.questions for one in sight.minutes]


def per_minute(sight: Sight) -> tuple[int, int]:
    """Messages and questions of the last whole minute, or of the present one when it has more."""
    last = sight.minutes[-2:]
    return max(one.messages for one in last), max(one.questions for one in last)


def draw_channel(desk: Desk, one: ChannelSight) -> None:
    """Its health, what it may still say, who waits."""
    say = desk.say
    with ui.element("div").classes("line-up tight"):
        is_well = one.is_attached and not one.trouble
        ui.icon("check_circle" if is_well else "error").classes("good" if is_well else "bad").props(
            "aria-hidden=true"
        )
        ui.label(one.channel).classes("name clip")
        ui.label(say("tonight.well" if is_well else "tonight.ill")).classes("quiet small")
    if one.trouble:
        say_trouble(desk, one.trouble, "bad small say")
    if not one.is_attached:
        return
    share = one.budget_left / one.budget if one.budget else 1.0
    ui.linear_progress(round(share, 2), show_value=False, size=".5rem").props("rounded aria-hidden=true")
    budget = say("tonight.budget", left=one.budget_left, budget=one.budget, seconds=round(one.window_s))
    ui.label(budget).classes("quiet small")
    ui.label(say("tonight.lag", waiting=one.waiting, seconds=round(one.lag_s))).classes("quiet small")
    ui.label(
        say(
            "tonight.read",
            messages=desk.number(one.messages),
            questions=desk.number(one.questions),
            said=one.said,
        )
    ).classes("quiet small")


def rounded(one: ChannelSight) -> ChannelSight:
    """Whole seconds: a page need not be drawn anew for less."""
    return replace(one, lag_s=float(round(one.lag_s)))
