"""The headers of every page: nothing cached, framed, or told to other sites.

Source: OWASP «HTTP Headers Cheat Sheet» (read 2026-11).
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import SplitResult

from fastapi import Request, Response

Next = Callable[[Request], Awaitable[Response]]


def hardened(sign_ins: Iterable[SplitResult]) -> Callable[[Request, Next], Awaitable[Response]]:
    """What gives each page a nonce for its own script and style, and each answer its headers.

    A form may lead to `sign_ins` too: a browser holds the redirect that follows it to the same rule.
    """
    targets = " ".join(sorted({f"{url.scheme}://{url.netloc}" for url in sign_ins}))

    async def harden(request: Request, call_next: Next) -> Response:
        nonce = request.state.nonce = secrets.token_urlsafe(12)
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = "; ".join(
            (
                "default-src 'none'",
                f"script-src 'nonce-{nonce}'",
                f"style-src 'nonce-{nonce}'",
                "img-src 'self' data: https:",
                "connect-src 'self'",
                f"form-action 'self' {targets}".strip(),
                "base-uri 'none'",
                "frame-ancestors 'none'",
            )
        )
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        if request.url.scheme == "https":
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return harden
