"""Logging the account in: a person consents on Google's page, in a browser on this machine.

Source: Google «OAuth 2.0 for mobile and desktop apps», loopback address with PKCE (read 2026-11).
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from connectors.logins import LoggedIn, Login
from connectors.youtube.account import YouTubeAccount
from connectors.youtube.outcome import Refused
from connectors.youtube.settings import YouTubeSettings
from domain.errors import ActionRequired, Fault
from domain.ports import Memory

SCOPE = "https://www.googleapis.com/auth/youtube"
PATIENCE_S = 600.0
ANSWER_S = 15.0
AGAIN = "run `bateleur login youtube` again"
DONE = "You may close this page: Bateleur goes on by itself."
NOT_OURS = "This is not the login that was begun."


class YouTubeLogin:
    """One login. The browser comes back to a server on loopback, which this is too."""

    def __init__(self, settings: YouTubeSettings, memory: Memory) -> None:
        self._settings = settings
        self._memory = memory
        self._state = secrets.token_urlsafe(24)
        self._verifier = secrets.token_urlsafe(48)
        self._back: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
        self._port = 0

    @property
    def prompt(self) -> str:
        """Where the browser is to go."""
        challenge = hashlib.sha256(self._verifier.encode()).digest()
        asked = {
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect_uri,
            "response_type": "code",
            "scope": SCOPE,
            "state": self._state,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
        }
        url = f"{self._settings.authorize_url}?{urlencode(asked)}"
        return f"Open this address in a browser on this machine, and choose the channel that writes: {url}"

    async def finish(self) -> LoggedIn:
        """The channel and its tokens, once its owner has consented."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                back = await self._back
        except TimeoutError:
            raise ActionRequired(f"Nobody consented within ten minutes: {AGAIN}.") from None
        if "code" not in back:
            raise ActionRequired(f"The login was not granted ({back.get('error', 'no code')[:80]}): {AGAIN}.")
        given = await self._redeem(back["code"])
        if not given.get("refresh_token"):
            raise ActionRequired(f"Google gave no refresh token: {AGAIN}, and consent to everything.")
        refresh = str(given["refresh_token"])
        name = await self._name(refresh)
        return LoggedIn(name, str(given.get("access_token") or ""), refresh, (SCOPE,))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """While it waits for the browser; raises `ActionRequired` when the port is taken."""
        app = web.Application()
        app.router.add_get("/", self._returned)
        runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await runner.setup()
        try:
            await self._listen(runner)
            yield
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        port = self._settings.login_port
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except OSError:
            why = f"Port {port} of this machine is taken: set BATELEUR_YOUTUBE__LOGIN_PORT to another."
            raise ActionRequired(why) from None
        self._port = runner.addresses[0][1]

    @property
    def _redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def _returned(self, request: web.Request) -> web.Response:
        query = request.query
        is_ours = hmac.compare_digest(query.get("state", "").encode(), self._state.encode())
        if not is_ours or self._back.done():
            return web.Response(status=400, text=NOT_OURS)
        self._back.set_result(dict(query))
        return web.Response(text=DONE)

    async def _redeem(self, code: str) -> dict[str, Any]:
        secret = self._settings.client_secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self._settings.client_id,
            "client_secret": secret.get_secret_value() if secret else "",
            "redirect_uri": self._redirect_uri,
            "code_verifier": self._verifier,
        }
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self._settings.token_url, data=form) as answer,
            ):
                given = await answer.json(content_type=None)
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError):
            raise Fault("Google's login server does not answer.", is_retryable=True) from None
        if not isinstance(given, dict) or "access_token" not in given:
            why = given.get("error", "no token") if isinstance(given, dict) else "no token"
            raise ActionRequired(
                f"Google does not finish the login ({str(why)[:80]}): check BATELEUR_YOUTUBE__CLIENT_SECRET."
            )
        return given

    async def _name(self, refresh: str) -> str:
        """The channel's title: a Google account has several channels, or none."""
        settings = self._settings.model_copy(update={"refresh_token": SecretStr(refresh)})
        account = YouTubeAccount(settings, self._memory)
        try:
            id = await account.check()
            found = (await account.ask("channels", part="snippet", id=id)).get("items") or [{}]
        except Refused as error:
            raise account.in_our_words(error) from None
        finally:
            await account.rest()
        title = (found[0].get("snippet") or {}).get("title")
        return f"{title} ({id})" if title else id


@asynccontextmanager
async def begin_login(settings: YouTubeSettings, memory: Memory) -> AsyncIterator[Login]:
    """Wait for the browser on loopback; raises `ActionRequired`."""
    if not settings.client_id:
        raise ActionRequired(
            "To log in, make an OAuth client in your project on console.cloud.google.com and set "
            "BATELEUR_YOUTUBE__CLIENT_ID and BATELEUR_YOUTUBE__CLIENT_SECRET."
        )
    login = YouTubeLogin(settings, memory)
    async with login.listening():
        yield login
