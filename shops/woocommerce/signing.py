"""How a call says who makes it: Basic over https, OAuth 1.0a over http, where WooCommerce takes no Basic.

Each attempt is signed anew, for a nonce serves once.
Source: WooCommerce REST «Authentication over HTTP» (HMAC-SHA256, no token), and what 10.0.2 signs.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

Signer = Callable[[Any], Any]


def signer(root: str, key: str, secret: str) -> Signer:
    """What signs a call to the shop at `root`: takes and gives a prepared request."""
    if urlsplit(root).scheme == "https":
        pair = base64.b64encode(f"{key}:{secret}".encode()).decode()
        return lambda request: _with_header(request, f"Basic {pair}")
    return lambda request: _signed(request, key, secret)


def _with_header(request: Any, value: str) -> Any:
    request.headers["Authorization"] = value
    return request


def _signed(request: Any, key: str, secret: str) -> Any:
    stamp, nonce = str(int(time.time())), secrets.token_hex(16)
    request.url = signed_url(request.method, request.url, key=key, secret=secret, stamp=stamp, nonce=nonce)
    return request


def signed_url(method: str, url: str, *, key: str, secret: str, stamp: str, nonce: str) -> str:
    """`url` with OAuth's parameters in its query; `stamp` in seconds since 1970."""
    scheme, place, path, query, _ = urlsplit(url)
    pairs = {
        **dict(parse_qsl(query, keep_blank_values=True)),
        "oauth_consumer_key": key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": stamp,
    }
    base = urlunsplit((scheme, place, path, "", ""))
    joined = "&".join(f"{_escaped(name)}={_escaped(pairs[name])}" for name in sorted(pairs))
    text = f"{method.upper()}&{_escaped(base)}&{_escaped(joined)}"
    signature = base64.b64encode(hmac.digest(f"{secret}&".encode(), text.encode(), "sha256")).decode()
    return f"{base}?{urlencode({**pairs, 'oauth_signature': signature}, quote_via=quote)}"


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
