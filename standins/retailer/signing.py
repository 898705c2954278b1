"""Standard Webhooks as the retailer signs and checks them.

Source: standardwebhooks.com, specification 1.0.0.
"""

import base64
import hmac
import itertools
import time
from collections.abc import Mapping

TOLERANCE_S = 300.0
_ids = itertools.count(1)


def key_of(secret: str) -> bytes:
    """The bytes behind `whsec_…`."""
    return base64.b64decode(secret.removeprefix("whsec_"))


def new_id() -> str:
    """An id for what is sent, kept through all its attempts."""
    return f"msg_{time.time_ns():x}{next(_ids):04x}"


def signed(secrets: tuple[str, ...], id: str, body: bytes, at: float | None = None) -> dict[str, str]:
    """The headers of one attempt, signed with each of `secrets`; `at` in seconds since 1970, now unless
    given."""
    stamp = str(int(time.time() if at is None else at))
    text = f"{id}.{stamp}.".encode() + body
    macs = [base64.b64encode(hmac.digest(key_of(secret), text, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{mac}" for mac in macs),
    }


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a call was signed with `secret` within the last five minutes."""
    try:
        at = float(headers["webhook-timestamp"])
        expected = signed((secret,), headers["webhook-id"], body, at)["webhook-signature"]
    except (KeyError, ValueError):
        return False
    told = headers.get("webhook-signature", "").split()
    return abs(time.time() - at) <= TOLERANCE_S and expected in told
