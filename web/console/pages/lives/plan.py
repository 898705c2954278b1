"""A plan as it was typed, and as it will be: what is wrong with it is told by the key of a text."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from commands.planning import check_channel
from connectors.registry import PLATFORMS
from domain.errors import Refusal
from domain.plaintext import one_line
from domain.plan_rules import Plan


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    title: str
    language: str
    timezone: str
    channels: tuple[str, ...]
    day: str
    starts: str
    ends: str
    skus: tuple[str, ...] = ()


class Wrong(ValueError):
    """What is wrong with what was typed: the key of a text, and the words put into it."""

    def __init__(self, key: str, **words: str) -> None:
        super().__init__(key)
        self.key = key
        self.words = words


def typed_of(plan: Plan) -> Typed:
    """What stands in the form when `plan` is to be changed: its times on its own clocks."""
    zone = ZoneInfo(plan.timezone)
    starts = plan.starts_at.astimezone(zone) if plan.starts_at else None
    ends = plan.ends_at.astimezone(zone) if plan.ends_at else None
    return Typed(
        plan.title,
        plan.language,
        plan.timezone,
        plan.channels,
        starts.date().isoformat() if starts else "",
        f"{starts:%H:%M}" if starts else "",
        f"{ends:%H:%M}" if ends else "",
        plan.skus,
    )


def plan_of(typed: Typed, now: datetime, kept: Plan | None = None) -> Plan:
    """The plan; raises `Wrong` for the first thing that cannot be. An end before the start is of the next
    day. Times that were not typed anew stay as they are in `kept`, the plan that is changed: past, too."""
    if not one_line(typed.title).strip():
        raise Wrong("needs_title")
    if not typed.channels:
        raise Wrong("needs_channels")
    for channel in typed.channels:
        try:
            check_channel(channel, PLATFORMS)
        except Refusal:
            raise Wrong("no_channel", channel=channel, platforms=", ".join(PLATFORMS)) from None
    if typed.timezone not in available_timezones():
        raise Wrong("no_zone", zone=typed.timezone)
    starts_at, ends_at = _times(typed, now, kept)
    title = one_line(typed.title).strip()
    return Plan(title, typed.language, typed.timezone, typed.channels, starts_at, ends_at, typed.skus)


def open_plan_of(typed: Typed, now: datetime, kept: Plan, opened_at: datetime) -> Plan:
    """The plan of an open live: of what was typed, the end and the products. Raises `Wrong`."""
    if typed.ends == typed_of(kept).ends:
        return replace(kept, skus=typed.skus)
    ends_at = _end(typed.ends, ZoneInfo(kept.timezone), opened_at, now)
    return replace(kept, ends_at=ends_at, skus=typed.skus)


def _times(typed: Typed, now: datetime, kept: Plan | None) -> tuple[datetime | None, datetime | None]:
    zone = ZoneInfo(typed.timezone)
    was = typed_of(kept) if kept is not None else None
    if kept is None or was is None or _start_of(typed) != _start_of(was):
        starts_at: datetime | None = _start(typed, zone, now)
    elif typed.ends == was.ends:
        return kept.starts_at, kept.ends_at
    else:
        starts_at = kept.starts_at
    return starts_at, _end(typed.ends, zone, starts_at, now)


def _start_of(typed: Typed) -> tuple[str, str, str]:
    return typed.day, typed.starts, typed.timezone


def _start(typed: Typed, zone: ZoneInfo, now: datetime) -> datetime:
    try:
        day, at = date.fromisoformat(typed.day), time.fromisoformat(typed.starts)
    except ValueError:
        raise Wrong("needs_times") from None
    starts_at = datetime.combine(day, at, zone)
    if starts_at <= now:
        raise Wrong("in_the_past")
    return starts_at.astimezone(UTC)


def _end(text: str, zone: ZoneInfo, after: datetime | None, now: datetime) -> datetime | None:
    """The first moment after the start at which the clocks show `text`."""
    if not text:
        return None
    if after is None:
        raise Wrong("needs_times")
    begins = after.astimezone(zone)
    try:
        ends = datetime.combine(begins.date(), time.fromisoformat(text), zone)
    except ValueError:
        raise Wrong("needs_times") from None
    if ends <= begins:
        ends += timedelta(days=1)
    if ends <= now:
        raise Wrong("end_past")
    return ends.astimezone(UTC)
