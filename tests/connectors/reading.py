"""What tests of any connector need: a memory, a reader in the background, and patience."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from domain.chat import Message
from domain.ports import Connector

PATIENCE_S = 20.0


class Notebook:
    """A memory in memory."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    def kept_tokens(self) -> None:
        return None

    async def save_tokens(self, access: str, refresh: str | None) -> None:
        return None

    async def recall(self, name: str) -> str | None:
        return self.texts.get(name)

    async def remember(self, name: str, value: str) -> None:
        self.texts[name] = value

    async def count(self, name: str, amount: int) -> int:
        self.counts[name] = self.counts.get(name, 0) + amount
        return self.counts[name]


class Reader:
    """Reads a connector in the background and keeps what it brought."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.items: list[Any] = []

    async def run(self) -> None:
        async for item in self.connector.messages():
            self.items.append(item)

    def fresh(self) -> list[str]:
        return [i.text for i in self.items if isinstance(i, Message) and not i.is_backfill]


@asynccontextmanager
async def reading(connector: Connector) -> AsyncIterator[Reader]:
    """The connector connected and read meanwhile, and let go of at the end."""
    await connector.connect()
    reader = Reader(connector)
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        await connector.close()
        await task


async def until(is_so: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.01)
