"""A live's plan, and what of it may still be changed once others know it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from domain.errors import Refusal
from domain.show import Live, LiveState


@dataclass(frozen=True, slots=True)
class Plan:
    """A live to be. Times are aware UTC; `channels` are written `platform:id`; `skus` are the products of the
    live, in the order in which they will be shown."""

    title: str
    language: str
    timezone: str
    channels: tuple[str, ...]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A live as it stands: its state, and its plan."""

    state: LiveState
    plan: Plan


FIELDS = tuple(field.name for field in fields(Plan))
CHANGEABLE: Mapping[LiveState, frozenset[str]] = {
    LiveState.PLANNED: frozenset(FIELDS),
    LiveState.OPEN: frozenset({"ends_at", "skus"}),
}
"""What of a plan may be changed, by the state of its live; of a live that is over, nothing."""


def planned(live: Live, skus: tuple[str, ...]) -> Planned:
    """How `live` stands, with its products."""
    return Planned(
        live.state,
        Plan(
            live.title, live.language, live.timezone, live.channels, live.starts_at, live.ends_at, skus
        ),
    )  # fmt: skip


def changed(before: Plan, after: Plan) -> tuple[str, ...]:
    """The names of the fields in which two plans differ."""
    return tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))


def check_change(seen: Planned, stands: Planned, wanted: Plan, now: datetime) -> None:
    """Raise `Refusal` unless a live that `stands` so may be given the plan `wanted` by someone who has `seen`
    it otherwise, perhaps: nobody overwrites what they have not read."""
    if stands.state not in CHANGEABLE:
        raise Refusal("The live is over or was cancelled: its plan cannot be changed any more.")
    if stands.state is not seen.state:
        raise Refusal("The live was opened meanwhile: only its end and its products can still be changed.")
    if stands.plan != seen.plan:
        raise Refusal("Somebody changed this live meanwhile: look at what stands now, then save again.")
    names = changed(stands.plan, wanted)
    if not CHANGEABLE[stands.state].issuperset(names):
        raise Refusal("Of an open live only the end and the products can be changed.")
    is_over = wanted.ends_at is not None and wanted.ends_at <= now
    if stands.state is LiveState.OPEN and "ends_at" in names and is_over:
        raise Refusal("That end is past already; to end the live now, close it.")
