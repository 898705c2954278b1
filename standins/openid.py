"""A retailer's own OpenID Connect provider: discovery, a sign-in page, tokens, keys.

Source: OpenID Connect Discovery 1.0 §4; RFC 6749 §2.3.1 (read 2026-11).
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from urllib.parse import unquote_plus

from aiohttp import web

from standins.loopback import Loopback
from standins.people import Chatter
from standins.sign_in import SignInPage

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OpenIdStandin(Loopback):
    """The provider. `employees` sign in on its page; `sign_in.claims` is what it tells of each of them.

    `is_away`: it answers with errors alone. `asked` counts the requests.
    """

    def __init__(self, *employees: Chatter) -> None:
        super().__init__()
        self.sign_in = SignInPage(issuer_path="", page_path="/authorize", keys_path="/keys")
        self.sign_in.people = {one.id: one for one in employees}
        self.is_away = False
        self.asked = 0

    @property
    def issuer(self) -> str:
        """Its name, under which it publishes what it is."""
        return self.sign_in.issuer

    def app(self) -> web.Application:
        """The four addresses."""
        app = web.Application(middlewares=[self._counted])
        app.router.add_get("/.well-known/openid-configuration", self._discovered)
        app.router.add_post("/token", self._token)
        self.sign_in.add_routes(app)
        return app

    def addressed(self, place: str) -> None:
        """Its name is its address."""
        self.sign_in.root = f"http://{place}"

    @web.middleware
    async def _counted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked += 1
        if self.is_away:
            return web.Response(status=503, text="upstream connect error")
        return await handler(request)

    async def _discovered(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        """Tokens for a code; the client names itself in the header, the way that is the default."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        client, _, secret = _basic(request.headers.get("Authorization", "")).partition(":")
        tokens = self.sign_in.redeem(
            {**form, "client_id": unquote_plus(client), "client_secret": unquote_plus(secret)}
        )
        if tokens is None:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({**tokens, "scope": "openid email profile"})


def _basic(header: str) -> str:
    try:
        return base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
