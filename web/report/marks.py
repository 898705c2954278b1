"""What a chart is made of; `templates/report/chart.svg` writes it down. Lengths are in units of its width."""

from collections.abc import Sequence
from dataclasses import dataclass

MEAN_WIDTH = 0.58
"""Of the height of a letter, how wide it is on average in the fonts of screens."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `look` names its style, `hint` is shown when one points at it."""

    x: float
    y: float
    width: float
    height: float
    look: str
    hint: str = ""
    kind: str = "box"


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x: float
    y: float
    to_x: float
    to_y: float
    look: str
    kind: str = "line"


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    look: str
    radius: float = 5
    hint: str = ""
    kind: str = "dot"


@dataclass(frozen=True, slots=True)
class Area:
    """A filled shape through `points`."""

    points: tuple[tuple[float, float], ...]
    look: str
    kind: str = "area"


@dataclass(frozen=True, slots=True)
class Label:
    """A text; `anchor` is which part of it is at `x`: start, middle or end."""

    x: float
    y: float
    text: str
    look: str = ""
    anchor: str = "start"
    kind: str = "label"


Mark = Box | Line | Dot | Area | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """The marks of a chart of one width."""

    width: int
    height: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart drawn twice, for a page or a sheet and for a phone; `about` says in words what it shows."""

    id: str
    title: str
    about: str
    wide: Drawing
    narrow: Drawing


WIDE, NARROW = 720, 360


def cut(text: str, width: float, size: float) -> str:
    """As much of `text` as fits into `width` with letters of `size`; empty when that is next to nothing."""
    room = int(width / (size * MEAN_WIDTH))
    if len(text) <= room:
        return text
    return f"{text[: room - 1].rstrip()}…" if room >= 4 else ""


def folded(text: str, width: float, size: float, lines: int = 2) -> list[str]:
    """`text` in at most `lines` lines that fit into `width`, the last of them cut."""
    room = int(width / (size * MEAN_WIDTH))
    found: list[str] = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if len(longer) <= room or not found[-1] or len(found) == lines:
            found[-1] = longer
        else:
            found.append(word)
    return [cut(line, width, size) for line in found]


def round_up(value: float) -> float:
    """The next round number from `value` on, such as 0.4 for 0.37."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return next(
        power * step for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if power * step >= value * 0.999999
    )


def is_wide(width: int) -> bool:
    """Whether there is room beside a bar for its name."""
    return width >= WIDE


def both(id: str, title: str, about: str, drawings: Sequence[Drawing]) -> Chart:
    """The chart of a wide and of a narrow drawing."""
    wide, narrow = drawings
    return Chart(id, title, about, wide, narrow)
