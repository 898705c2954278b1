"""Codes brought to the retailer's platform by signed calls, each of which may be repeated without harm.

The form is our convention, `docs/retailer-api.md`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from domain.errors import ActionRequired, Fault
from domain.sentences import sentence
from domain.shop import CodeMade, ShopCode, ShopOffer, ShopTraits
from shops.feed.codes import parts, reason
from shops.feed.platform import Platform, is_missing
from shops.feed.wire import written

LARGEST_BATCH = 1000
CODES_PER_S = 200.0
PROBE = "bateleur-check"
FOREIGN = "The shop has that code already, and not for this offer."
SENTENCE = (
    "The retailer's platform ends a code at the time we give it, kept a little ahead while the live is open, "
    "a thousand codes a call."
)


class CodeEndpoint:
    """The promotions of the platform. Ours have the offers' names."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def traits(self, *, has_orders: bool) -> ShopTraits:
        """See `ShopTraits`."""
        return ShopTraits(CODES_PER_S, True, has_orders, SENTENCE)

    def check(self) -> str:
        """Ask for a promotion that is not there: the platform answers that only to whom it knows."""
        answer = self._platform.get(f"/promotions/{PROBE}")
        if not is_missing(answer):
            self._platform.taken(answer)
        return f"{self._platform.http.where} takes our signature."

    def create(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """The promotion, then its codes; those that are there get the end of now."""
        self._open(offer)
        for some in parts(codes, LARGEST_BATCH):
            results = self._results(offer, "codes", some, {"ends_at": written(offer.until)})
            yield [_made(offer, code, results[code]) for code in some]

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """Move ends, and the start; those that the platform says it has moved are confirmed."""
        for some in parts(codes, LARGEST_BATCH):
            results = self._results(offer, "extend", [code.code for code in some], _times(offer, until))
            yield [code for code in some if results[code.code].get("status") == "extended"]

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """Stop codes; one that the platform does not know is stopped too."""
        for some in parts(codes, LARGEST_BATCH):
            results = self._results(offer, "stop", [code.code for code in some])
            yield [code for code in some if results[code.code].get("status") in ("stopped", "unknown")]

    def _open(self, offer: ShopOffer) -> None:
        answer = self._platform.post("/promotions", promotion(offer), has_key=True)
        if answer.status != 409:
            self._platform.taken(answer)

    def _results(
        self,
        offer: ShopOffer,
        action: str,
        codes: Sequence[str],
        times: Mapping[str, str | None] = MappingProxyType({}),
    ) -> dict[str, Mapping[str, Any]]:
        """What the platform says of each code."""
        body = {"codes": list(codes), **times}
        answer = self._platform.post(f"/promotions/{quote(offer.name, safe='')}/{action}", body)
        if action == "stop" and is_missing(answer):
            return {code: {"status": "unknown"} for code in codes}
        told = self._platform.taken(answer).get("results")
        rows = [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
        results: dict[str, Mapping[str, Any]] = {str(row.get("code")): row for row in rows}
        if not all(code in results for code in codes):
            raise Fault("The shop does not tell of each code what became of it.", is_retryable=True)
        return results


def promotion(offer: ShopOffer) -> dict[str, Any]:
    """An offer as the platform takes it."""
    return {
        "id": offer.name,
        "title": offer.title,
        **_times(offer, offer.until),
        "uses_per_code": offer.uses,
        "per_customer": None,
        "min_basket_minor": None,
        "scope": {"skus": list(offer.skus)},
        "value": _value(offer),
    }


def _times(offer: ShopOffer, until: datetime) -> dict[str, str | None]:
    starts_at = written(offer.starts_at) if offer.starts_at else None
    return {"starts_at": starts_at, "ends_at": written(until)}


def _value(offer: ShopOffer) -> dict[str, Any]:
    percent, amount = offer.discount.percent, offer.discount.amount
    if percent is not None:
        return {"percent": percent}
    if amount is None:
        raise ActionRequired(sentence("The offer {name} takes nothing off.", name=offer.name))
    return {"amount_minor": amount.amount, "currency": amount.currency}


def _made(offer: ShopOffer, code: str, result: Mapping[str, Any]) -> CodeMade:
    status = result.get("status")
    if status in ("created", "exists"):
        return CodeMade(code, offer.name)
    return CodeMade(code, None, FOREIGN if status == "taken" else reason(result.get("detail"), code))
