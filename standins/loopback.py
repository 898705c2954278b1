"""A server on loopback, opened and closed with `async with`."""

from types import TracebackType
from typing import Self

from aiohttp import web


class Loopback:
    """What every stand-in server has in common. It says what it serves, and what its addresses are."""

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None

    def app(self) -> web.Application:
        """The routes."""
        raise TypeError(f"{type(self).__name__} serves nothing")

    def addressed(self, place: str) -> None:
        """Take note of `host:port`, known once the server listens."""

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        self._runner = web.AppRunner(self.app(), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.addressed(f"{host}:{bound}")

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
