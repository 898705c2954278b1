"""The shop that other tests rely on does what a real one does."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.vendure.catcher import Catcher, Posted
from tests.vendure.people import Coupon, Shopper, Staff
from tests.vendure.server import Vendure

NewCode = Callable[[], str]


def test_a_customer_buys_with_a_coupon(shopper: Shopper, staff: Staff, new_code: NewCode) -> None:
    code = new_code()
    staff.make_coupon(code, percent=20)

    assert "EUR" == shopper.variant("HEADSET-1")["currencyCode"]
    assert 499_99 == shopper.put("HEADSET-1")
    assert Coupon(100_00) == shopper.apply_coupon(code.lower())

    bought = shopper.check_out()

    assert ("PaymentSettled", 100_00, None) == (bought.state, bought.discount, bought.refusal)
    assert 399_99 + 5_00 == bought.total


def test_an_expired_coupon_is_refused(shopper: Shopper, staff: Staff, new_code: NewCode) -> None:
    code = new_code()
    staff.make_coupon(code, ends_at=datetime.now(UTC) - timedelta(seconds=1))
    shopper.put("MUG-RED")

    assert Coupon(0, "COUPON_CODE_EXPIRED_ERROR") == shopper.apply_coupon(code)
    assert Coupon(0, "COUPON_CODE_INVALID_ERROR") == shopper.apply_coupon("NOPE")


def test_the_same_code_is_taken_twice(staff: Staff, new_code: NewCode) -> None:
    code = new_code()
    ids = {staff.make_coupon(code), staff.make_coupon(code)}

    assert ids == {promotion["id"] for promotion in staff.promotions(code)}
    assert 2 == len(ids)


def test_an_order_with_a_code_is_told_signed_and_without_the_customers_name(
    vendure: Vendure, shopper: Shopper, staff: Staff, webhooks: Catcher, new_code: NewCode
) -> None:
    code = new_code()
    promotion = staff.make_coupon(code)
    shopper.put("SCARF-1")
    shopper.apply_coupon(code)
    bought = shopper.check_out("bob@example.com")

    posted = webhooks.first(_of(bought.code))

    signature = hmac.new(vendure.webhook_secret.encode(), posted.body, hashlib.sha256).hexdigest()
    assert signature == posted.headers["bateleur-signature"]
    assert b"bob@" not in posted.body
    told = json.loads(posted.body)
    assert abs(datetime.fromisoformat(told["sent_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    order = told["order"]
    assert ("PaymentSettled", "EUR", 32_00 + 5_00) == (
        order["state"], order["currencyCode"], order["totalWithTax"],
    )  # fmt: skip
    assert [{"id": promotion, "couponCode": code}] == order["promotions"]
    assert [{"adjustmentSource": f"PROMOTION:{promotion}", "amountWithTax": -8_00}] == order["discounts"]


def test_an_order_is_cancelled_and_another_given_back(
    shopper: Shopper, staff: Staff, webhooks: Catcher, new_code: NewCode
) -> None:
    code = new_code()
    staff.make_coupon(code)
    shopper.put("MUG-RED")
    shopper.apply_coupon(code)
    first = shopper.check_out()
    shopper.put("MUG-RED")
    shopper.apply_coupon(code)
    second = shopper.check_out()

    assert "Cancelled" == staff.cancel(first.code)
    staff.refund(second.code, 3_00)

    webhooks.first(lambda one: _of(first.code)(one) and "Cancelled" == _order(one)["state"])
    given_back = webhooks.first(lambda one: _of(second.code)(one) and bool(_refunds(one)))
    assert 3_00 == _refunds(given_back)[0]["total"]


def test_a_call_that_was_not_taken_comes_again(
    shopper: Shopper, staff: Staff, webhooks: Catcher, new_code: NewCode
) -> None:
    code = new_code()
    staff.make_coupon(code)
    shopper.put("MUG-RED")
    shopper.apply_coupon(code)
    webhooks.refused = [code]
    bought = shopper.check_out()

    first = webhooks.first(_of(bought.code))
    again = webhooks.first(lambda one: one is not first and _of(bought.code)(one))

    assert _told(first)["id"] == _told(again)["id"]
    assert _told(first)["sent_at"] < _told(again)["sent_at"]


def test_an_order_without_a_code_is_nobodys_business(
    shopper: Shopper, staff: Staff, webhooks: Catcher, new_code: NewCode
) -> None:
    shopper.put("MUG-RED")
    plain = shopper.check_out()
    code = new_code()
    staff.make_coupon(code)
    shopper.put("MUG-RED")
    shopper.apply_coupon(code)
    webhooks.first(_of(shopper.check_out().code))

    assert [] == [one for one in webhooks.posted if _of(plain.code)(one)]


def _told(posted: Posted) -> dict[str, Any]:
    return dict(json.loads(posted.body))


def _order(posted: Posted) -> dict[str, Any]:
    return dict(_told(posted)["order"])


def _refunds(posted: Posted) -> list[dict[str, Any]]:
    return [refund for payment in _order(posted)["payments"] for refund in payment["refunds"]]


def _of(order_code: str) -> Callable[[Posted], bool]:
    return lambda posted: order_code == _order(posted)["code"]
