"""The access token, as something that can be renewed.

Source: Shopify «client credentials grant»: a form at `/admin/oauth/access_token` gives a token for 24 hours
to an app of the shop's own organisation; tokens of custom apps made in the shop before 2026 last (read
2026-11-26).
"""

import threading
import time
from typing import Protocol

from domain.errors import ActionRequired, Fault
from domain.sentences import sentence
from shops.http import Http
from shops.settings import ShopSettings

EARLY_S = 600.0
DAY_S = 86_400.0
REFUSED = sentence("check BATELEUR_SHOP__KEY (client id) and BATELEUR_SHOP__SECRET (client secret)")


class Tokens(Protocol):
    """Where access tokens come from."""

    def current(self) -> str:
        """A token that should work now. A secret."""

    def renewed(self, *, instead_of: str) -> str:
        """A token in place of one that Shopify refused; raises `ActionRequired` when there is none."""


class LastingToken:
    """The token of a custom app: it works until someone takes it back."""

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        return self._token

    def renewed(self, *, instead_of: str) -> str:
        raise ActionRequired(
            "Shopify refuses the access token: set BATELEUR_SHOP__SECRET to the one that the app shows "
            "(shpat_…), or BATELEUR_SHOP__KEY and BATELEUR_SHOP__SECRET to its client id and secret."
        )


class GrantedToken:
    """A day's token at a time for an app's client id and secret; a new one a little before it ends."""

    def __init__(self, settings: ShopSettings, id: str, secret: str) -> None:
        self._http = Http(settings.url, settings.answer_s)
        self._path = settings.token_path
        self._id = id
        self._secret = secret
        self._token = ""
        self._ends = 0.0
        self._lock = threading.Lock()

    def current(self) -> str:
        with self._lock:
            if time.monotonic() >= self._ends:
                self._fetch()
            return self._token

    def renewed(self, *, instead_of: str) -> str:
        with self._lock:
            if self._token == instead_of:
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        form = {"grant_type": "client_credentials", "client_id": self._id, "client_secret": self._secret}
        answer = self._http.call("POST", self._path, is_safe=True, data=form)
        if answer.status == 404:
            raise ActionRequired(
                sentence(
                    "{shop} gives no tokens: is BATELEUR_SHOP__URL the shop's myshopify.com address?",
                    shop=self._http.where,
                )
            )
        if answer.status >= 400:
            raise ActionRequired(
                sentence(
                    "Shopify gives no token (HTTP {status}): {mend}.", status=answer.status, mend=REFUSED
                )
            )
        told = answer.json()
        if not isinstance(told, dict) or not isinstance(told.get("access_token"), str):
            raise Fault("Shopify gives no token that we can read.", is_retryable=True)
        lasts = told.get("expires_in")
        lasts_s = float(lasts) if isinstance(lasts, int | float) and lasts > 0 else DAY_S
        self._token, self._ends = (
            told["access_token"],
            time.monotonic() + lasts_s - min(EARLY_S, lasts_s / 10),
        )


def tokens_of(settings: ShopSettings) -> Tokens:
    """A client id and secret are exchanged for tokens; a secret alone is one. Raises `ActionRequired`."""
    if settings.secret is None:
        raise ActionRequired(
            "Shopify needs BATELEUR_SHOP__KEY and BATELEUR_SHOP__SECRET (an app's client id and secret), or "
            "an access token (shpat_…) as BATELEUR_SHOP__SECRET."
        )
    secret = settings.secret.get_secret_value()
    if settings.key is None:
        return LastingToken(secret)
    return GrantedToken(settings, settings.key.get_secret_value(), secret)
