"""Twitch's id server: what a token may do, its successor, and the device code login.

Secrets travel in headers and form bodies, never in an address.
Source: Twitch «Getting OAuth Access Tokens», «Validating Tokens», «Refreshing Tokens» (read 2026-10).
"""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from connectors.twitch.call import call
from connectors.twitch.settings import TwitchSettings


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the refresh token that gets the next pair, if there is one."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose a token is. `scopes` None: the server did not say; `expires_in_s` None: likewise."""

    client_id: str
    user_id: str
    login: str
    scopes: frozenset[str] | None
    expires_in_s: int | None


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person must type where, and how the login is asked after."""

    user_code: str
    verification_uri: str
    expires_in_s: float
    interval_s: float
    device_code: str = field(repr=False)


class IdServer:
    """Every method raises `Answered`, `Unreached` or `Unclear`."""

    def __init__(
        self, session: aiohttp.ClientSession, settings: TwitchSettings, answer_s: float = 10.0
    ) -> None:
        self._session = session
        self._settings = settings
        self._answer_s = answer_s
        self._root = settings.id_url.rstrip("/").removesuffix("/oauth2")

    async def validate(self, access: str) -> Identity:
        """Whose the token is."""
        data = await self._call("GET", "validate", headers={"Authorization": f"OAuth {access}"})
        scopes, expires = data.get("scopes"), data.get("expires_in")
        return Identity(
            str(data.get("client_id") or ""),
            str(data.get("user_id") or ""),
            str(data.get("login") or ""),
            frozenset(scopes) if isinstance(scopes, list) else None,
            int(expires) if isinstance(expires, (int, float)) else None,
        )

    async def refresh(self, refresh: str, client_id: str) -> TokenPair:
        """The next pair; the old refresh token of a public client is dead from then on."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": client_id}
        if self._settings.client_secret:
            form["client_secret"] = self._settings.client_secret.get_secret_value()
        data = await self._call("POST", "token", data=form)
        return TokenPair(str(data["access_token"]), data.get("refresh_token") or refresh)

    async def start_device(self) -> DeviceCode:
        """A code for a person to type on Twitch's page."""
        form = {"client_id": self._settings.client_id, "scopes": " ".join(self._settings.scopes)}
        data = await self._call("POST", "device", data=form)
        return DeviceCode(
            str(data["user_code"]),
            str(data["verification_uri"]),
            float(data.get("expires_in") or 1800),
            float(data.get("interval") or 5),
            str(data["device_code"]),
        )

    async def poll_device(self, device: DeviceCode) -> TokenPair:
        """The pair, once the person has agreed; `Answered` 400 until then."""
        form = {
            "client_id": self._settings.client_id,
            "scopes": " ".join(self._settings.scopes),
            "device_code": device.device_code,
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        }
        data = await self._call("POST", "token", data=form)
        return TokenPair(str(data["access_token"]), data.get("refresh_token"))

    async def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        url = f"{self._root}/oauth2/{path}"
        data = await call(self._session, method, url, answer_s=self._answer_s, **request)
        return data if isinstance(data, dict) else {}
