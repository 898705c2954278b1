"""Chat text is data: how it is read without its disguises, and made harmless before it is repeated.

Source of the ranges: Unicode 16 «Default_Ignorable_Code_Point», Cc, Cf and Cs (read 2026-11).
"""

import re
import unicodedata

_BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_UNSAYABLE = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f"
)
_UNSAID = re.compile(f"[{_UNSAYABLE}]+")
# Joiners and variation selectors belong to emoji and to some scripts: they are said, but not read.
_UNREAD = re.compile(
    rf"[{_UNSAYABLE}\u034f\u115f\u1160\u17b4\u17b5\u200c\u200d\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or trims until it finds one."""
_COMMAND_MARKS = " /.\u00a0\u202f\u3000"


def readable(text: str) -> str:
    """`text` as a person reads it: full width and fancy letters plain, nothing invisible, on one line."""
    if text.isascii() and text.isprintable():
        return text
    plain = unicodedata.normalize("NFKC", _UNREAD.sub("", _BREAKS.sub(" ", text)))
    return _UNREAD.sub("", _BREAKS.sub(" ", plain))


def fold(text: str) -> str:
    """`text` for comparing: without case, accents or invisible characters."""
    if text.isascii() and text.isprintable():
        return text.lower()
    plain = unicodedata.normalize("NFKD", readable(text).casefold())
    return "".join(char for char in plain if not unicodedata.combining(char) and char != "\u20e3")


def one_line(text: str) -> str:
    """`text` on one line, without control characters, direction marks or halves of characters."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAID.sub("", _BREAKS.sub(" ", text))


def harmless(text: str) -> str:
    """`text` that may be said: on one line, and not read as a platform command.

    A chat takes a line that starts with / or . for a command of its own.
    Source: Twitch «Chat commands» (read 2026-11).
    """
    return one_line(text).lstrip(_COMMAND_MARKS).rstrip()


def harmless_cell(text: str) -> str:
    """`text` as a spreadsheet shows it and never works it out: a formula gets an apostrophe before it."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    is_formula = text.startswith(FORMULA) or printable.lstrip().startswith(FORMULA)
    return f"'{printable}" if is_formula else printable
