"""`/healthz`, `/readyz` and `/metrics`: for who keeps the program running, not for viewers.

Whether it lives and is ready everyone may ask. The reasons and the figures are for insiders: who sends the
token, or, where no token is set and no proxy stands before us, who asks from this machine.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from domain.ports import Check

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each part that was looked at, and whether the program as a whole can do its work."""

    is_ready: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Watching:
    """What there is to be seen, and by whom. `is_public`: a proxy brings the world's questions here, so that
    coming from this machine proves nothing."""

    ready: Callable[[], Awaitable[Readiness]]
    metrics: Callable[[], Awaitable[bytes]]
    is_public: bool
    token: str = field(default="", repr=False)

    def may_see(self, request: Request) -> bool:
        """Whether who asks is an insider."""
        if self.token:
            given = request.headers.get("authorization", "")
            return secrets.compare_digest(given.encode(), f"Bearer {self.token}".encode())
        is_direct = not any(name in request.headers for name in FORWARDED)
        return not self.is_public and is_direct and _is_this_machine(request)


def add_health(app: FastAPI, watching: Watching) -> None:
    """Serve the three addresses."""

    async def lives() -> Response:
        return JSONResponse({"alive": True})

    async def ready(request: Request) -> Response:
        found = await watching.ready()
        told: dict[str, object] = {"ready": found.is_ready}
        if watching.may_see(request):
            told["checks"] = [
                {"part": check.name, "works": check.ok, "why": check.sentence} for check in found.checks
            ]
        return JSONResponse(told, status_code=200 if found.is_ready else 503)

    async def metrics(request: Request) -> Response:
        if not watching.may_see(request):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return Response(await watching.metrics(), media_type=METRICS_TYPE)

    for path, answer in (("/healthz", lives), ("/readyz", ready), ("/metrics", metrics)):
        app.add_api_route(path, answer, methods=["GET", "HEAD"])


def _is_this_machine(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
