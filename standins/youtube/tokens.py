"""Google's token server: codes of the sign-in page, and refresh tokens."""

import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from standins.people import Chatter
from standins.sign_in import SignInPage


class Tokens:
    """`holders` is whose each refresh token is. The bot has one from the start."""

    def __init__(self, sign_in: SignInPage, bot: Chatter) -> None:
        self.first = secrets.token_hex(20)
        self.holders = {self.first: bot}
        self.access: set[str] = set()
        self._sign_in = sign_in
        self._bot = bot

    def whose(self, access: str) -> Chatter:
        """Who an access token speaks for."""
        return self._sign_in.signed_in.get(access, self._bot)

    async def serve(self, request: web.Request) -> web.Response:
        """An access token for a code or a refresh token."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        is_code = form.get("grant_type") == "authorization_code"
        given = self._redeemed(form) if is_code else self._refreshed(form)
        if given is None:
            refused = {"error": "invalid_grant", "error_description": "Bad Request"}
            return web.json_response(refused, status=400)
        self.access.add(given["access_token"])
        return web.json_response(given)

    def _redeemed(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        given = self._sign_in.redeem(form)
        if given is None:
            return None
        if given["access_token"] in self._sign_in.offline:
            self.holders[given["refresh_token"]] = self._sign_in.signed_in[given["access_token"]]
        else:
            del given["refresh_token"]
        return {**given, "expires_in": 3599, "token_type": "Bearer"}

    def _refreshed(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        holder = self.holders.get(form.get("refresh_token", ""))
        if holder is None:
            return None
        access = secrets.token_hex(20)
        self._sign_in.signed_in[access] = holder
        return {"access_token": access, "expires_in": 3599, "token_type": "Bearer"}
