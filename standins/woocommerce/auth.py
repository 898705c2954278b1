"""Who may call: Basic over «https», OAuth 1.0a over http.

Source: woocommerce 10.0.2, class-wc-rest-authentication.php; WordPress calls it https behind a proxy when
`X-Forwarded-Proto` says so.
"""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import web

WINDOW_S = 900
METHODS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}


def problem(code: str, message: str, status: int) -> web.Response:
    """An error as the REST interface answers it."""
    return web.json_response({"code": code, "message": message, "data": {"status": status}}, status=status)


@dataclass(slots=True)
class Key:
    """A key pair and its rights: `read` or `read_write`. `takes_plain_basic`: Basic over http does too."""

    key: str = "ck_standin"
    secret: str = "cs_standin"  # noqa: S105 - a stand-in's
    rights: str = "read_write"
    takes_plain_basic: bool = False
    _nonces: set[str] = field(default_factory=set)

    def refusal(self, request: web.Request) -> web.Response | None:
        """Why the call may not be made, None when it may."""
        why = self._unknown(request)
        if why is not None:
            return why
        if self.rights == "read" and request.method not in ("GET", "HEAD", "OPTIONS"):
            why_not = "The API key provided does not have write permissions."
            return problem("woocommerce_rest_authentication_error", why_not, 401)
        return None

    def _unknown(self, request: web.Request) -> web.Response | None:
        if self.takes_plain_basic or request.headers.get("X-Forwarded-Proto") == "https":
            pair = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
            if request.headers.get("Authorization") == f"Basic {pair}":
                return None
        elif request.query.get("oauth_consumer_key") == self.key:
            return self._signed_wrongly(request)
        cannot = "Sorry, you cannot list resources."
        return problem("woocommerce_rest_cannot_view", cannot, 401)

    def _signed_wrongly(self, request: web.Request) -> web.Response | None:
        given = dict(request.query)
        signature = given.pop("oauth_signature", "")
        digest = METHODS.get(given.get("oauth_signature_method", ""))
        nonce, stamp = given.get("oauth_nonce", ""), given.get("oauth_timestamp", "0")
        if digest is None or not hmac.compare_digest(signature, self._signature(request, given, digest)):
            return problem("woocommerce_rest_authentication_error", "Invalid signature.", 401)
        if abs(time.time() - int(stamp)) > WINDOW_S:
            return problem("woocommerce_rest_authentication_error", "Invalid timestamp.", 401)
        if nonce in self._nonces:
            return problem("woocommerce_rest_authentication_error", "Invalid nonce.", 401)
        self._nonces.add(nonce)
        return None

    def _signature(self, request: web.Request, given: dict[str, str], digest: str) -> str:
        pairs = "%26".join(f"{_twice(name)}%3D{_twice(given[name])}" for name in sorted(given))
        url = f"http://{request.host}{request.path}"
        text = f"{request.method}&{quote(url, safe='')}&{pairs}"
        return base64.b64encode(hmac.digest(f"{self.secret}&".encode(), text.encode(), digest)).decode()


def _twice(text: str) -> str:
    return quote(quote(text, safe="-._~"), safe="-._~")


def nonce_hash(text: str) -> str:
    """What WordPress' `wp_hash` makes of a text: 32 hex digits."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
