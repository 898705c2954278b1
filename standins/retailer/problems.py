"""Refusals as RFC 9457 has them."""

from aiohttp import web

KIND = "https://shop.example/problems/"


def problem(status: int, kind: str, detail: str, **headers: str) -> web.Response:
    """A problem with a `type` that does not change."""
    body = {"type": KIND + kind, "title": kind.replace("-", " "), "status": status, "detail": detail}
    return web.json_response(body, status=status, content_type="application/problem+json", headers=headers)
