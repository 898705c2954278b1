"""What our plugin in the shop (bateleur-webhook.js) posts."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.errors import Refusal
from domain.shop import Notice
from shops.vendure import wire

SIGNATURE = "bateleur-signature"
STALE = timedelta(minutes=5)


def read(
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    *,
    secrets: Sequence[bytes],
    pseudonym: Callable[[str], str],
) -> Notice:
    """What is told, when one of `secrets` signed it within the last minutes. Raises `Refusal`."""
    lowered = {name.lower(): value for name, value in headers.items()}
    signature = lowered.get(SIGNATURE, "")
    if not any(_signs(secret, body, signature) for secret in secrets):
        raise Refusal("A webhook with a wrong signature was refused.")
    told = _told(body)
    try:
        sent_at = wire.moment(told["sent_at"])
        if abs(now - sent_at) > STALE:
            raise Refusal("A webhook of another time was refused: are the clocks right?")
        orders = (wire.order(told["order"], pseudonym),) if wire.is_ours(told["order"]) else ()
        return Notice(key=str(told["id"]), orders=orders)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refusal("A webhook that is not our plugin's was refused.") from None


def _signs(secret: bytes, body: bytes, signature: str) -> bool:
    own = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(own.encode(), signature.encode())


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Refusal("A webhook that is not our plugin's was refused.")
    return told
