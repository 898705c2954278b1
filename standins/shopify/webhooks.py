"""Webhook subscriptions, and what is sent to them: again eight times when it fails, and then no more.

Source: Shopify «Webhooks» (read 2026-11-26): base64 of HMAC-SHA256 over the body with the app's client
secret; repeats have the id and the body of the first; after eight failures in a row the subscription is
deleted.
"""

import base64
import hmac
import itertools
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from standins.shop.model import GONE, PlacedOrder
from standins.shop.webhooks import Delivery, WebhookSender
from standins.shopify import rest
from standins.shopify.auth import App
from standins.shopify.faults import Faults
from standins.shopify.orders import Orders
from standins.shopify.search import page

MOST_FAILURES = 8
LOCAL = "http://127.0.0.1"


@dataclass(slots=True)
class Subscription:
    """One address for one topic."""

    id: int
    topic: str
    uri: str
    include: tuple[str, ...]
    failures: int = 0

    def shown(self) -> dict[str, Any]:
        """As the Admin API tells it."""
        return {
            "__typename": "WebhookSubscription",
            "id": f"gid://shopify/WebhookSubscription/{self.id}",
            "topic": self.topic,
            "uri": self.uri,
            "format": "JSON",
            "includeFields": list(self.include),
        }


class Webhooks:
    """The subscriptions of the app, and what they send."""

    def __init__(self, app: App, orders: Orders, faults: Faults, version: str) -> None:
        self.known: dict[int, Subscription] = {}
        self.sender = WebhookSender()
        self.sender.attempted.append(self._attempted)
        self.secret = app.client_secret
        self._orders = orders
        self._faults = faults
        self._version = version
        self._ids = itertools.count(1)
        self._by_delivery: dict[str, int] = {}
        self._before: dict[int, tuple[str, int, int]] = {}

    def fields(self) -> dict[str, Any]:
        """What the Admin API can ask of them."""
        return {"webhookSubscriptions": self._list, "webhookSubscriptionCreate": self._create}

    def tell(self, event: str, order: PlacedOrder) -> None:
        """Send what happened to an order."""
        if event == GONE:
            self._send("orders/delete", {"id": order.id})
            return
        own = self._orders.peculiar(order.id)
        body = rest.order(order, own)
        if event == "created" and self._faults.updated_first:
            self._send("orders/updated", body)
        self._send("orders/create" if event == "created" else "orders/updated", body)
        status, refunds, codes = self._before.get(order.id, ("placed", 0, len(order.codes)))
        if order.status == "cancelled" != status:
            self._send("orders/cancelled", body)
        if len(order.refunds) > refunds:
            self._send("refunds/create", rest.refund(order, own))
        if len(order.codes) < codes:
            self._send("orders/edited", {"order_edit": {"id": order.id + 5000, "order_id": order.id}})
        self._before[order.id] = (order.status, len(order.refunds), len(order.codes))

    def _send(self, topic: str, body: dict[str, Any]) -> None:
        event_id = secrets.token_hex(8)
        for one in list(self.known.values()):
            if one.topic != topic.upper().replace("/", "_") or self._faults.strikes("lost_webhooks"):
                continue
            told = rest.only(body, one.include) if one.include else body
            raw = json.dumps(told, separators=(",", ":")).encode()
            headers = self._headers(one, topic, raw, event_id)
            for _ in range(2 if self._faults.twice else 1):
                self.sender.send(one.uri, headers, raw)

    def _headers(self, one: Subscription, topic: str, raw: bytes, event_id: str) -> dict[str, str]:
        delivery = secrets.token_hex(16)
        self._by_delivery[delivery] = one.id
        signature = base64.b64encode(hmac.digest(self.secret.encode(), raw, "sha256")).decode()
        return {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": "standin.myshopify.com",
            "X-Shopify-API-Version": self._version,
            "X-Shopify-Hmac-Sha256": signature,
            "X-Shopify-Webhook-Id": delivery,
            "X-Shopify-Event-Id": event_id,
            "X-Shopify-Triggered-At": datetime.now(UTC).isoformat(),
        }

    def _attempted(self, delivery: Delivery) -> None:
        one = self.known.get(self._by_delivery.get(delivery.headers.get("X-Shopify-Webhook-Id", ""), 0))
        if one is None:
            return
        one.failures = 0 if 200 <= delivery.status < 300 else one.failures + 1
        if one.failures >= MOST_FAILURES:
            del self.known[one.id]

    def _list(self, _: Any, first: int = 0, after: str | None = None, uri: str | None = None) -> Any:
        return page([one.shown() for one in self.known.values() if uri in (None, one.uri)], first, after)

    def _create(self, _: Any, topic: str, webhookSubscription: Mapping[str, Any]) -> Any:
        uri = str(webhookSubscription.get("uri") or "")
        if not uri.startswith(("https://", LOCAL)):
            return _refused("Address protocol http:// is not supported")
        include: Sequence[str] = webhookSubscription.get("includeFields") or ()
        if any((one.topic, one.uri) == (topic, uri) for one in self.known.values()):
            return _refused("Address for this topic has already been taken")
        one = Subscription(next(self._ids), topic, uri, tuple(include))
        self.known[one.id] = one
        return {"webhookSubscription": one.shown(), "userErrors": []}


def _refused(message: str) -> dict[str, Any]:
    wrong = [{"field": ["webhookSubscription", "callbackUrl"], "message": message}]
    return {"webhookSubscription": None, "userErrors": wrong}
