"""What a command wants said, before the planner decides how."""

from dataclasses import dataclass
from enum import IntEnum

from domain.chat import Message
from domain.show import Grant


class Priority(IntEnum):
    """Who is served first when the send budget is short; the lower the sooner."""

    MODERATOR = 0
    CODE = 1
    PRICE = 2
    CHATTER = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one message. Answers that say the same thing carry the same `text`.

    `text` may be said in public: it never holds a unique code. `grants` are those that this answer speaks of
    and that are not delivered yet; a granted code is in `Grant.code`, never in `text` unless it is shared:
    then `delivers` is True, and whoever reads the text has the code. An announcement is said to the chat, not
    in reply to its message. `refusal` is why a rule said no, empty when none did.
    """

    channel: str
    text: str
    key: str
    message: Message
    priority: Priority
    grants: tuple[Grant, ...] = ()
    delivers: bool = False
    is_announcement: bool = False
    refusal: str = ""
