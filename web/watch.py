"""Tells open pages that something was granted, without each of them asking the database."""

import asyncio
from collections.abc import AsyncIterator, Callable

LOOK_S = 0.5
KEEP_ALIVE_S = 15.0


class Watch:
    """One look at the database for all pages of a live. `newest` gives the id of its newest grant."""

    def __init__(self, newest: Callable[[int], int]) -> None:
        self._newest = newest
        self._listeners: dict[int, int] = {}
        self._changed: dict[int, asyncio.Condition] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def changes(self, live_id: int) -> AsyncIterator[bool]:
        """True whenever something was granted in the live; False now and then, to keep a line open."""
        self._listeners[live_id] = self._listeners.get(live_id, 0) + 1
        changed = self._changed.setdefault(live_id, asyncio.Condition())
        if live_id not in self._tasks:
            self._tasks[live_id] = asyncio.create_task(self._look(live_id, changed))
        try:
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S), changed:
                        await changed.wait()
                    yield True
                except TimeoutError:
                    yield False
        finally:
            self._listeners[live_id] -= 1
            if not self._listeners[live_id]:
                self._tasks.pop(live_id).cancel()

    async def _look(self, live_id: int, changed: asyncio.Condition) -> None:
        known = await asyncio.to_thread(self._newest, live_id)
        while True:
            await asyncio.sleep(LOOK_S)
            newest = await asyncio.to_thread(self._newest, live_id)
            if newest != known:
                known = newest
                async with changed:
                    changed.notify_all()
