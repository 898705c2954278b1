"""Webhooks: which are believed, what they tell, and how they are kept alive.

Source: WooCommerce 10.0.2, class-wc-webhook.php: base64 of HMAC-SHA256 over the raw body, no time stamp; two
orders of one second have the same delivery id; the seventh failure in a row disables for good.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.errors import ActionRequired, Refusal
from domain.shop import Notice
from shops.woocommerce import wire
from shops.woocommerce.api import Api

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
FORGED = "The webhook is not signed by the shop."


def is_genuine(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Whether one of `secrets` has signed the body, as it came."""
    given = signature.encode()
    signed = [base64.b64encode(hmac.digest(secret, body, "sha256")) for secret in secrets]
    return any(hmac.compare_digest(one, given) for one in signed)


def read(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], pseudonym: Callable[[str], str]
) -> Notice:
    """What a webhook tells; raises `Refusal`. The ping at its creation has no signature and tells nothing."""
    given = {name.casefold(): value for name, value in headers.items()}
    topic = given.get("x-wc-webhook-topic", "")
    if not topic and body.startswith(b"webhook_id="):
        return Notice(_key("ping", "", "", body))
    if not is_genuine(body, given.get("x-wc-webhook-signature", ""), secrets):
        raise Refusal(FORGED)
    try:
        told = json.loads(body)
        id, changed = str(told["id"]), str(told.get("date_modified_gmt") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Notice(_key(topic, "", "", body))
    key = _key(topic, id, changed, body)
    if not topic.startswith("order."):
        return Notice(key)
    return _of_order(key, id, told, pseudonym)


def _of_order(key: str, id: str, told: dict[str, Any], pseudonym: Callable[[str], str]) -> Notice:
    """What came whole is taken; a `deleted` one has but its id, and must be looked up."""
    try:
        order = wire.order(told, pseudonym)
    except wire.Unreadable:
        return Notice(key, order_ids=(id,))
    return Notice(key, orders=(order,) if order else ())


def _key(topic: str, id: str, changed: str, body: bytes) -> str:
    text = "\n".join((topic, id, changed, hashlib.sha256(body).hexdigest()))
    return hashlib.sha256(text.encode()).hexdigest()


class Webhooks:
    """Our webhooks in the shop."""

    def __init__(self, api: Api, secrets: Sequence[bytes]) -> None:
        self._api = api
        self._secrets = secrets
        self._signed: set[int] = set()

    def keep(self, url: str) -> None:
        """See that the shop tells `url` of its orders: make what is missing, wake what it has disabled.

        The first look also sets our newest secret. A webhook that the staff has paused stays so.
        """
        if not self._secrets:
            raise ActionRequired("Webhooks need a secret: set BATELEUR_SHOP__WEBHOOK_SECRET.")
        known = {hook["topic"]: hook for hook in self._found() if hook.get("delivery_url") == url}
        for topic in TOPICS:
            if topic not in known:
                self._make(topic, url)
            else:
                self._wake(known[topic])

    def _found(self) -> list[dict[str, Any]]:
        fields = "id,status,topic,delivery_url"
        return [hook for page in self._api.pages("/webhooks", _fields=fields) for hook in page]

    def _make(self, topic: str, url: str) -> None:
        secret = self._secrets[0].decode()
        body = {
            "name": "Bateleur",
            "topic": topic,
            "delivery_url": url,
            "secret": secret,
            "status": "active",
        }
        self._signed.add(int(self._api.taken(self._api.write("POST", "/webhooks", body))["id"]))

    def _wake(self, hook: dict[str, Any]) -> None:
        id, body = int(hook["id"]), dict[str, Any]()
        if hook.get("status") == "disabled":
            body["status"] = "active"
        if id not in self._signed:
            body["secret"] = self._secrets[0].decode()
        if body:
            self._api.taken(self._api.write("PUT", f"/webhooks/{id}", body, is_safe=True))
            self._signed.add(id)
