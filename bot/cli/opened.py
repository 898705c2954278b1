"""What every verb needs first: the settings and the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from bot.settings import Settings, load_settings
from domain.errors import Refusal
from store.database import Database, open_database


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """The settings, and the database checked to be of this version; raises `ActionRequired`."""
    settings = load_settings()
    database = open_database(settings.database_url, secret_key=settings.secret_key.get_secret_value())
    try:
        if settings.database_url.startswith("sqlite"):
            database.upgrade()
        database.check()
        yield settings, database
    finally:
        database.close()


def now() -> datetime:
    """The time, aware UTC."""
    return datetime.now(UTC)


def checked_zone(name: str) -> str:
    """`name`; raises `Refusal` unless it is a time zone."""
    if name not in available_timezones():
        raise Refusal(f"«{name}» is no time zone; write one such as Europe/Paris.")
    return name


def until(text: str | None, timezone: str, *, start: datetime, is_plan: bool = False) -> datetime | None:
    """`21:30` (the next one after `start` in `timezone`) or an ISO date and time, as aware UTC.

    Raises `Refusal` for what is no time or not after `start`, which `is_plan` says to be a live's start.
    """
    if text is None:
        return None
    zone = ZoneInfo(timezone)
    try:
        if len(text) <= 5:
            clock = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day, zoned on the next line
            moment = datetime.combine(start.astimezone(zone).date(), clock, zone)
            moment += timedelta(days=1) if moment <= start else timedelta()
        else:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except ValueError:
        raise Refusal(f"«{text}» is no time; write 21:30 or 2026-11-23T21:30.") from None
    if moment <= start:
        raise Refusal(f"{text} is before the live starts." if is_plan else f"{text} is already past.")
    return moment.astimezone(UTC)
