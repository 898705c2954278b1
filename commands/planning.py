"""Planning a live: what holds for the command line and the console alike."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from domain.errors import Refusal
from domain.plaintext import one_line
from domain.show import Live
from store.unit import UnitOfWork


@dataclass(frozen=True, slots=True)
class Plan:
    """A live to be. Times are aware UTC; `channels` are written `platform:id`."""

    title: str
    language: str
    timezone: str
    channels: tuple[str, ...]
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def plan_live(
    unit: UnitOfWork, plan: Plan, *, platforms: Collection[str], languages: Collection[str]
) -> Live:
    """The live, planned. Raises `Refusal` for the first thing that is wrong with the plan."""
    title = one_line(plan.title).strip()
    if not title:
        raise Refusal("A live needs a title, such as «Soirée Xbox».")
    for name in plan.channels:
        check_channel(name, platforms)
    if plan.language.partition("-")[0].lower() not in languages:
        known = ", ".join(languages)
        raise Refusal(
            f"There are no reply texts in «{plan.language}»; there are: {known}. See BATELEUR_TEXTS."
        )
    if plan.timezone not in available_timezones():
        raise Refusal(f"«{plan.timezone}» is no time zone; write one such as Europe/Paris.")
    if plan.starts_at is not None and plan.ends_at is not None and plan.ends_at <= plan.starts_at:
        raise Refusal("The live would end before it starts: give it a later end.")
    return unit.lives.add(
        title, plan.language, plan.timezone, plan.channels, starts_at=plan.starts_at, ends_at=plan.ends_at
    )


def check_channel(name: str, platforms: Collection[str]) -> None:
    """Raise `Refusal` unless `name` is `platform:id` of a platform that can be read."""
    platform, _, account = name.partition(":")
    if platform not in platforms or not account.strip():
        raise Refusal(f"«{name}» is no channel; write platform:id, with one of: {', '.join(platforms)}.")
