"""What the console shows of the chats: the newest lines, and how many were read minute by minute."""

import itertools
from collections import Counter, deque
from collections.abc import Sequence
from datetime import UTC, datetime

from domain.chat import Message, Role
from web.console.show import Line, Minute

LINES = 300
ORDERS = 20
KEPT_MINUTES = 30
US = "Bateleur"


class Feed:
    """Bounded, and cheap for each line: what is shown is worked out when somebody looks."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lines: deque[tuple[int, Message | tuple[datetime, str, str]]] = deque(maxlen=LINES)
        self._orders: deque[tuple[int, Message]] = deque(maxlen=ORDERS)
        self._messages: Counter[int] = Counter()
        self._questions: Counter[int] = Counter()

    def hear(self, commands: Sequence[Message], chatter: Sequence[Message]) -> None:
        """Note a batch of lines of chat."""
        minute = int(datetime.now(UTC).timestamp()) // 60
        self._messages[minute] += len(commands) + len(chatter)
        self._questions[minute] += len(commands)
        if len(self._messages) > 2 * KEPT_MINUTES:
            self._forget(minute - KEPT_MINUTES)
        for message in (*chatter, *commands):
            self._lines.append((next(self._numbers), message))
        self.order(*(message for message in commands if message.author.role >= Role.MODERATOR))

    def order(self, *messages: Message) -> None:
        """Note moderators' lines that may be orders, in a chat or from elsewhere."""
        self._orders.extend((next(self._numbers), message) for message in messages)

    def orders(self, limit: int) -> tuple[Line, ...]:
        """The newest of them, at most `limit`, the newest first."""
        return tuple(_line(*one) for one in itertools.islice(reversed(self._orders), limit))

    def say(self, channel: str, text: str) -> None:
        """Note a line of ours."""
        self._lines.append((next(self._numbers), (datetime.now(UTC), channel, text)))

    def lines(self, after: int, limit: int) -> tuple[Line, ...]:
        """The newest lines after that number, at most `limit`, the oldest first."""
        newest = itertools.takewhile(lambda one: one[0] > after, reversed(self._lines))
        return tuple(_line(*one) for one in itertools.islice(newest, limit))[::-1]

    def minutes(self, now: datetime) -> tuple[Minute, ...]:
        """The last half hour, minute by minute, up to the present one."""
        last = int(now.timestamp()) // 60
        return tuple(
            Minute(datetime.fromtimestamp(one * 60, UTC), self._messages[one], self._questions[one])
            for one in range(last - KEPT_MINUTES + 1, last + 1)
        )

    def _forget(self, before: int) -> None:
        for counts in (self._messages, self._questions):
            for minute in [one for one in counts if one <= before]:
                del counts[minute]


def _line(number: int, one: Message | tuple[datetime, str, str]) -> Line:
    if isinstance(one, Message):
        author = one.author
        return Line(number, one.sent_at, one.channel, author.name, author.role, one.text, is_ours=False)
    at, channel, text = one
    return Line(number, at, channel, US, Role.OWNER, text, is_ours=True)
