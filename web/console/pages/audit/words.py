"""An entry of the audit log in the user's language. It is kept by names; those that have no text are told as
they are kept."""

from collections.abc import Mapping
from datetime import datetime

from web.console.desk import Desk
from web.console.texts import console_texts

TIMES = ("starts_at", "ends_at")


def deed_in_words(desk: Desk, action: str) -> str:
    """What was done."""
    return _text(desk, f"audit.action_{action}", action)


def subject_in_words(desk: Desk, subject: str) -> str:
    """What it was done to: `user ann` and the like, with the kind in the user's language."""
    kind, space, rest = subject.partition(" ")
    return f"{_text(desk, f'audit.kind_{kind}', kind)}{space}{rest}"


def name_in_words(desk: Desk, name: str) -> str:
    """What of it was changed."""
    return _text(desk, f"audit.name_{name}", name)


def value_in_words(desk: Desk, name: str, value: object) -> str:
    """How it stood, or stands; a dash for nothing."""
    if value is None or value == "" or value == {} or value == []:
        return "–"
    if isinstance(value, bool):
        return desk.say("audit.yes" if value else "audit.no")
    if isinstance(value, int):
        return desk.count(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{one}: {other}" for one, other in value.items())
    if name in TIMES and (at := _time(str(value))) is not None:
        return desk.date(at)
    choices = {
        "kind": f"offers.is_{value}",
        "language": f"lives.language_{value}",
        "mechanic": f"redemptions.mechanic_{value}",
        "role": f"frame.role_{value}",
        "state": f"lives.state_{value}",
    }
    return _text(desk, choices[name], str(value)) if name in choices else str(value)


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _text(desk: Desk, key: str, plain: str) -> str:
    return desk.say(key) if key in console_texts()[desk.language] else plain.replace("_", " ")
