"""Webhooks: which are believed, what they tell, and how they are kept alive.

Source: Shopify «Webhooks», read 2026-11-26: base64 of HMAC-SHA256 over the raw body with the app's client
secret; the delivery's id is the same in all its repeats, the body that of the first; nothing is signed beside
the body. After eight failures in a row the subscription is deleted.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.errors import ActionRequired, Fault, Refusal
from domain.sentences import sentence
from domain.shop import Notice
from shops.shopify import order_wire, queries, wire
from shops.shopify.admin import Admin

TOPICS = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_CANCELLED",
    "ORDERS_EDITED",
    "ORDERS_DELETE",
    "REFUNDS_CREATE",
)
WHOLE = ("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_CANCELLED")
FIELDS = (
    "id",
    "test",
    "currency",
    "created_at",
    "updated_at",
    "cancelled_at",
    "financial_status",
    "total_price_set",
    "current_total_discounts_set",
    "discount_codes",
    "discount_applications",
    "line_items.discount_allocations",
    "refunds",
)
FORGED = "The webhook is not signed by the shop."


def is_genuine(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Whether one of `secrets` has signed the body, as it came."""
    given = signature.strip().encode()
    signed = [base64.b64encode(hmac.digest(secret, body, "sha256")) for secret in secrets]
    return any(hmac.compare_digest(one, given) for one in signed)


def read(headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes]) -> Notice:
    """What a webhook tells; raises `Refusal`. What is not told whole is to be looked up."""
    given = {name.casefold(): value for name, value in headers.items()}
    if not is_genuine(body, given.get("x-shopify-hmac-sha256", ""), secrets):
        raise Refusal(FORGED)
    topic = given.get("x-shopify-topic", "")
    key = given.get("x-shopify-webhook-id") or hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()
    if not topic.startswith(("orders/", "refunds/")):
        return Notice(key)
    try:
        told = json.loads(body)
        return _of_order(key, topic, told)
    except (ValueError, KeyError, TypeError, AttributeError, wire.Unreadable):
        return Notice(key)


def _of_order(key: str, topic: str, told: dict[str, Any]) -> Notice:
    if topic.startswith("refunds/"):
        return Notice(key, order_ids=(wire.number_of(told["order_id"]),))
    if topic == "orders/edited":
        return Notice(key, order_ids=(wire.number_of(told["order_edit"]["order_id"]),))
    try:
        order = order_wire.hooked_order(told)
    except wire.Unreadable:
        return Notice(key, order_ids=(wire.number_of(told["id"]),))
    return Notice(key, orders=(order,) if order else ())


class Webhooks:
    """Our webhooks in the shop."""

    def __init__(self, admin: Admin, has_secret: Callable[[], bool]) -> None:
        self._admin = admin
        self._has_secret = has_secret

    def keep(self, url: str) -> None:
        """See that the shop tells `url` of its orders: make what is missing, or has been deleted after
        failing."""
        if not self._has_secret():
            why = "Shopify signs webhooks with the app's secret: set BATELEUR_SHOP__WEBHOOK_SECRET to it."
            raise ActionRequired(why)
        known = {hook["topic"] for hook in self._found() if hook["uri"] == url}
        for topic in TOPICS:
            if topic not in known:
                self._make(topic, url)

    def _found(self) -> list[dict[str, Any]]:
        found, cursor = list[dict[str, Any]](), None
        while True:
            page = self._admin.ask(queries.HOOKS, after=cursor)["webhookSubscriptions"]
            found += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            cursor = page["pageInfo"]["endCursor"]

    def _make(self, topic: str, url: str) -> None:
        """Only what we read is sent to us, and none of it tells a person."""
        hook: dict[str, Any] = {"uri": url, "format": "JSON"}
        if topic in WHOLE:
            hook["includeFields"] = list(FIELDS)
        elif topic == "REFUNDS_CREATE":
            hook["includeFields"] = ["id", "order_id", "created_at"]
        made = self._admin.change(queries.MAKE_HOOK, topic=topic, input=hook)["webhookSubscriptionCreate"]
        wrong = [str(error["message"]) for error in made["userErrors"]]
        if any("taken" in one.casefold() for one in wrong):
            return  # made a moment ago, by a try whose answer was lost
        if wrong:
            why = sentence(
                "Shopify does not take the webhook {topic} ({why}).",
                topic=topic,
                why=wrong[0][:100].rstrip("."),
            )
            raise Fault(
                sentence("{why} It needs BATELEUR_PUBLIC_URL with https.", why=why), is_retryable=False
            )
