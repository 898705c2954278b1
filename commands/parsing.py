"""From a line of chat to the command it holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.plaintext import fold, readable

MAX_CHARACTERS = 1_000
MAX_ARGUMENT = 100
# The exclamation marks that phones and keyboards type instead of «!»; NFKC makes most of them plain.
_OTHER_MARKS = re.compile("[\uff01\ufe57\ufe15\u2757\u2755\u203c\u2048]")
_EMOJI_MARKS = str.maketrans({"\u2757": "!", "\u2755": "!"})
_COMMAND = re.compile(r"(?<![\w!])!++( {0,3})([\w\u0300-\u036f\u20d0-\u20ff-]++)")
_NEXT_COMMAND = re.compile(r"(?<![\w!])!++ {0,3}\w")
_LEADING = re.compile(r"(?:@\S++|[^\w@]|_)*+")
_EDGES = re.compile(r"^(?:(?!-\d)[^\w@])+|[^\w)]+$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command as it was typed. `name` is the command's own name, whatever alias was used.

    `is_leading` is False when words stand before it («tapez !stop»): such a line may ask, not order.
    """

    name: str
    argument: str = ""
    is_leading: bool = True


def may_be_command(text: str) -> bool:
    """Whether `text` holds anything that may begin a command; costs a fraction of a microsecond."""
    return "!" in text or not (text.isascii() or _OTHER_MARKS.search(text) is None)


def parse(text: str, aliases: Mapping[str, str]) -> Parsed | None:
    """The first command in `text` that `aliases` (folded name to command name) knows, or None.

    Case, accents, full width, emoji around, invisible characters and a leading «@name» do not matter. Only
    the first `MAX_CHARACTERS` are read. «! code», with a space, counts at the beginning only.
    """
    if not may_be_command(text):
        return None
    if text[:1] == "!" and (name := aliases.get(text[1:])) is not None:
        return Parsed(name)
    line = text[:MAX_CHARACTERS]
    if not (line.isascii() and line.isprintable()):
        line = readable(line.translate(_EMOJI_MARKS))
    for match in _COMMAND.finditer(line):
        name = aliases.get(alias_key(match[2]))
        if name is None:
            continue
        is_leading = _LEADING.fullmatch(line, 0, match.start()) is not None
        if is_leading or not match[1]:
            return Parsed(name, _argument(line[match.end() :]), is_leading)
    return None


def alias_key(name: str) -> str:
    """How a command's name or alias is compared: folded, «code-promo» equal to «codepromo»."""
    return fold(name).replace("-", "").replace("_", "")


def _argument(rest: str) -> str:
    """What follows the command, up to the next one, without the emoji and punctuation at its ends."""
    following = _NEXT_COMMAND.search(rest)
    own = rest[: following.start()] if following else rest
    return _EDGES.sub("", " ".join(own[: 4 * MAX_ARGUMENT].split()))[:MAX_ARGUMENT].rstrip()
