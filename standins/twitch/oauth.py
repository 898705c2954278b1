"""id.twitch.tv: tokens, their scopes, and their ends.

Source: Twitch «Getting OAuth Access Tokens», «Validating», «Refreshing» (read 2026-10).
"""

import secrets
import time
from dataclasses import dataclass

from aiohttp import web

SCOPES = ("user:read:chat", "user:write:chat", "user:manage:whispers")


@dataclass(slots=True)
class Token:
    """An access token of a user, valid until `ends_at` (epoch seconds)."""

    user_id: str
    login: str
    scopes: tuple[str, ...]
    ends_at: float


class IdServer:
    """The tokens there are; refresh tokens serve once."""

    def __init__(self, client_id: str, logins: dict[str, str]) -> None:
        self.client_id = client_id
        self.logins = logins
        self.tokens: dict[str, Token] = {}
        self.refreshes: dict[str, Token] = {}
        self.devices: dict[str, Token | None] = {}

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

    def approve(self, user_id: str, scopes: tuple[str, ...] = SCOPES) -> None:
        """Someone types the code of every device that waits."""
        for device in self.devices:
            self.devices[device] = Token(user_id, self.logins.get(user_id, user_id), scopes, 0)

    def add_routes(self, app: web.Application) -> None:
        """Serve /oauth2/…"""
        app.router.add_get("/oauth2/validate", self._validate)
        app.router.add_post("/oauth2/token", self._token)
        app.router.add_post("/oauth2/device", self._device)
        app.router.add_post("/oauth2/revoke", self._revoke)

    async def _validate(self, request: web.Request) -> web.Response:
        token = self.bearer(request)
        if token is None:
            return wrong(401, "invalid access token")
        return web.json_response(
            {
                "client_id": self.client_id,
                "login": token.login,
                "scopes": list(token.scopes),
                "user_id": token.user_id,
                "expires_in": int(token.ends_at - time.time()),
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        given = {**request.query, **{k: str(v) for k, v in (await request.post()).items()}}
        kind = given.get("grant_type")
        if kind == "refresh_token":
            token = self.refreshes.pop(given.get("refresh_token", ""), None)
            return self._answer(token) if token else wrong(400, "Invalid refresh token")
        if kind == "client_credentials":
            return self._answer(Token("", "", (), 0))
        if kind == "urn:ietf:params:oauth:grant-type:device_code":
            code = given.get("device_code", "")
            if code not in self.devices:
                return wrong(400, "invalid device code")
            token = self.devices[code]
            if token is None:
                return wrong(400, "authorization_pending")
            del self.devices[code]
            return self._answer(token)
        return wrong(400, "invalid grant type")

    def _answer(self, token: Token) -> web.Response:
        access, refresh = self.issue(token.user_id, token.scopes)
        body = {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": 14_400,
            "scope": list(token.scopes),
            "token_type": "bearer",
        }
        return web.json_response(body)

    async def _device(self, _: web.Request) -> web.Response:
        code = secrets.token_hex(20)
        self.devices[code] = None
        body = {
            "device_code": code,
            "expires_in": 1800,
            "interval": 1,
            "user_code": code[:8].upper(),
            "verification_uri": "https://www.twitch.tv/activate",
        }
        return web.json_response(body)

    async def _revoke(self, request: web.Request) -> web.Response:
        given = {**request.query, **{k: str(v) for k, v in (await request.post()).items()}}
        self.tokens.pop(given.get("token", ""), None)
        return web.Response()


def wrong(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """An error as Twitch writes it."""
    names = {
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden",
        404: "Not Found",
        429: "Too Many Requests",
    }
    body = {"error": names.get(status, "Error"), "status": status, "message": message}
    return web.json_response(body, status=status, headers=headers)
