"""Webhooks: an address told once of each event, never again, and given up after seven failures.

Source: woocommerce 10.0.2, class-wc-webhook.php: success is 200 to 302; the counter must exceed 5 before a
failure disables, so the seventh in a row does.
"""

import base64
import hmac
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from standins.shop.model import GONE, PlacedOrder
from standins.shop.webhooks import Delivery, WebhookSender
from standins.woocommerce.auth import nonce_hash, problem
from standins.woocommerce.faults import Faults
from standins.woocommerce.paging import page

MOST_FAILURES = 6


@dataclass(slots=True)
class Webhook:
    """One address for one topic."""

    id: int
    name: str
    topic: str
    delivery_url: str
    secret: str
    status: str = "active"
    failures: int = 0

    def shown(self) -> dict[str, Any]:
        """As it is read: without its secret."""
        resource, _, event = self.topic.partition(".")
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "topic": self.topic,
            "resource": resource,
            "event": event,
            "delivery_url": self.delivery_url,
        }


class Webhooks:
    """The `webhooks` routes, and what they send. `root` is the site's address."""

    def __init__(
        self, shown: Callable[[PlacedOrder], dict[str, Any]], faults: Faults, violations: Counter[str]
    ) -> None:
        self.root = ""
        self.known: dict[int, Webhook] = {}
        self.sender = WebhookSender()
        self.sender.attempted.append(self._attempted)
        self._shown = shown
        self._faults = faults
        self._violations = violations
        self._ids = itertools.count(1)

    def add_routes(self, app: web.Application, base: str) -> None:
        """Serve them under `base`."""
        one = base + r"/webhooks/{id:\d+}"
        app.router.add_get(f"{base}/webhooks", self._list)
        app.router.add_post(f"{base}/webhooks", self._create)
        app.router.add_get(one, self._get)
        app.router.add_put(one, self._update)

    def tell(self, event: str, order: PlacedOrder) -> None:
        """Send what happened to an order to whoever asked for it."""
        if order.status == "checkout-draft":
            return
        if event == "created" and self._faults.updated_first:
            self._send("order.updated", self._shown(order))
        self._send(f"order.{event}", {"id": order.id} if event == GONE else self._shown(order))

    def _send(self, topic: str, body: dict[str, Any]) -> None:
        for webhook in self.known.values():
            if webhook.topic != topic or webhook.status != "active":
                continue
            if self._faults.strikes("lost_webhooks"):
                continue
            raw = json.dumps(body, separators=(",", ":")).encode()
            self.sender.send(webhook.delivery_url, self._headers(webhook, raw), raw)

    def _headers(self, webhook: Webhook, raw: bytes) -> dict[str, str]:
        resource, _, event = webhook.topic.partition(".")
        signature = base64.b64encode(hmac.digest(webhook.secret.encode(), raw, "sha256")).decode()
        return {
            "Content-Type": "application/json",
            "User-Agent": "WooCommerce/10.0.2 Hookshot (WordPress/6.8)",
            "X-WC-Webhook-Source": f"{self.root}/",
            "X-WC-Webhook-Topic": webhook.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": signature,
            "X-WC-Webhook-ID": str(webhook.id),
            "X-WC-Webhook-Delivery-ID": nonce_hash(f"{webhook.id}{int(time.time())}"),
        }

    def _attempted(self, delivery: Delivery) -> None:
        webhook = self.known.get(int(delivery.headers.get("X-WC-Webhook-ID", "0")))
        if webhook is None:
            return
        if 200 <= delivery.status <= 302:
            webhook.failures = 0
        elif webhook.failures >= MOST_FAILURES:
            webhook.status = "disabled"
        else:
            webhook.failures += 1

    async def _list(self, request: web.Request) -> web.Response:
        return page(request, list(self.known.values())[::-1], Webhook.shown, self._violations)

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "topic" not in body or "delivery_url" not in body:
            return problem("woocommerce_rest_webhook_invalid_topic", "Webhook topic is required.", 400)
        webhook = Webhook(
            next(self._ids),
            body.get("name", "Webhook"),
            body["topic"],
            body["delivery_url"],
            body.get("secret", ""),
            body.get("status", "active"),
        )
        self.known[webhook.id] = webhook
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.sender.send(webhook.delivery_url, form, f"webhook_id={webhook.id}".encode())
        return web.json_response(webhook.shown(), status=201)

    async def _get(self, request: web.Request) -> web.Response:
        webhook = self.known.get(int(request.match_info["id"]))
        if webhook is None:
            return problem("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 404)
        return web.json_response(webhook.shown())

    async def _update(self, request: web.Request) -> web.Response:
        webhook = self.known.get(int(request.match_info["id"]))
        if webhook is None:
            return problem("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 400)
        body = await request.json()
        for name in ("name", "status", "topic", "delivery_url", "secret"):
            setattr(webhook, name, body.get(name, getattr(webhook, name)))
        if body.get("status") == "active":
            webhook.failures = 0
        return web.json_response(webhook.shown())
