"""Redemptions: told by webhook when they change, and page by page to who asks."""

import base64
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from standins.retailer.faults import Faults
from standins.retailer.problems import problem
from standins.retailer.signing import new_id, signed
from standins.shop.model import GONE, PlacedOrder, ShopModel
from standins.shop.webhooks import Delivery, WebhookSender

RETRIES_S = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Source: Standard Webhooks 1.0.0, the schedule it gives as an example: ten attempts within 76 hours."""
LONGEST_PAGE = 500


class Redemptions:
    """The `redemptions` routes, and the webhooks to `hook_url` signed with each of `secrets`.

    `tests` are orders that are only a test of the staff's.
    """

    def __init__(self, model: ShopModel, faults: Faults, violations: Counter[str]) -> None:
        self.hook_url = ""
        self.secrets: tuple[str, ...] = ()
        self.tests: set[int] = set()
        self.sender = WebhookSender(RETRIES_S)
        self.sender.attempted.append(self._attempted)
        self._model = model
        self._faults = faults
        self._violations = violations
        self._versions: dict[int, int] = {}

    def add_routes(self, app: web.Application, base: str) -> None:
        """Serve them under `base`."""
        app.router.add_get(f"{base}/redemptions", self._list)
        app.router.add_get(base + "/redemptions/{id}", self._get)

    def tell(self, event: str, order: PlacedOrder) -> None:
        """Note that an order has changed, and send a webhook."""
        at = int(order.changed_at.timestamp() * 1000)
        self._versions[order.id] = max(self._versions.get(order.id, 0) + 1, at)
        state = {"state": "cancelled"} if event == GONE else {}
        self.send(_type(event, order), {**self.shown(order), **state})

    def send(self, type: str, data: dict[str, Any]) -> None:
        """Send a webhook of any type."""
        if not self.hook_url or self._faults.strikes("lost_webhooks"):
            return
        body = {"type": type, "timestamp": datetime.now(UTC).isoformat(), "data": data}
        raw, id = json.dumps(body, ensure_ascii=False).encode(), new_id()
        headers = {"Content-Type": "application/json", "User-Agent": "Retailer/1.0"}
        self.sender.send(self.hook_url, lambda: {**headers, **signed(self.secrets, id, raw)}, raw)

    def shown(self, order: PlacedOrder) -> dict[str, Any]:
        """An order as it is told: whole, and without the person."""
        codes = [{"code": code, "discount_minor": order.discounts.get(code, 0)} for code in order.codes]
        refunds = order.refunds[-1:]
        return {
            "redemption_id": str(order.id),
            "order_id": str(order.id),
            "order_number": f"FR-{order.id:06}",
            **(codes[0] if len(codes) == 1 else {"codes": codes}),
            "order_total_minor": order.total,
            "refunded_minor": sum(order.refunds),
            "currency": order.currency,
            "tax_included": True,
            "state": order.status,
            "ordered_at": order.ordered_at.isoformat(),
            "occurred_at": order.changed_at.isoformat(),
            "updated_at": order.changed_at.isoformat(),
            "version": self._versions.get(order.id, 1),
            "customer_ref": f"c{hash(order.email) & 0xFFFFFFFF:08x}",
            "refund": {"refund_id": str(len(order.refunds)), "amount_minor": refunds[0]} if refunds else None,
            "test": order.id in self.tests,
        }

    def _attempted(self, delivery: Delivery) -> None:
        if delivery.status == 410:
            self.hook_url = ""
        elif 300 <= delivery.status < 400:
            self._violations["webhook_redirected"] += 1

    async def _list(self, request: web.Request) -> web.Response:
        try:
            since = datetime.fromisoformat(request.query["updated_since"])
            limit = int(request.query.get("limit", "100"))
            after = _read_cursor(request.query.get("cursor", ""))
        except (KeyError, ValueError):
            self._violations["bad_query"] += 1
            return problem(422, "bad-query", "updated_since, limit or cursor cannot be read.")
        if not 1 <= limit <= LONGEST_PAGE:
            self._violations["page_too_long"] += 1
            return problem(422, "bad-query", f"limit is 1 to {LONGEST_PAGE}.")
        changed = sorted((order.changed_at, order.id) for order in self._model.orders.values())
        keys = [key for key in changed if key[0] >= since and (after is None or key > after)]
        page = keys[:limit]
        rows = [self.shown(self._model.orders[id]) for _, id in page]
        following = _cursor(*page[-1]) if len(keys) > limit else None
        return web.json_response({"redemptions": rows, "next_cursor": following})

    async def _get(self, request: web.Request) -> web.Response:
        id = request.match_info["id"]
        order = self._model.orders.get(int(id)) if id.isdecimal() else None
        if order is None:
            return problem(404, "unknown-redemption", "There is no such redemption.")
        return web.json_response(self.shown(order))


def _type(event: str, order: PlacedOrder) -> str:
    if event == GONE or order.status == "cancelled":
        return "redemption.cancelled"
    if order.refunds:
        return "redemption.refunded"
    return "redemption.created" if event == "created" else "redemption.confirmed"


def _cursor(at: datetime, id: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {id}".encode()).decode()


def _read_cursor(text: str) -> tuple[datetime, int] | None:
    if not text:
        return None
    at, _, id = base64.urlsafe_b64decode(text).decode().partition(" ")
    return datetime.fromisoformat(at), int(id)
