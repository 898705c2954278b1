"""Drawing codes, and reading them from a file."""

import re
import secrets
import unicodedata
from pathlib import Path

from domain.errors import Refusal

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""A-Z and 2-9 without the look-alikes I, L and O: 31 letters, 4.95 bits each."""
LENGTH = 11
"""11 letters are 54 bits: more than the 50 that a unique code needs."""
SHOWN = 20
SPOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_PREFIX = 24


def draw_codes(count: int, *, prefix: str = "") -> list[str]:
    """`count` different codes nobody can guess, each with `prefix` before it."""
    drawn: set[str] = set()
    while len(drawn) < count:
        drawn.add(prefix + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))
    return list(drawn)


def spoken_code(text: str) -> str:
    """A code that everyone types; raises `Refusal` for one that a chat or a shop would not take."""
    if not SPOKEN.fullmatch(text):
        raise Refusal(f"«{text}» is no code: write 1 to 64 letters A-Z, digits, - or _, without spaces.")
    return text


def code_prefix(text: str) -> str:
    """What stands before each drawn code, in upper case; raises `Refusal` for what no code may hold."""
    if text and (not SPOKEN.fullmatch(text) or len(text) > LONGEST_PREFIX):
        raise Refusal(f"«{text}» is no prefix: write at most {LONGEST_PREFIX} letters A-Z, digits, - or _.")
    return text.upper()


def read_codes(path: Path) -> list[str]:
    """The codes of a file, one a line (the first column of a CSV); raises `Refusal` naming bad lines."""
    try:
        lines = re.split(r"\r\n|\r|\n", path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8 text.") from error
    if not lines[-1]:
        lines.pop()
    if lines and lines[0].strip().lower() in ("code", "codes"):
        lines[0] = "\0"
    codes: dict[str, int] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines, 1):
        if line == "\0":
            continue
        code = line.replace(";", ",").partition(",")[0].strip().strip('"').upper()
        fault = _fault(code, codes)
        if fault:
            wrong.append(f"Line {number}: {fault}.")
        codes.setdefault(code, number)
    if wrong or not codes:
        more = [f"… and {len(wrong) - SHOWN} more."] if len(wrong) > SHOWN else []
        raise Refusal(
            "\n".join(["Nothing was imported.", *(wrong[:SHOWN] or ["The file holds no code."]), *more])
        )
    return list(codes)


def _fault(code: str, before: dict[str, int]) -> str:
    if not code:
        return "it is empty"
    if code in before:
        return f"the same code stands on line {before[code]}"
    strange = sorted({letter for letter in code if letter not in ALPHABET and letter not in "-_"})
    if strange:
        shown = ", ".join(map(_named, strange[:5]))
        return f"look-alike or unusual characters: {shown} (use {ALPHABET})"
    return "it is longer than 64 characters" if len(code) > 64 else ""


def _named(letter: str) -> str:
    """A character as a person can tell it from its look-alikes."""
    if letter.isascii() and letter.isprintable():
        return letter
    return unicodedata.name(letter, f"U+{ord(letter):04X}")
