"""Where messages wait for the dispatcher: bounded, and when full, chatter is dropped first."""

import asyncio
from collections import deque

from commands.parsing import may_be_command
from domain.chat import Message


class Inbox:
    """At most `capacity` messages. What is a command is kept apart, and dropped last."""

    def __init__(self, capacity: int = 50_000) -> None:
        self.capacity = capacity
        self.received = 0
        self.dropped_chatter = 0
        self.dropped_commands = 0
        self._commands: deque[Message] = deque()
        self._chatter: deque[Message] = deque()
        self._arrived = asyncio.Event()

    def put(self, message: Message) -> None:
        """Take a message in; never waits."""
        self.received += 1
        if self.waiting() >= self.capacity:
            self._make_room()
        (self._commands if may_be_command(message.text) else self._chatter).append(message)
        self._arrived.set()

    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._commands) + len(self._chatter)

    async def take(self, limit: int, gather_s: float) -> tuple[list[Message], list[Message]]:
        """Up to `limit` commands and `limit` lines of chatter, `gather_s` seconds after the first came."""
        await self._arrived.wait()
        if len(self._commands) < limit:
            await asyncio.sleep(gather_s)
        commands = [self._commands.popleft() for _ in range(min(limit, len(self._commands)))]
        chatter = [self._chatter.popleft() for _ in range(min(limit, len(self._chatter)))]
        if not self.waiting():
            self._arrived.clear()
        return commands, chatter

    def _make_room(self) -> None:
        if self._chatter:
            self._chatter.popleft()
            self.dropped_chatter += 1
        else:
            self._commands.popleft()
            self.dropped_commands += 1
