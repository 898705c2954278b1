"""Chat logs: lines as chat downloaders write them, and JSON lines."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.chat import Message, Role, Viewer
from domain.errors import Refusal

LINE = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\] ([^:]+): ?(.*)")
NAMED_LINES = 10
YEARS = range(1990, 3000)


def read_log(path: Path, channel: str = "replay:log") -> Iterator[Message]:
    """The messages of a log, in its order; raises `Refusal` naming the lines that cannot be read.

    A line is `[YYYY-MM-DD HH:MM:SS UTC] name: text`, or JSON with `time` or `sent_at` (ISO 8601 or Unix
    seconds), `name` and `text`, and optionally `id`, `viewer_id`, `handle` and `role` (viewer,
    subscriber, moderator, owner). The whole log is checked before the first message is given.
    """
    bad = [f"{number} ({error})" for number, line in _lines(path) if (error := _fault(line, number, channel))]
    if bad:
        more = f" and {len(bad) - NAMED_LINES} more" if len(bad) > NAMED_LINES else ""
        raise Refusal(f"{path.name}: these lines cannot be read: {', '.join(bad[:NAMED_LINES])}{more}.")
    return (_message(line, number, channel) for number, line in _lines(path))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as log:
            for number, line in enumerate(log, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except OSError as error:
        raise Refusal(f"The log {path} cannot be read: {error.strerror}.") from error


def _fault(line: str, number: int, channel: str) -> str:
    try:
        _message(line, number, channel)
    except ValueError as error:
        return str(error)
    return ""


def _message(line: str, number: int, channel: str) -> Message:
    return (
        _from_json(line, number, channel) if line.lstrip()[:1] == "{" else _from_text(line, number, channel)
    )


def _from_text(line: str, number: int, channel: str) -> Message:
    match = LINE.fullmatch(line)
    if match is None:
        raise ValueError("not «[date time UTC] name: text»")
    written, name, text = match.groups()
    try:
        sent_at = datetime.fromisoformat(written).replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError("no such date") from error
    if sent_at.year not in YEARS:
        raise ValueError("no such date")
    name = name.strip()
    return Message(f"line-{number}", channel, _viewer(channel, name.casefold(), name), text, sent_at)


def _from_json(line: str, number: int, channel: str) -> Message:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("broken JSON") from error
    name, text = str(data.get("name") or "").strip(), data.get("text")
    if not name or not isinstance(text, str):
        raise ValueError("name or text is missing")
    viewer = _viewer(channel, str(data.get("viewer_id") or name.casefold()), name, data)
    sent_at = _moment(data.get("time", data.get("sent_at")))
    return Message(str(data.get("id") or f"line-{number}"), channel, viewer, text, sent_at)


def _viewer(channel: str, id: str, name: str, data: dict[str, Any] | None = None) -> Viewer:
    data = data or {}
    role = str(data.get("role") or "viewer").upper()
    if role not in Role.__members__:
        raise ValueError(f"no such role: {role.lower()[:20]}")
    return Viewer(channel.partition(":")[0], id, name, str(data.get("handle") or name), Role[role])


def _moment(value: object) -> datetime:
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            moment = datetime.fromisoformat(str(value))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError("time or sent_at is missing or is no ISO 8601 time") from error
    if moment.year not in YEARS:
        raise ValueError("no such date")
    return moment
