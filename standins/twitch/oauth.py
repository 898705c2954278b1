"""id.twitch.tv: tokens, their scopes, and their ends.

Source: Twitch «Getting OAuth Access Tokens», «Validating», «Refreshing» (read 2026-10).
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from standins.sign_in import SignInPage

SCOPES = ("user:read:chat", "user:write:chat", "user:manage:whispers")
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
DEVICE_S = 1800


@dataclass(slots=True)
class Token:
    """An access token of a user, valid until `ends_at` (epoch seconds). An app's own has no user."""

    user_id: str
    login: str
    scopes: tuple[str, ...]
    ends_at: float


class IdServer:
    """The tokens there are; refresh tokens serve once, as for a public client.

    `interval_s` is how often a device may ask; a test may shorten Twitch's five seconds.
    """

    def __init__(self, client_id: str, logins: dict[str, str]) -> None:
        self.interval_s = 5
        self.client_id = client_id
        self.logins = logins
        self.tokens: dict[str, Token] = {}
        self.refreshes: dict[str, Token] = {}
        self.devices: dict[str, Token | None] = {}
        self.sign_in = SignInPage()
        self._asked: dict[str, tuple[tuple[str, ...], float]] = {}

    def issue(
        self, user_id: str, scopes: tuple[str, ...] = SCOPES, expires_in: int = 14_400
    ) -> tuple[str, str]:
        """A new access token and its refresh token."""
        token = Token(user_id, self.logins.get(user_id, user_id), scopes, time.time() + expires_in)
        access, refresh = secrets.token_hex(15), secrets.token_hex(25)
        self.tokens[access] = token
        self.refreshes[refresh] = token
        return access, refresh

    def bearer(self, request: web.Request) -> Token | None:
        """The token a request carries, if it is valid."""
        token = self.tokens.get(request.headers.get("Authorization", "").rpartition(" ")[2])
        return token if token and token.ends_at > time.time() else None

    def approve(self, user_id: str) -> None:
        """Someone types the code of every device that waits, and gives the scopes it asked for."""
        for code in self.devices:
            scopes, _ = self._asked[code]
            self.devices[code] = Token(user_id, self.logins.get(user_id, user_id), scopes, 0)

    def disconnect(self, user_id: str) -> None:
        """A user takes the consent back: neither their tokens nor what renews them is good any more."""
        self.tokens = {access: token for access, token in self.tokens.items() if token.user_id != user_id}
        self.refreshes = {key: token for key, token in self.refreshes.items() if token.user_id != user_id}

    def add_routes(self, app: web.Application) -> None:
        """Serve /oauth2/…"""
        self.sign_in.add_routes(app)
        app.router.add_get("/oauth2/validate", self._validate)
        app.router.add_post("/oauth2/token", self._token)
        app.router.add_post("/oauth2/device", self._device)
        app.router.add_post("/oauth2/revoke", self._revoke)

    async def _validate(self, request: web.Request) -> web.Response:
        token = self.bearer(request)
        if token is None:
            return wrong(401, "invalid access token")
        body = {
            "client_id": self.client_id,
            "scopes": list(token.scopes),
            "expires_in": int(token.ends_at - time.time()),
        }
        return web.json_response(
            body | ({"login": token.login, "user_id": token.user_id} if token.user_id else {})
        )

    async def _token(self, request: web.Request) -> web.Response:
        given = await _given(request)
        refused = self._refuse_client(given)
        if refused is not None:
            return refused
        kind = given.get("grant_type")
        if kind == "authorization_code":
            tokens = self.sign_in.redeem(given)
            return web.json_response(tokens) if tokens else wrong(400, "Invalid authorization code")
        if kind == "refresh_token":
            token = self.refreshes.pop(given.get("refresh_token", ""), None)
            return self._answer(token) if token else wrong(400, "Invalid refresh token")
        if kind == "client_credentials":
            return self._answer(Token("", "", (), 0))
        return self._for_device(given) if kind == DEVICE_CODE else wrong(400, "invalid grant type")

    def _for_device(self, given: dict[str, str]) -> web.Response:
        code = given.get("device_code", "")
        if code not in self.devices or self._asked[code][1] <= time.time():
            return wrong(400, "invalid device code")
        token = self.devices[code]
        if token is None:
            return wrong(400, "authorization_pending")
        del self.devices[code]
        return self._answer(token)

    def _answer(self, token: Token) -> web.Response:
        access, refresh = self.issue(token.user_id, token.scopes)
        body: dict[str, Any] = {"access_token": access, "expires_in": 14_400, "token_type": "bearer"}
        if token.user_id:
            body |= {"refresh_token": refresh, "scope": list(token.scopes)}
        return web.json_response(body)

    async def _device(self, request: web.Request) -> web.Response:
        given = await _given(request)
        refused = self._refuse_client(given)
        if refused is not None:
            return refused
        code = secrets.token_hex(20)
        self.devices[code] = None
        self._asked[code] = (tuple(given.get("scopes", "").split()), time.time() + DEVICE_S)
        body = {
            "device_code": code,
            "expires_in": DEVICE_S,
            "interval": self.interval_s,
            "user_code": code[:8].upper(),
            "verification_uri": "https://www.twitch.tv/activate",
        }
        return web.json_response(body)

    async def _revoke(self, request: web.Request) -> web.Response:
        self.tokens.pop((await _given(request)).get("token", ""), None)
        return web.Response()

    def _refuse_client(self, given: dict[str, str]) -> web.Response | None:
        if not given.get("client_id"):
            return wrong(400, "missing client id")
        return None if given["client_id"] == self.client_id else wrong(400, "invalid client")


async def _given(request: web.Request) -> dict[str, str]:
    return {**request.query, **{key: str(value) for key, value in (await request.post()).items()}}


def wrong(status: int, message: str, **more: str) -> web.Response:
    """An error as Twitch writes it."""
    names = {
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden",
        404: "Not Found",
        409: "Conflict",
        422: "Unprocessable Entity",
        429: "Too Many Requests",
        500: "Internal Server Error",
        503: "Service Unavailable",
    }
    body = {"error": names.get(status, "Error"), "status": status, "message": message, **more}
    return web.json_response(body, status=status)
