"""Column types shared by every table: aware UTC times and enumerations kept as words."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime in UTC on every engine; a naive one is refused with `ValueError`.

    SQLite has no time zones, so UTC is stored there without its mark and given it back on reading.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value as the engine stores it."""
        if value is None:
            return None
        utc = in_utc(value)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored value as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def in_utc(at: datetime) -> datetime:
    """`at` in UTC; raises `ValueError` for a naive time, whose moment nobody knows."""
    if at.tzinfo is None:
        raise ValueError("A time without a time zone cannot be stored.")
    return at.astimezone(UTC)


def sqlite_time(at: datetime) -> str:
    """`at` exactly as `UtcTime` writes it to SQLite, for statements that bypass the column types."""
    return in_utc(at).replace(tzinfo=None).isoformat(" ", "microseconds")


def from_sqlite_time(text: str) -> datetime:
    """The inverse of `sqlite_time`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def words(enumeration: type[StrEnum], constraint: str = "") -> Any:
    """A text column for the words of `enumeration`; a named CHECK constraint takes no others."""
    return Enum(
        enumeration,
        name=constraint or None,
        native_enum=False,
        create_constraint=bool(constraint),
        length=16,
        values_callable=lambda words_: [word.value for word in words_],
    )


def storable(text: str) -> str:
    """`text` without what no database takes: NUL characters and halves of surrogate pairs.

    A viewer chooses their name and their words; one strange character must not fail a whole batch.
    """
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
