"""The headers of every page: nothing cached, framed, or told to other sites.

Source: OWASP «HTTP Headers Cheat Sheet» (read 2026-11).
"""

import secrets
from collections.abc import Iterable
from urllib.parse import SplitResult

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.console.guard import SIGN_IN, is_asset

CONSOLE = "/console"


class Hardened:
    """Gives each page a nonce for its own script and style, and each answer its headers.

    A form may lead to `sign_ins` too: a browser holds the redirect that follows it to the same rule. Pictures
    come over https, or from the `shop` itself.
    """

    def __init__(self, app: ASGIApp, sign_ins: Iterable[SplitResult], shop: SplitResult) -> None:
        self._app = app
        self._shop = f" {shop.scheme}://{shop.netloc}" if shop.netloc else ""
        self._targets = " ".join(sorted({f"{url.scheme}://{url.netloc}" for url in sign_ins}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is asked, and harden what is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = scope.setdefault("state", {})["nonce"] = secrets.token_urlsafe(12)

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._policy(scope["path"], nonce)
                _harden(headers, scope)
            await send(message)

        await self._app(scope, receive, hardened)

    def _policy(self, path: str, nonce: str) -> str:
        """What a page may load. The console's library writes scripts and styles into the page, and compiles
        its components there: its pages are behind a sign-in, and hold chat text as data alone."""
        everywhere = f"form-action 'self' {self._targets}; base-uri 'none'; frame-ancestors 'none'"
        if path.startswith(CONSOLE) and not path.startswith(SIGN_IN):
            return (
                "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
                f"style-src 'self' 'unsafe-inline'; img-src 'self' data: https:{self._shop}; "
                f"object-src 'none'; {everywhere}"
            )
        return (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
            f"img-src 'self' data: https:{self._shop}; connect-src 'self'; {everywhere}"
        )


def _harden(headers: MutableHeaders, scope: Scope) -> None:
    path = scope["path"]
    # The library's own files are the same for all, and carry its version in their address.
    if not is_asset(path):
        headers["Cache-Control"] = "no-store"
    # The console's forms tell our own server, and nobody else, which page they are on: that guards changes.
    headers["Referrer-Policy"] = "same-origin" if path.startswith(CONSOLE) else "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
