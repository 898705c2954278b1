"""Shopify's orders to ours, from the Admin API and from webhooks. Pure. Of the people who buy nothing is
asked for, and nothing is kept.

Source: Shopify's schema of 2026-10 and its REST order, which webhooks carry (read 2026-11-26). Money is taken
in the shop's currency, never in the buyer's.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.shop import CodeUse, Order, OrderState, version_at
from shops.shopify.wire import Unreadable, minor, moment, number_of

UNPAID_FOR_GOOD = frozenset({"VOIDED", "EXPIRED"})


def order(found: Mapping[str, Any], shares: Mapping[str, Decimal] | None = None) -> Order | None:
    """An order of the Admin API; None for a test. `shares` is what each code took off, by its lower case,
    when several discounts do; else all that was taken off is the one code's. Raises `Unreadable`."""
    try:
        if found["test"]:
            return None
        off = _shop_amount(found.get("totalDiscountsSet") or found["currentTotalDiscountsSet"])
        still_off = _shop_amount(found["currentTotalDiscountsSet"])
        codes = [str(code) for code in found["discountCodes"]]
        return _order(
            id=number_of(found["id"]),
            currency=str(found["totalPriceSet"]["shopMoney"]["currencyCode"]),
            total=_shop_amount(found["totalPriceSet"]),
            refunded=_shop_amount(found["totalRefundedSet"]),
            shares=shares if shares is not None else {code.casefold(): off for code in codes[:1]},
            codes=codes,
            is_bare=not still_off,
            cancelled_at=found.get("cancelledAt"),
            paid=str(found.get("displayFinancialStatus") or ""),
            times=(found["createdAt"], found["updatedAt"]),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise Unreadable("order") from None


def has_several(found: Mapping[str, Any]) -> bool:
    """Whether its one code did not take off alone all that was, so that each line is to be looked at."""
    applied = [one.get("code") for one in found["discountApplications"]["nodes"]]
    codes = found["discountCodes"]
    if not codes:
        return False
    return len(codes) > 1 or [str(code).casefold() for code in applied] != [codes[0].casefold()]


def shares_of(lines: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """What each code took off these lines, by its lower case, in the shop's currency. Raises `Unreadable`."""
    shares: dict[str, Decimal] = {}
    try:
        for part in (part for line in lines for part in line["discountAllocations"]):
            code = str(part["discountApplication"].get("code") or "").casefold()
            shares[code] = shares.get(code, Decimal(0)) + _shop_amount(part["allocatedAmountSet"])
    except (KeyError, TypeError, AttributeError, InvalidOperation):
        raise Unreadable("lines") from None
    return shares


def hooked_order(told: Mapping[str, Any]) -> Order | None:
    """An order as a webhook carries it; None for a test. Raises `Unreadable` for one that must be looked
    up."""
    try:
        if told["test"]:
            return None
        currency = str(told["currency"])
        applied = [one.get("code") for one in told["discount_applications"]]
        return _order(
            id=number_of(told["id"]),
            currency=currency,
            total=_money_set(told["total_price_set"]),
            refunded=_given_back(told["refunds"], currency),
            shares=_hooked_shares(told["line_items"], applied),
            codes=[str(one["code"]) for one in told["discount_codes"]],
            is_bare=not _money_set(told["current_total_discounts_set"]),
            cancelled_at=told.get("cancelled_at"),
            paid=str(told.get("financial_status") or "").upper(),
            times=(told["created_at"], told["updated_at"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, InvalidOperation):
        raise Unreadable("order") from None


def _hooked_shares(lines: Sequence[Mapping[str, Any]], applied: Sequence[str | None]) -> dict[str, Decimal]:
    shares: dict[str, Decimal] = {}
    for part in (part for line in lines for part in line["discount_allocations"]):
        code = str(applied[int(part["discount_application_index"])] or "").casefold()
        shares[code] = shares.get(code, Decimal(0)) + _money_set(part["amount_set"])
    return shares


def _given_back(refunds: Sequence[Mapping[str, Any]], currency: str) -> Decimal:
    """Money given back, in the shop's currency; what is told in another one must be looked up."""
    sum_ = Decimal(0)
    for part in (part for refund in refunds for part in refund["transactions"]):
        if part["kind"] == "refund" and part["status"] == "success":
            if part["currency"] != currency:
                raise Unreadable("refund")
            sum_ += Decimal(str(part["amount"]))
    return sum_


def _order(
    *,
    id: str,
    currency: str,
    total: Decimal,
    refunded: Decimal,
    shares: Mapping[str, Decimal],
    codes: Sequence[str],
    is_bare: bool,
    cancelled_at: str | None,
    paid: str,
    times: tuple[str, str],
) -> Order:
    """`is_bare`: nothing is taken off any more. With nothing given back, and not cancelled, its codes were
    taken off it by the staff."""
    ordered_at, changed_at = (moment(text) for text in times)
    state = _state(cancelled_at, paid)
    is_edited = is_bare and not refunded and state is OrderState.PLACED
    uses = [
        CodeUse(code, minor(shares[code.casefold()], currency))
        for code in codes
        if shares.get(code.casefold()) and not is_edited
    ]
    return Order(
        id=id,
        uses=tuple(uses),
        total=minor(total, currency),
        refunded=minor(refunded, currency),
        state=state,
        ordered_at=ordered_at,
        version=version_at(changed_at) + _step(total, refunded, state, paid),
    )


def _state(cancelled_at: str | None, paid: str) -> OrderState:
    if cancelled_at or paid in UNPAID_FOR_GOOD:
        return OrderState.CANCELLED
    return OrderState.REFUNDED if paid == "REFUNDED" else OrderState.PLACED


def _step(total: Decimal, refunded: Decimal, state: OrderState, paid: str) -> int:
    """What was done within the second that Shopify tells; grows with each step that cannot be undone."""
    part = min(Decimal(1), refunded / total) if total > 0 else Decimal(0)
    given_back = 1 + int(part * 398) if refunded else 0
    return given_back + 500 * (state is OrderState.CANCELLED) + 50 * (paid == "REFUNDED")


def _shop_amount(bag: Mapping[str, Any]) -> Decimal:
    return Decimal(str(bag["shopMoney"]["amount"]))


def _money_set(bag: Mapping[str, Any]) -> Decimal:
    return Decimal(str(bag["shop_money"]["amount"]))
