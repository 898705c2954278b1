"""The retailer's own OpenID Connect provider, found by discovery: state, nonce and PKCE are Authlib's.

Source: OpenID Connect Core 1.0 §5.7, that only issuer and subject are surely one person's (read 2026-11).
"""

from dataclasses import dataclass
from typing import Any

import structlog
from authlib.integrations.starlette_client import OAuth
from fastapi import Request

from domain.errors import Fault, Refusal
from web.config import Provider

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the provider signed in."""

    login: str
    name: str


class OpenId:
    """Leads to the provider, and reads whom it sends back. It is asked nothing before somebody signs in."""

    def __init__(self, provider: Provider) -> None:
        self._claim = provider.claim
        self._oauth = OAuth()
        self._oauth.register(
            "provider",
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "timeout": 10.0,
            },
        )

    async def begin(self, request: Request, back: str) -> str:
        """The address of the provider's page. Raises `Fault` when the provider is away."""
        try:
            answer = await self._client().authorize_redirect(request, back)
        except Exception as error:  # whatever stands there instead of a provider
            log.warning("provider_away", error=type(error).__name__)
            raise Fault("The provider is away.", is_retryable=True) from None
        return str(answer.headers["location"])

    async def finish(self, request: Request) -> Known:
        """Who is back. Raises `Refusal` when the provider names nobody, or not for sure."""
        try:
            token = await self._client().authorize_access_token(request)
            claims = dict(token.get("userinfo") or {})
        except Exception as error:  # whatever it answered instead of an identity: nobody is signed in
            log.warning("provider_refused", error=type(error).__name__)
            raise Refusal("provider_refused") from None
        login = str(claims.get(self._claim) or "")
        # Some providers let anyone write any address there: it is somebody's once they say that they checked.
        if not login or (self._claim == "email" and claims.get("email_verified") is not True):
            raise Refusal("provider_unsure")
        return Known(login, str(claims.get("name") or login))

    def _client(self) -> Any:
        return self._oauth.create_client("provider")  # type: ignore[no-untyped-call]
