"""Making words fit a platform's message without cutting a name, a code or an emoji."""

import unicodedata
from collections.abc import Sequence


def length(text: str) -> int:
    """Characters as the strictest platform may count them: UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def fit(text: str, limit: int) -> str:
    """`text`, or as many of its whole words as fit in `limit` characters with an ellipsis."""
    if length(text) <= limit:
        return text
    kept = ""
    for word in text.split(" "):
        longer = f"{kept} {word}" if kept else word
        if length(longer) + 2 > limit:
            break
        kept = longer
    return f"{kept} …" if kept else "…"


def mention(handle: str) -> str:
    """`@handle`, with everything that could move the cursor or break the line taken out."""
    return "@" + "".join(c for c in handle if unicodedata.category(c)[0] != "C" and not c.isspace())


def named(handles: Sequence[str], text: str, limit: int) -> tuple[str, int]:
    """One message that names as many as fit, and how many it names.

    The count is 0 when not even one name fits beside the text.
    """
    room = limit - length(text) - len(" : ")
    names: list[str] = []
    for handle in handles:
        name = mention(handle)
        room -= length(name) + 1
        if room < 0:
            break
        names.append(name)
    return (f"{' '.join(names)} : {text}", len(names)) if names else (fit(text, limit), 0)
