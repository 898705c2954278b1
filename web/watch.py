"""Tells open pages that something changed, without each of them asking the database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Seen = TypeVar("Seen")
LOOK_S = 0.5
KEEP_ALIVE_S = 15.0


@dataclass(slots=True)
class _Watched(Generic[Seen]):
    """One live that pages look at; `listeners` is how many do."""

    seen: Seen
    listeners: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    task: "asyncio.Task[None] | None" = None


class Watch(Generic[Seen]):
    """One look at the database for all pages of a live; `look` runs on a thread, gives what is compared."""

    def __init__(self, look: Callable[[int], Seen]) -> None:
        self._look = look
        self._lives: dict[int, _Watched[Seen]] = {}

    async def changes(self, live_id: int) -> AsyncIterator[Seen | None]:
        """What is seen, at once and whenever it differs from before; None now and then, to keep it open."""
        watched = self._lives.get(live_id)
        if watched is None:
            seen = await asyncio.to_thread(self._look, live_id)
            watched = self._lives.setdefault(live_id, _Watched(seen))
        watched.listeners += 1
        if watched.task is None:
            watched.task = asyncio.create_task(self._keep_looking(live_id, watched))
        try:
            seen = watched.seen
            yield seen
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S), watched.changed:
                        while watched.seen == seen:
                            await watched.changed.wait()
                    seen = watched.seen
                    yield seen
                except TimeoutError:
                    yield None
        finally:
            watched.listeners -= 1
            if not watched.listeners:
                watched.task.cancel()
                self._lives.pop(live_id, None)

    async def _keep_looking(self, live_id: int, watched: _Watched[Seen]) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            seen = await asyncio.to_thread(self._look, live_id)
            if seen != watched.seen:
                watched.seen = seen
                async with watched.changed:
                    watched.changed.notify_all()
