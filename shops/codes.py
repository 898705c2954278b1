"""Drawing codes, and reading them from a file."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from domain.errors import Refusal
from domain.sentences import sentence
from shops.flaws import BadFile, BadLine, Flaw

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
        raise Refusal(
            sentence(
                "«{text}» is no code: write 1 to 64 letters A-Z, digits, - or _, without spaces.", text=text
            )
        )
    return text


def code_prefix(text: str) -> str:
    """What stands before each drawn code, in upper case; raises `Refusal` for what no code may hold."""
    if text and (not SPOKEN.fullmatch(text) or len(text) > LONGEST_PREFIX):
        raise Refusal(
            sentence(
                "«{text}» is no prefix: write at most {most} letters A-Z, digits, - or _.",
                text=text,
                most=LONGEST_PREFIX,
            )
        )
    return text.upper()


def read_codes(path: Path) -> list[str]:
    """The codes of a file, whole or not at all; raises `Refusal` naming each bad line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile("not_read", file=path, why=error.strerror) from error
    codes, wrong = sort_codes(raw, str(path))
    if wrong:
        more = [f"… and {len(wrong) - SHOWN} more."] if len(wrong) > SHOWN else []
        raise Refusal("\n".join(["Nothing was imported.", *map(str, wrong[:SHOWN]), *more]))
    return list(codes)


def sort_codes(raw: bytes, name: str) -> tuple[dict[str, int], list[BadLine]]:
    """The codes of a file, one a line (the first column of a CSV), each with its line; and the lines that
    hold none. Raises `BadFile` when all of it cannot be read."""
    try:
        lines = re.split(r"\r\n|\r|\n", raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadFile("not_utf8", file=name) from error
    if not lines[-1]:
        lines.pop()
    has_head = bool(lines) and lines[0].strip().lower() in ("code", "codes")
    codes: dict[str, int] = {}
    before: dict[str, int] = {}
    wrong: list[BadLine] = []
    for number, line in enumerate(lines[has_head:], 1 + has_head):
        code = line.replace(";", ",").partition(",")[0].strip().strip('"').upper()
        flaw = _flaw(code, before)
        before.setdefault(code, number)
        if flaw is None:
            codes[code] = number
        else:
            wrong.append(BadLine(number, "Line", flaw))
    if not codes and not wrong:
        raise BadFile("no_code")
    return codes, wrong


def _flaw(code: str, before: Mapping[str, int]) -> Flaw | None:
    if not code:
        return Flaw("code_empty")
    if code in before:
        return Flaw("code_twice", line=before[code])
    strange = sorted({letter for letter in code if letter not in ALPHABET and letter not in "-_"})
    if strange:
        return Flaw("code_strange", letters=", ".join(map(_named, strange[:5])), alphabet=ALPHABET)
    return Flaw("code_long") if len(code) > 64 else None


def _named(letter: str) -> str:
    """A character as a person can tell it from its look-alikes."""
    if letter.isascii() and letter.isprintable():
        return letter
    return unicodedata.name(letter, f"U+{ord(letter):04X}")
