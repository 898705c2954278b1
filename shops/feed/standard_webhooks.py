"""Standard Webhooks 1.0.0: what is signed with a shared secret, both ways.

Source: standardwebhooks.com, specification 1.0.0: HMAC-SHA256 over `id.timestamp.body`, secrets `whsec_` and
base64, several signatures while a secret is being changed, five minutes of tolerance.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.errors import ActionRequired, Refusal
from domain.sentences import sentence

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)
LEAST_BYTES = 24
LONGEST_ID = 256
FORGED = "The webhook is not signed by the shop."
STALE = "The webhook is older than five minutes, or one of the clocks is wrong."


def read_secret(text: str, setting: str) -> bytes:
    """The key that a written secret stands for; `setting` names it when it is none."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        key = b""
    if len(key) < LEAST_BYTES:
        why = sentence(
            "{setting} is no secret of Standard Webhooks: whsec_ and base64 of at least {least} bytes.",
            setting=setting,
            least=LEAST_BYTES,
        )
        raise ActionRequired(why)
    return key


def signature(key: bytes, id: str, timestamp: int, body: bytes) -> str:
    """What signs `body`; `timestamp` in seconds since 1970."""
    text = f"{id}.{timestamp}.".encode(errors="replace") + body
    return "v1," + base64.b64encode(hmac.digest(key, text, "sha256")).decode()


def genuine_id(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], now: datetime) -> str:
    """The id of a delivery that one of `keys` has signed within the tolerance; raises `Refusal`."""
    given = {name.casefold(): value for name, value in headers.items()}
    id, stamp = given.get(ID, ""), given.get(TIMESTAMP, "")
    if not id or len(id) > LONGEST_ID or not (stamp.isascii() and stamp.isdecimal()) or len(stamp) > 12:
        raise Refusal(FORGED)
    signed = [signature(key, id, int(stamp), body).encode() for key in keys]
    told = [one.encode(errors="replace") for one in given.get(SIGNATURE, "").split()]
    if not any(hmac.compare_digest(ours, theirs) for ours in signed for theirs in told):
        raise Refusal(FORGED)
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise Refusal(STALE)
    return id


class Signer:
    """Signs each attempt of a call anew; given to `Http.call` as `auth`."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, request: Any) -> Any:
        """The prepared request, with its three headers."""
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else body
        id, now = f"msg_{secrets.token_hex(16)}", int(time.time())
        request.headers.update({ID: id, TIMESTAMP: str(now), SIGNATURE: signature(self._key, id, now, raw)})
        return request
