"""Who did something, as the audit log names them."""

import re

from domain.chat import CONSOLE, Viewer
from domain.plaintext import one_line

IN_CHAT = "@% (%)"
"""A moderator of a chat, for LIKE; no login has a space in it."""
_IN_CHAT = re.compile(r"@.* \(.*\)")


def who_ordered(author: Viewer) -> str:
    """Who gave an order: the login of a user of the console, else a moderator as one would mention them."""
    if author.id.startswith(CONSOLE):
        return author.id.removeprefix(CONSOLE)
    name = "".join(one_line(author.name).split()).removeprefix("@")
    return f"@{name} ({author.platform})"


def is_of_a_chat(who: str) -> bool:
    """Whether that is a moderator of a chat, and no user of the console."""
    return _IN_CHAT.fullmatch(who) is not None
