"""What the accounts remember between runs, in our database."""

import asyncio

from store.database import Database

ACCOUNT = "bot"


class DatabaseMemory:
    """The `Memory` of the account that Bateleur uses on one platform."""

    def __init__(self, database: Database, platform: str) -> None:
        self._database = database
        self._platform = platform

    def kept_tokens(self) -> tuple[str, str | None] | None:
        """The access and refresh token of the last login or renewal."""
        with self._database.unit(read_only=True) as unit:
            kept = unit.tokens.load(self._platform, ACCOUNT)
        return (kept.access, kept.refresh) if kept else None

    async def save_tokens(self, access: str, refresh: str | None) -> None:
        """Keep a renewed pair, encrypted."""
        await asyncio.to_thread(self._save_tokens, access, refresh)

    async def recall(self, name: str) -> str | None:
        """What was remembered under `name`."""
        return await asyncio.to_thread(self._recall, name)

    async def remember(self, name: str, value: str) -> None:
        """Keep `value` under `name`."""
        await asyncio.to_thread(
            self._database.run, lambda unit: unit.memories.remember(self._platform, ACCOUNT, name, value)
        )

    async def count(self, name: str, amount: int) -> int:
        """Add `amount` to the count of that name; the sum."""
        return await asyncio.to_thread(
            self._database.run, lambda unit: unit.memories.count(self._platform, ACCOUNT, name, amount)
        )

    def _save_tokens(self, access: str, refresh: str | None) -> None:
        with self._database.unit() as unit:
            unit.tokens.save(self._platform, ACCOUNT, access, refresh, None, ())

    def _recall(self, name: str) -> str | None:
        with self._database.unit(read_only=True) as unit:
            return unit.memories.recall(self._platform, ACCOUNT, name)
