"""The page on which a viewer signs in with a platform, and the identity that comes of it.

Source: Twitch «Getting OIDC Tokens», Google «OpenID Connect» (read 2026-11).
"""

import base64
import hashlib
import html
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from standins.people import Chatter

CODE_S = 60.0


@dataclass(frozen=True, slots=True)
class Consent:
    """A code that was handed out: to whom, for whom, and what it must be redeemed with."""

    viewer: Chatter
    client_id: str
    redirect_uri: str
    nonce: str
    challenge: str
    ends_at: float
    is_offline: bool


class SignInPage:
    """The page, its keys and its codes. `people` are those who may sign in, `signed_in` who did, by token.

    `claims` is what is told of a person beside the name, by their id. `offline` are the tokens that were
    asked for with offline access. `takes_loopback`: any port of this machine is a redirect address, as for
    programs.
    """

    def __init__(
        self,
        *,
        issuer_path: str = "/oauth2",
        page_path: str = "/oauth2/authorize",
        keys_path: str = "/oauth2/keys",
    ) -> None:
        self.signed_in: dict[str, Chatter] = {}
        self._page_path = page_path
        self._keys_path = keys_path
        self.people: dict[str, Chatter] = {}
        self.claims: dict[str, dict[str, Any]] = {}
        self.redirect_uris: set[str] = set()
        self.takes_loopback = False
        self.offline: set[str] = set()
        self.client_secret = "viewer-secret"  # noqa: S105 - a stand-in's
        self.root = ""
        self._issuer_path = issuer_path
        self._key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, Consent] = {}

    @property
    def issuer(self) -> str:
        """Who signs."""
        return f"{self.root}{self._issuer_path}"

    def add_routes(self, app: web.Application) -> None:
        """Serve the page and the keys."""
        app.router.add_get(self._page_path, self._page)
        app.router.add_post(self._page_path, self._decide)
        app.router.add_get(self._keys_path, self._keys)

    def redeem(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        """The tokens for an authorization code; None when anything does not fit. A code serves once."""
        consent = self._codes.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        if (
            consent is None
            or time.time() > consent.ends_at
            or form.get("client_secret") != self.client_secret
        ):
            return None
        if (form.get("client_id"), form.get("redirect_uri")) != (consent.client_id, consent.redirect_uri):
            return None
        if consent.challenge and challenge != consent.challenge:
            return None
        access = secrets.token_hex(15)
        self.signed_in[access] = consent.viewer
        if consent.is_offline:
            self.offline.add(access)
        return {
            "access_token": access,
            "refresh_token": secrets.token_hex(25),
            "expires_in": 14_400,
            "scope": ["openid"],
            "token_type": "bearer",
            "id_token": self._identity(consent),
        }

    def _identity(self, consent: Consent) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": consent.client_id,
            "sub": consent.viewer.id,
            "iat": now,
            "exp": now + 900,
            "nonce": consent.nonce,
            "preferred_username": consent.viewer.name,
            **self.claims.get(consent.viewer.id, {}),
        }
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key)

    def _takes(self, redirect_uri: str) -> bool:
        is_program = self.takes_loopback and redirect_uri.startswith("http://127.0.0.1:")
        return is_program or redirect_uri in self.redirect_uris

    async def _page(self, request: web.Request) -> web.Response:
        if not self._takes(request.query.get("redirect_uri", "")):
            return web.Response(status=400, text="redirect_mismatch")
        asked = html.escape(urlencode(dict(request.query)), quote=True)
        people = "".join(
            f'<button name="who" value="{html.escape(person.id)}">{html.escape(person.name)}</button> '
            for person in self.people.values()
        )
        text = f"""<!doctype html><title>A stand-in</title><h1>Sign in</h1>
            <form method="post" action="{self._page_path}?{asked}">{people}
            <button name="who" value="">Cancel</button></form>"""
        return web.Response(text=text, content_type="text/html")

    async def _decide(self, request: web.Request) -> web.Response:
        query = request.query
        who = self.people.get(str((await request.post()).get("who", "")))
        back = {"state": query.get("state", "")}
        if who is None:
            back |= {"error": "access_denied", "error_description": "The user denied you access"}
        else:
            code = back["code"] = secrets.token_hex(15)
            self._codes[code] = Consent(
                who,
                query["client_id"],
                query["redirect_uri"],
                query.get("nonce", ""),
                query.get("code_challenge", ""),
                time.time() + CODE_S,
                query.get("access_type") == "offline",
            )
        return web.Response(status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(back)}"})

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [self._key.as_dict(private=False)]})
