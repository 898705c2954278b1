"""How a stand-in shop sends its webhooks: in the background, with what can go wrong on the way."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook as it was sent, and the status it was answered with (0: nobody answered)."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int


class WebhookSender:
    """Sends webhooks; `deliveries` tells of each attempt. While `is_down`, nothing is sent and all is lost.

    `retries_s` are the pauses before further attempts of one that was not answered with 2xx, nor with 410:
    that address wants no more. `attempted` are called with each attempt.
    """

    def __init__(self, retries_s: tuple[float, ...] = ()) -> None:
        self.deliveries: list[Delivery] = []
        self.is_down = False
        self.retries_s = retries_s
        self.attempted: list[Callable[[Delivery], None]] = []
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def send(
        self, url: str, headers: Mapping[str, str] | Callable[[], Mapping[str, str]], body: bytes
    ) -> None:
        """Send it soon; to be called on the stand-in's loop. `headers` may be made anew for each attempt."""
        if self.is_down:
            return
        task = asyncio.get_running_loop().create_task(self._deliver(url, headers, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait until everything has been delivered or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Give up what is on its way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _deliver(
        self, url: str, headers: Mapping[str, str] | Callable[[], Mapping[str, str]], body: bytes
    ) -> None:
        for pause in (0.0, *self.retries_s):
            await asyncio.sleep(pause)
            sent = headers() if callable(headers) else headers
            status = await self._attempt(url, sent, body)
            delivery = Delivery(url, sent, body, status)
            self.deliveries.append(delivery)
            for attempted in self.attempted:
                attempted(delivery)
            if 200 <= status < 300 or status == 410:
                return

    async def _attempt(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0
