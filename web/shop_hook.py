"""The shop's webhooks: checked, kept, answered; worked on later.

Many that come at once are kept in one transaction, and each is answered when it is durable: a shop such as
WooCommerce never sends a second time what was answered.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import structlog
from fastapi import Request
from fastapi.responses import Response

from domain.errors import BateleurError, Refusal
from domain.shop import Notice

LARGEST = 2_000_000
GATHER_S = 0.008
"""How long a webhook waits at most for others to share a commit: who came while one was written does not."""
MOST = 500
log = structlog.get_logger()


class ShopHook:
    """Takes one shop's webhooks. `read` checks and reads one without blocking; `keep` writes many, on a
    thread, and raises when they are not durable."""

    def __init__(
        self,
        read: Callable[[Mapping[str, str], bytes, datetime], Notice],
        keep: Callable[[Sequence[Notice]], None],
    ) -> None:
        self.taken = self.refused = 0
        self._read = read
        self._keep = keep
        self._waiting: list[tuple[Notice, asyncio.Future[bool], float]] = []
        self._keeping: asyncio.Task[None] | None = None

    async def told(self, request: Request) -> Response:
        """200 when the webhook is durable, 403 when it is not genuine, 503 when it shall come again."""
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return Response(status_code=413)
        try:
            notice = self._read(request.headers, bytes(body), datetime.now(UTC))
        except Refusal as error:
            self.refused += 1
            log.warning("webhook_refused", why=str(error))
            return Response(status_code=403)
        if notice.orders or notice.order_ids:
            if not await self._kept(notice):
                return Response(status_code=503, headers={"Retry-After": "5"})
            self.taken += 1
        return Response(status_code=200)

    async def _kept(self, notice: Notice) -> bool:
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((notice, kept, loop.time()))
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep_all())
        return await kept

    async def _keep_all(self) -> None:
        while self._waiting:
            _, _, came = self._waiting[0]
            await asyncio.sleep(max(0.0, came + GATHER_S - asyncio.get_running_loop().time()))
            part, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            is_kept = await self._write([notice for notice, _, _ in part])
            for _, kept, _ in part:
                if not kept.done():
                    kept.set_result(is_kept)
        self._keeping = None

    async def _write(self, notices: Sequence[Notice]) -> bool:
        try:
            await asyncio.to_thread(self._keep, notices)
        except BateleurError as error:
            log.error("webhooks_not_kept", webhooks=len(notices), why=str(error))
            return False
        except Exception as error:
            # Whatever it was, who waits is answered; only our own sentences are known to hold no secret.
            log.error("webhooks_not_kept", webhooks=len(notices), why=type(error).__name__)
            return False
        return True
