"""The retailer's webhooks: which are believed, and what they tell."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.errors import Refusal
from domain.sentences import sentence
from domain.shop import Notice
from shops.feed import wire
from shops.feed.standard_webhooks import genuine_id


def read(
    headers: Mapping[str, str],
    body: bytes,
    keys: Sequence[bytes],
    pseudonym: Callable[[str], str],
    now: datetime,
) -> Notice:
    """What a webhook tells; raises `Refusal`. Events that are not of redemptions tell nothing."""
    id = genuine_id(headers, body, keys, now)
    told = _told(body)
    event, data = told.get("type"), told.get("data")
    if not isinstance(event, str):
        raise Refusal("The webhook has no type.")
    if event not in wire.EVENTS:
        return Notice(id)
    if not isinstance(data, dict):
        raise Refusal(sentence("The webhook {event} has no data.", event=event))
    if wire.is_test(data):
        return Notice(id)
    try:
        return Notice(id, orders=(wire.redemption(data, pseudonym, event),))
    except wire.Unreadable as error:
        raise Refusal(
            sentence(
                "The webhook {event} cannot be read: {field} is missing or wrong.", event=event, field=error
            )
        ) from None


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refusal("The webhook is no JSON object.")
    return told
