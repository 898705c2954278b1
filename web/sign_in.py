"""Signing in with the account that writes in the chat: OpenID Connect with state, nonce and PKCE (Authlib).

The subject of the identity is the chat author's id, so that nobody sees another's codes.
Source: Twitch «Getting OIDC Tokens»; Google «OpenID Connect»; YouTube «Channels: list» (read 2026-11).
"""

from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from domain.errors import Refusal
from web.config import WebConfig

VIEWER, LIVE, BROWSER = "viewer", "live", "browser"


class SignIns:
    """The platforms that one may sign in with."""

    def __init__(self, config: WebConfig) -> None:
        self._root = config.public_url
        self._oauth = OAuth()
        self.labels = {one.platform: one.label for one in config.sign_ins}
        self._identity_urls = {one.platform: one.identity_url for one in config.sign_ins}
        for one in config.sign_ins:
            self._oauth.register(
                one.platform,
                client_id=one.client_id,
                client_secret=one.client_secret,
                authorize_url=one.authorize_url,
                access_token_url=one.token_url,
                jwks_uri=one.keys_url,
                issuer=one.issuer,
                client_kwargs={
                    "scope": one.scope,
                    "code_challenge_method": "S256",
                    "token_endpoint_auth_method": "client_secret_post",
                    "timeout": 10.0,
                },
            )

    async def begin(self, request: Request, platform: str, live_id: int) -> Response:
        """Send the viewer to the platform's page."""
        request.session[LIVE] = live_id
        back = f"{self._root}/sign-in/{platform}/back"
        answer: Response = await self._client(platform).authorize_redirect(request, back)
        return answer

    async def finish(self, request: Request, platform: str) -> Response:
        """The viewer is back: the session is theirs from now on. Raises `Refusal` with the page's text."""
        live_id = request.session.get(LIVE)
        if live_id is None:
            raise Refusal("page.refused")
        client = self._client(platform)
        try:
            token = await client.authorize_access_token(request)
            claims = dict(token.get("userinfo") or {})
            if claims.get("sub") and self._identity_urls[platform]:
                claims["sub"] = await _channel_of(client, token, self._identity_urls[platform])
        except Refusal:
            raise
        except OAuthError as error:
            raise Refusal("page.cancelled" if error.error == "access_denied" else "page.refused") from None
        except Exception:  # whatever the platform answered instead of a token: nobody is signed in
            raise Refusal("page.refused") from None
        if not claims.get("sub"):
            raise Refusal("page.refused")
        # A session begun before the sign-in is not carried over: who planted it would share it.
        request.session.clear()
        name = str(claims.get("preferred_username") or claims.get("name") or "")
        request.session[VIEWER] = [platform, str(claims["sub"]), name]
        return RedirectResponse(f"/c/{live_id}", status_code=303)

    def _client(self, platform: str) -> Any:
        if platform not in self.labels:
            raise Refusal("page.refused")
        return self._oauth.create_client(platform)  # type: ignore[no-untyped-call]


async def _channel_of(client: Any, token: Any, url: str) -> str:
    """The viewer's own YouTube channel: Google's subject is not the id that the chat knows."""
    answer = await client.get(url, token=token)
    answer.raise_for_status()
    items = answer.json().get("items") or []
    if not items:
        raise Refusal("page.no_channel")
    return str(items[0]["id"])
