"""Facebook's notices that there are comments: believed only when they are signed, and then looked after.

What a notice says is not read: comments are fetched as ever, so that a forged, repeated, reordered or
lost one changes nothing but when they are looked at.
Source: Meta «Webhooks: getting started», X-Hub-Signature-256 (read 2026-10).
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping


def is_genuine(raw_body: bytes, signature: str, app_secret: str) -> bool:
    """Whether the body, as it came, carries the app's own signature."""
    expected = hmac.new(app_secret.encode(), raw_body, hashlib.sha256).hexdigest()
    given = signature.removeprefix("sha256=")
    return bool(app_secret) and secrets.compare_digest(expected.encode(), given.encode())


def challenge(query: Mapping[str, str], verify_token: str) -> str | None:
    """What to answer when Facebook asks whose the address is; None when it does not know our word."""
    is_ours = secrets.compare_digest(query.get("hub.verify_token", "").encode(), verify_token.encode())
    if not verify_token or not is_ours or query.get("hub.mode") != "subscribe":
        return None
    return query.get("hub.challenge", "")
