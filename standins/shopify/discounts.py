"""Discounts with their codes: a limit holds for each code, the time for all of them.

Source: Shopify's schema of 2026-10.
"""

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from standins.shop.model import Coupon, ShopModel
from standins.shopify.faults import Faults
from standins.shopify.frames import instant, numbered, time_of
from standins.shopify.search import found, page

MOST_TAGS = 5
LONGEST_CODE = 255
CHANGED = {"title": "title", "tags": "tags", "usageLimit": "usage_limit"}
Input = Mapping[str, Any]


@dataclass(slots=True)
class Discount:
    """One discount. `coupons` are its codes, as the checkout knows them."""

    id: int
    title: str
    tags: list[str]
    starts_at: datetime
    ends_at: datetime | None
    usage_limit: int | None
    percent: float | None = None
    amount: int | None = None
    skus: tuple[str, ...] = ()
    is_off: bool = False
    is_indexed: bool = True
    coupons: list[Coupon] = field(default_factory=list)

    def status(self, now: datetime) -> str:
        """As Shopify tells it."""
        if self.is_off or (self.ends_at is not None and self.ends_at <= now):
            return "EXPIRED"
        return "SCHEDULED" if self.starts_at > now else "ACTIVE"


class Discounts:
    """The discounts of a shop, and the operations on them."""

    def __init__(self, model: ShopModel, faults: Faults, violations: Counter[str]) -> None:
        self.model = model
        self.known: dict[int, Discount] = {}
        self.updates = 0
        self._faults = faults
        self._violations = violations
        self._ids = itertools.count(501)

    def fields(self) -> dict[str, Any]:
        """What the Admin API can ask of them."""
        return {
            "discountNodes": self._list,
            "codeDiscountNodeByCode": self._by_code,
            "discountCodeBasicCreate": self._create,
            "discountCodeBasicUpdate": self._update,
            "discountCodeDeactivate": self._deactivate,
        }

    def make(self, code: str, **rules: Any) -> Discount:
        """A new discount with its first code; the staff makes its own so, without tags."""
        given = {
            "title": code,
            "tags": [],
            "starts_at": self.model.now(),
            "ends_at": None,
            "usage_limit": None,
        }
        discount = Discount(next(self._ids), **{**given, **rules})
        discount.is_indexed = not self._faults.is_index_behind
        self.known[discount.id] = discount
        self.add(discount, code)
        return discount

    def add(self, discount: Discount, code: str) -> Coupon:
        """One more code of a discount."""
        coupon = self.model.add_coupon(code, extra={"discount": discount.id})
        discount.coupons.append(coupon)
        self._spread(discount, coupon)
        return coupon

    def drop(self, discount: Discount) -> None:
        """The staff deletes a discount with its codes."""
        for coupon in discount.coupons:
            self.model.drop_coupon(coupon.id)
        del self.known[discount.id]

    def get(self, id: str) -> Discount | None:
        """The discount of a global id."""
        return self.known.get(numbered(id, "DiscountCodeNode"))

    def node(self, discount: Discount | None) -> dict[str, Any] | None:
        """As a code's discount."""
        if discount is None:
            return None
        return {
            "__typename": "DiscountCodeNode",
            "id": f"gid://shopify/DiscountCodeNode/{discount.id}",
            "codeDiscount": self._shown(discount),
        }

    def _shown(self, discount: Discount) -> dict[str, Any]:
        return {
            "__typename": "DiscountCodeBasic",
            "title": discount.title,
            "tags": discount.tags,
            "status": discount.status(self.model.now()),
            "startsAt": instant(discount.starts_at),
            "endsAt": instant(discount.ends_at) if discount.ends_at else None,
            "usageLimit": discount.usage_limit,
            "asyncUsageCount": 0,  # it lags, and must not be counted on
        }

    def _spread(self, discount: Discount, *coupons: Coupon) -> None:
        for coupon in coupons or discount.coupons:
            coupon.percent, coupon.amount, coupon.skus = discount.percent, discount.amount, discount.skus
            coupon.starts_at, coupon.ends_at = discount.starts_at, discount.ends_at
            coupon.usage_limit, coupon.is_on = discount.usage_limit, not discount.is_off

    def _list(self, _: Any, first: int = 0, after: str | None = None, query: str | None = None) -> Any:
        fits = {"tag": lambda one, term: term.value in one.tags}
        shown = [one for one in self.known.values() if one.is_indexed]
        ours = found(shown, query, fits, self._violations)
        nodes = [{"id": f"gid://shopify/DiscountNode/{one.id}", "discount": self._shown(one)} for one in ours]
        return page(nodes, first, after)

    def _by_code(self, _: Any, code: str) -> Any:
        coupon = self.model.coupon(code)
        return self.node(self.known.get(int(str(coupon.extra["discount"])))) if coupon else None

    def _create(self, _: Any, basicCodeDiscount: Input) -> Any:
        given = basicCodeDiscount
        wrong = self._wrong(given) or self._lacking(given)
        if wrong:
            return self._answer(None, *wrong)
        rules = {
            "title": given["title"],
            "tags": list(given.get("tags") or ()),
            "starts_at": time_of(given["startsAt"]),
            "ends_at": time_of(given["endsAt"]) if given.get("endsAt") else None,
            "usage_limit": given.get("usageLimit"),
            **self._value(given["customerGets"]),
        }
        return self._answer(self.make(given["code"], **rules))

    def _update(self, _: Any, id: str, basicCodeDiscount: Input) -> Any:
        self.updates += 1
        discount, given = self.get(id), basicCodeDiscount
        if discount is None:
            return self._answer(None, "id", "INVALID", "Discount does not exist")
        starts = time_of(given["startsAt"]) if "startsAt" in given else discount.starts_at
        ends = discount.ends_at
        if "endsAt" in given:
            ends = time_of(given["endsAt"]) if given["endsAt"] else None
        wrong = self._wrong({**given, "startsAt": instant(starts), "endsAt": instant(ends) if ends else None})
        if wrong:
            return self._answer(None, *wrong)
        discount.starts_at, discount.ends_at = starts, ends
        for name, own in CHANGED.items():
            if name in given:
                setattr(discount, own, given[name])
        self._spread(discount)
        return self._answer(discount)

    def _deactivate(self, _: Any, id: str) -> Any:
        discount = self.get(id)
        if discount is None:
            return self._answer(None, "id", "INVALID", "Discount does not exist")
        discount.is_off = True
        if not self._faults.keeps_end:
            discount.ends_at = self.model.now().replace(microsecond=0)
        self._spread(discount)
        return self._answer(discount)

    def _lacking(self, given: Input) -> tuple[str, str, str] | None:
        for name in ("title", "code", "startsAt", "customerGets", "context"):
            if not given.get(name):
                return name, "BLANK", f"{name} can't be blank"
        if len(given["code"]) > LONGEST_CODE:
            return "code", "TOO_LONG", "Code is too long"
        if self.model.coupon(given["code"]) is not None:
            return "code", "TAKEN", f"Code {given['code']} must be unique. Please try a different code."
        return None

    def _wrong(self, given: Input) -> tuple[str, str, str] | None:
        if len(given.get("tags") or ()) > MOST_TAGS:
            return "tags", "TOO_MANY_TAGS", "Too many tags"
        starts, ends = given.get("startsAt"), given.get("endsAt")
        if starts and ends and time_of(ends) <= time_of(starts):
            return "endsAt", "END_DATE_BEFORE_START_DATE", "Ends at needs to be after starts_at"
        percentage = ((given.get("customerGets") or {}).get("value") or {}).get("percentage")
        if percentage is not None and not 0 <= percentage <= 1:
            return "percentage", "VALUE_OUTSIDE_RANGE", "Value must be between 0.0 and 1.0"
        return None

    def _value(self, gets: Input) -> dict[str, Any]:
        ids = (gets["items"].get("products") or {}).get("productVariantsToAdd") or ()
        numbers = {numbered(id, "ProductVariant") for id in ids}
        skus = tuple(item.sku for item in self.model.items.values() if item.id in numbers)
        if "discountAmount" not in gets["value"]:
            return {"percent": float(gets["value"]["percentage"]) * 100, "skus": skus}
        digits = get_currency_precision(self.model.currency)
        amount = Decimal(str(gets["value"]["discountAmount"]["amount"])).scaleb(digits)
        return {"amount": int(amount), "skus": skus}

    def _answer(self, discount: Discount | None, where: str = "", code: str = "", message: str = "") -> Any:
        wrong = [{"field": ["basicCodeDiscount", where], "code": code, "message": message}] if code else []
        return {"codeDiscountNode": self.node(discount), "userErrors": wrong}
