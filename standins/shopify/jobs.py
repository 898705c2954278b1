"""Codes added in bulk: at most 250 at once, done a little later, each failing alone.

Source: Shopify's schema of 2026-10, `discountRedeemCodeBulkAdd`.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from standins.shopify.discounts import Discount, Discounts
from standins.shopify.faults import Faults
from standins.shopify.frames import numbered
from standins.shopify.search import page

MOST_CODES = 250


@dataclass(slots=True)
class Job:
    """`told` is (code, Shopify's word for what was wrong or empty) of each that was worked on."""

    id: int
    discount: Discount
    codes: Sequence[str]
    told: list[tuple[str, str]] = field(default_factory=list)
    is_done: bool = False


class Jobs:
    """The bulk jobs of a shop; each takes `takes_s`. `sent` counts the codes of all of them."""

    def __init__(self, discounts: Discounts, faults: Faults, violations: Counter[str]) -> None:
        self.takes_s = 0.02
        self.known: dict[int, Job] = {}
        self.sent = 0
        self._discounts = discounts
        self._faults = faults
        self._violations = violations
        self._ids = itertools.count(9001)
        self._waiting: list[asyncio.TimerHandle] = []

    def fields(self) -> dict[str, Any]:
        """What the Admin API can ask of them."""
        return {"discountRedeemCodeBulkAdd": self._add, "discountRedeemCodeBulkCreation": self._get}

    def close(self) -> None:
        """Give up what is not done."""
        for handle in self._waiting:
            handle.cancel()

    def _add(self, _: Any, discountId: str, codes: Sequence[dict[str, str]]) -> Any:
        discount = self._discounts.get(discountId)
        if discount is None:
            return _refused("discountId", "INVALID", "Discount does not exist")
        if len(codes) > MOST_CODES:
            self._violations["codes"] += 1
            return _refused("codes", "TOO_MANY_ARGUMENTS", "Too many codes")
        self.sent += len(codes)
        job = Job(next(self._ids), discount, [one["code"] for one in codes])
        self.known[job.id] = job
        self._waiting.append(asyncio.get_running_loop().call_later(self.takes_s, self._work, job))
        return {"bulkCreation": self._shown(job), "userErrors": []}

    def _work(self, job: Job) -> None:
        for code in job.codes:
            word = self._wrong(code)
            job.told.append((code, word))
            if not word:
                self._discounts.add(job.discount, code)
        job.is_done = True

    def _wrong(self, code: str) -> str:
        if code.casefold() in self._faults.failing_codes:
            return "INTERNAL_ERROR"
        return "TAKEN" if self._discounts.model.coupon(code) is not None else ""

    def _get(self, _: Any, id: str) -> Any:
        job = self.known.get(numbered(id, "DiscountRedeemCodeBulkCreation"))
        if job is None or self._faults.strikes("lost_jobs"):
            return None
        return self._shown(job)

    def _shown(self, job: Job) -> dict[str, Any]:
        wrong = [word for _, word in job.told if word]

        def codes(_: Any, first: int = 0, after: str | None = None) -> Any:
            return page([_code(code, word) for code, word in job.told], first, after)

        return {
            "__typename": "DiscountRedeemCodeBulkCreation",
            "id": f"gid://shopify/DiscountRedeemCodeBulkCreation/{job.id}",
            "done": job.is_done,
            "codesCount": len(job.codes),
            "importedCount": len(job.told) - len(wrong),
            "failedCount": len(wrong),
            "codes": codes,
        }


def _code(code: str, word: str) -> dict[str, Any]:
    wrong = [{"field": ["code"], "code": word, "message": f"{code} was not added"}] if word else []
    return {"code": code, "errors": wrong, "discountRedeemCode": None}


def _refused(where: str, code: str, message: str) -> dict[str, Any]:
    return {"bulkCreation": None, "userErrors": [{"field": [where], "code": code, "message": message}]}
