"""Notices from platforms: taken only when they are signed, answered at once, and never believed further."""

from collections.abc import Mapping
from typing import Protocol

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

LARGEST = 1_000_000


class Hook(Protocol):
    """One platform's notices."""

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """What to answer when the platform asks whose the address is; None to refuse."""

    def take(self, raw_body: bytes, headers: Mapping[str, str]) -> bool:
        """Act on a notice; False when it is not genuine. Must not block."""


def add_hooks(app: FastAPI, hooks: Mapping[str, Hook]) -> None:
    """Serve `/hooks/PLATFORM` for each of `hooks`."""

    async def asked(request: Request, platform: str) -> Response:
        hook = hooks.get(platform)
        answer = hook.challenge(request.query_params) if hook else None
        return PlainTextResponse(answer) if answer is not None else Response(status_code=403)

    async def told(request: Request, platform: str) -> Response:
        hook = hooks.get(platform)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST:
                return Response(status_code=413)
        is_taken = hook is not None and hook.take(body, request.headers)
        return Response(status_code=200 if is_taken else 403)

    app.add_api_route("/hooks/{platform}", asked, methods=["GET"])
    app.add_api_route("/hooks/{platform}", told, methods=["POST"])
