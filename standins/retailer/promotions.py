"""Promotions and their codes, by signed calls of at most a thousand codes."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from standins.retailer.faults import Faults
from standins.retailer.problems import problem
from standins.shop.model import Coupon, ShopModel

LARGEST_BATCH = 1000
Result = dict[str, str]
Rules = dict[str, Any]


class Promotions:
    """The `promotions` routes. `known` are the promotions by id."""

    def __init__(self, model: ShopModel, faults: Faults, violations: Counter[str]) -> None:
        self.known: dict[str, Rules] = {}
        self._model = model
        self._faults = faults
        self._violations = violations
        self._answered: dict[str, Rules] = {}

    def add_routes(self, app: web.Application, base: str) -> None:
        """Serve them under `base`."""
        app.router.add_post(f"{base}/promotions", self._create)
        app.router.add_get(base + "/promotions/{id}", self._get)
        app.router.add_post(base + "/promotions/{id}/codes", self._codes)
        app.router.add_post(base + "/promotions/{id}/extend", self._extend)
        app.router.add_post(base + "/promotions/{id}/stop", self._stop)

    async def _create(self, request: web.Request) -> web.Response:
        key, body = request.headers.get("Idempotency-Key"), await request.json()
        if not key:
            self._violations["no_idempotency_key"] += 1
            return problem(400, "no-idempotency-key", "Idempotency-Key is missing.")
        if key in self._answered:
            same = self._answered[key] == body
            self._violations["key_reused"] += not same
            return web.json_response(body) if same else problem(422, "key-reused", "Another body.")
        if body["id"] in self.known:
            return problem(409, "exists", "There is a promotion of that id.")
        strange = [sku for sku in body["scope"]["skus"] if sku not in self._model.items]
        if strange:
            return problem(422, "unknown-sku", f"We do not sell {', '.join(strange)}.")
        self.known[body["id"]] = self._answered[key] = body
        return web.json_response(body, status=201)

    async def _get(self, request: web.Request) -> web.Response:
        found = self.known.get(request.match_info["id"])
        return web.json_response(found) if found else _unknown()

    async def _codes(self, request: web.Request) -> web.Response:
        return await self._each(request, self._add, needs_end=True)

    async def _extend(self, request: web.Request) -> web.Response:
        return await self._each(request, self._move, needs_end=True)

    async def _stop(self, request: web.Request) -> web.Response:
        return await self._each(request, self._end, needs_end=False)

    async def _each(
        self,
        request: web.Request,
        work: Callable[[Rules, str, datetime], Result],
        *,
        needs_end: bool,
    ) -> web.Response:
        promotion = self.known.get(request.match_info["id"])
        if promotion is None:
            return _unknown()
        body = await request.json()
        codes = body["codes"]
        if len(codes) > LARGEST_BATCH:
            self._violations["batch_too_large"] += 1
            return problem(422, "too-many-codes", f"At most {LARGEST_BATCH} codes a call.")
        end = datetime.fromisoformat(body["ends_at"]) if needs_end else self._model.now()
        if "starts_at" in body:
            promotion = {**promotion, "starts_at": body["starts_at"]}
        return web.json_response(
            {"results": [{"code": code, **work(promotion, code, end)} for code in codes]}
        )

    def _add(self, promotion: Rules, code: str, end: datetime) -> Result:
        if self._faults.strikes("refused_codes"):
            return {"status": "refused", "detail": f"{code} is reserved."}
        coupon = self._model.coupon(code)
        if coupon is None:
            add_coupon(self._model, promotion, code, end)
            return {"status": "created"}
        if not _is_of(coupon, promotion):
            return {"status": "taken"}
        coupon.ends_at = end
        return {"status": "exists"}

    def _move(self, promotion: Rules, code: str, end: datetime) -> Result:
        coupon = self._model.coupon(code)
        if coupon is None or not _is_of(coupon, promotion):
            return {"status": "unknown"}
        coupon.starts_at, coupon.ends_at = _start(promotion), end
        return {"status": "extended"}

    def _end(self, promotion: Rules, code: str, end: datetime) -> Result:
        result = self._move(promotion, code, end)
        coupon = self._model.coupon(code)
        if coupon is None or result["status"] == "unknown":
            return result
        coupon.is_on = False
        return {"status": "stopped"}


def add_coupon(model: ShopModel, promotion: Rules, code: str, end: datetime) -> None:
    """Put a code of a promotion on sale."""
    model.add_coupon(
        code,
        percent=promotion["value"].get("percent"),
        amount=promotion["value"].get("amount_minor"),
        skus=tuple(promotion["scope"]["skus"]),
        starts_at=_start(promotion),
        ends_at=end,
        usage_limit=promotion["uses_per_code"],
        extra={"promotion": promotion["id"]},
    )


def _start(promotion: Rules) -> datetime | None:
    start = promotion["starts_at"]
    return datetime.fromisoformat(start) if start else None


def _is_of(coupon: Coupon, promotion: Rules) -> bool:
    return bool(coupon.extra.get("promotion") == promotion["id"])


def _unknown() -> web.Response:
    return problem(404, "unknown-promotion", "There is no such promotion.")
