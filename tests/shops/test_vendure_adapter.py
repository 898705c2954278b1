"""Our adapter against a real Vendure: what it says, a customer of that shop must be able to see."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from domain.errors import ActionRequired, Fault, Refusal
from domain.money import Money
from domain.shop import CodeMade, Order, OrderState, ShopCode, ShopOffer
from domain.show import Discount
from shops.settings import ShopSettings
from shops.vendure import orders
from shops.vendure.shop import VendureShop, open_shop
from tests.vendure.catcher import Catcher
from tests.vendure.people import Bought, Coupon, Shopper, Staff
from tests.vendure.server import Vendure

NewCode = Callable[[], str]
HOUR = timedelta(hours=1)


@dataclass
class Ours:
    """Our adapter, and the offer of a test: 20 % off everything for an hour, one order for each code."""

    shop: VendureShop
    offer: ShopOffer

    def make(self, *codes: str, **change: object) -> list[CodeMade]:
        offer = replace(self.offer, **change)  # type: ignore[arg-type]
        return [made for some in self.shop.create_offer(offer, codes) for made in some]

    def made(self, *codes: str, **change: object) -> list[ShopCode]:
        outcome = self.make(*codes, **change)
        assert all(one.shop_id for one in outcome), outcome
        return [ShopCode(one.code, str(one.shop_id)) for one in outcome]

    def extend(self, codes: Sequence[ShopCode], until: datetime) -> list[ShopCode]:
        return [code for some in self.shop.extend(self.offer, codes, until) for code in some]

    def end(self, codes: Sequence[ShopCode]) -> list[ShopCode]:
        return [code for some in self.shop.end(self.offer, codes) for code in some]

    def orders(self, since: datetime) -> dict[str, Order]:
        return {order.id: order for page in self.shop.orders_since(since) for order in page.orders}


@pytest.fixture
def settings(vendure: Vendure) -> ShopSettings:
    return ShopSettings(
        kind="vendure",
        url=vendure.url,
        key=SecretStr(vendure.username),
        secret=SecretStr(vendure.password),
        webhook_secret=SecretStr("the next secret"),
        webhook_secret_old=SecretStr(vendure.webhook_secret),
    )


@pytest.fixture
def ours(settings: ShopSettings, new_code: NewCode) -> Iterator[Ours]:
    now = datetime.now(UTC)
    offer = ShopOffer(f"bateleur-{new_code()}", "La soirée", Discount(percent=20), (), 1, None, now + HOUR)
    opened = open_shop(settings, lambda text: f"someone-{text}")
    yield Ours(opened, offer)
    opened.close()


def test_the_shop_says_who_it_is(ours: Ours) -> None:
    assert "Vendure, channel __default_channel__, prices in EUR with tax." == ours.shop.check()


def test_a_product_is_found_by_words_or_sku_with_its_price_and_stock(ours: Ours) -> None:
    (headset,) = ours.shop.find_products("pro headset")
    assert ("HEADSET-1", Money(499_99, "EUR")) == (headset.sku, headset.price)
    assert headset.stock is not None and 0 < headset.stock <= 100
    assert {"MUG-RED", "MUG-BLUE"} == {one.sku for one in ours.shop.find_products("mug-")}
    assert 6 == len(ours.shop.find_products(" "))
    (sold_out,) = ours.shop.products(["MUG-BLUE", "NOT-THERE"])
    assert 0 == sold_out.stock


def test_a_code_works_once_until_its_end(ours: Ours, shopper: Shopper, new_code: NewCode) -> None:
    (code,) = ours.made(new_code())
    shopper.put("MUG-RED")
    assert Coupon(2_40) == shopper.apply_coupon(code.code)
    assert "PaymentSettled" == shopper.check_out().state
    shopper.put("MUG-RED")
    assert Coupon(0, "COUPON_CODE_LIMIT_ERROR") == shopper.apply_coupon(code.code)


def test_a_code_of_some_products_leaves_the_others_alone(
    ours: Ours, shopper: Shopper, new_code: NewCode
) -> None:
    (percent,) = ours.made(new_code(), skus=("SCARF-1",))
    ten = Discount(amount=Money(10_00, "EUR"))
    (amount,) = ours.made(new_code(), skus=("SCARF-1",), discount=ten, name=f"{ours.offer.name}-b")
    shopper.put("MUG-RED")
    assert Coupon(0) == shopper.apply_coupon(percent.code)
    assert Coupon(0) == shopper.apply_coupon(amount.code)
    shopper.put("SCARF-1")
    assert Coupon(8_00 + 10_00) == shopper.apply_coupon(amount.code)


def test_a_code_waits_for_its_start(ours: Ours, shopper: Shopper, new_code: NewCode) -> None:
    (code,) = ours.made(new_code(), starts_at=datetime.now(UTC) + HOUR)
    shopper.put("MUG-RED")
    assert Coupon(0) == shopper.apply_coupon(code.code)


def test_making_an_offer_again_makes_nothing_twice(ours: Ours, staff: Staff, new_code: NewCode) -> None:
    first, second = new_code(), new_code()
    (before,) = ours.made(first)
    again = ours.made(first, second, first)
    assert [before.shop_id] == [code.shop_id for code in again if code.code == first]
    assert [1, 1] == [len(staff.promotions(code)) for code in (first, second)]


def test_what_an_interrupted_run_made_twice_is_taken_away(
    ours: Ours, staff: Staff, new_code: NewCode
) -> None:
    code = new_code()
    (kept,) = ours.made(code)
    staff.make_coupon(code, name=ours.offer.name)
    assert [kept] == ours.made(code)
    assert [kept.shop_id] == [one["id"] for one in staff.promotions(code)]


def test_a_code_of_the_shops_own_is_left_alone(ours: Ours, staff: Staff, new_code: NewCode) -> None:
    theirs, free = new_code(), new_code()
    staff.make_coupon(theirs.lower(), percent=5)
    refused, made = sorted(ours.make(theirs, free), key=lambda one: one.shop_id or "")
    assert (theirs, None) == (refused.code, refused.shop_id) and refused.why
    assert free == made.code and made.shop_id
    assert [] == staff.promotions(theirs)


def test_the_end_moves_and_then_comes(ours: Ours, shopper: Shopper, staff: Staff, new_code: NewCode) -> None:
    past = datetime.now(UTC) - timedelta(seconds=2)
    codes = ours.made(new_code(), new_code(), until=past)
    gone = replace(codes[0], shop_id="987654")
    shopper.put("MUG-RED")
    assert "COUPON_CODE_EXPIRED_ERROR" == shopper.apply_coupon(codes[0].code).refusal

    assert codes == ours.extend([*codes, gone], datetime.now(UTC) + HOUR)
    assert Coupon(2_40) == shopper.apply_coupon(codes[0].code)

    assert [*codes, gone] == ours.end([*codes, gone])
    assert "COUPON_CODE_INVALID_ERROR" == shopper.apply_coupon(codes[1].code).refusal
    assert 0 == shopper.check_out().discount
    assert codes == ours.end(codes)
    assert [] == ours.extend(codes, datetime.now(UTC) + HOUR)


def test_an_order_is_followed_from_its_placing_to_its_end(
    ours: Ours, shopper: Shopper, staff: Staff, new_code: NewCode
) -> None:
    since = datetime.now(UTC)
    code = new_code()
    promoted = ours.made(code, uses=None)
    bought = _buy(shopper, code)
    ours.end(promoted)

    placed = ours.orders(since)[bought.code]
    assert (OrderState.PLACED, Money(14_60, "EUR"), Money(0, "EUR")) == (
        placed.state, placed.total, placed.refunded,
    )  # fmt: skip
    assert [(code, Money(2_40, "EUR"))] == [(use.code, use.discount) for use in placed.uses]
    assert placed.customer is not None and placed.customer.startswith("someone-")
    assert abs(placed.ordered_at - since) < timedelta(seconds=30)

    staff.refund(bought.code, 4_60)
    partly = ours.orders(since)[bought.code]
    assert (OrderState.PLACED, Money(4_60, "EUR")) == (partly.state, partly.refunded)
    staff.refund(bought.code, 10_00)
    wholly = ours.orders(since)[bought.code]
    assert (OrderState.REFUNDED, Money(14_60, "EUR")) == (wholly.state, wholly.refunded)
    staff.cancel(bought.code)
    cancelled = ours.shop.order(bought.code)
    assert cancelled is not None and OrderState.CANCELLED is cancelled.state

    assert placed.version < partly.version < wholly.version < cancelled.version
    assert ours.shop.order("NOPE") is None


def test_orders_of_one_second_are_all_found_page_by_page(ours: Ours, shopper: Shopper, staff: Staff) -> None:
    since = datetime.now(UTC)
    bought = []
    for _ in range(7):
        shopper.put("MUG-RED")
        bought.append(shopper.check_out().code)

    pages = orders.since(ours.shop._admin, since, str, size=2)
    seen = [next(pages)]
    staff.cancel(bought[0])
    seen += pages

    told = {order.id: order for page in seen for order in page.orders}
    assert set(bought) <= set(told)
    assert OrderState.CANCELLED is told[bought[0]].state
    read_until = [page.read_until for page in seen]
    assert sorted(read_until) == read_until and read_until[0] >= since


def test_carts_are_no_orders(ours: Ours, shopper: Shopper, new_code: NewCode) -> None:
    since = datetime.now(UTC)
    before = ours.orders(since)
    code = new_code()
    ours.made(code)
    shopper.put("MUG-RED")
    shopper.apply_coupon(code)
    assert before == ours.orders(since)


def test_a_webhook_says_what_the_shop_says(
    ours: Ours, shopper: Shopper, webhooks: Catcher, new_code: NewCode
) -> None:
    code = new_code()
    ours.made(code)
    bought = _buy(shopper, code)
    posted = webhooks.first(lambda one: bought.code.encode() in one.body)
    now = datetime.now(UTC)

    notice = ours.shop.read_webhook(posted.headers, posted.body, now)
    assert (ours.shop.order(bought.code),) == notice.orders
    assert json.loads(posted.body)["id"] == notice.key

    for headers, body, at in (
        ({}, posted.body, now),
        ({"bateleur-signature": "é"}, posted.body, now),
        (posted.headers, posted.body + b" ", now),
        (posted.headers, posted.body, now + timedelta(minutes=6)),
    ):
        with pytest.raises(Refusal):
            ours.shop.read_webhook(headers, body, at)


def test_a_session_that_has_ended_is_opened_again(ours: Ours, vendure: Vendure) -> None:
    ours.shop.check()
    with Staff(vendure) as same:
        same.sign_out(ours.shop._admin._token)
    assert 6 == len(ours.shop.find_products(""))


def test_an_api_key_does_as_well(settings: ShopSettings, staff: Staff) -> None:
    keyed = settings.model_copy(update={"key": None, "secret": SecretStr(staff.make_api_key())})
    opened = open_shop(keyed, str)
    assert opened.check().startswith("Vendure, channel")
    opened.close()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"secret": SecretStr("wrong")}, "refuses the login"),
        ({"secret": None}, "BATELEUR_SHOP__SECRET"),
        ({"key": None, "secret": SecretStr("wrong")}, "give its role the rights"),
    ],
)
def test_wrong_credentials_are_told_with_the_way_out(
    settings: ShopSettings, change: dict[str, object], sentence: str
) -> None:
    opened = open_shop(settings.model_copy(update=change), str)
    with pytest.raises(ActionRequired, match=sentence):
        opened.check()
    opened.close()


def test_a_user_needs_no_more_rights_than_it_is_told(
    settings: ShopSettings, staff: Staff, ours: Ours, shopper: Shopper, new_code: NewCode
) -> None:
    reads = ["ReadProduct", "ReadOrder", "ReadPromotion", "CreatePromotion"]
    with pytest.raises(ActionRequired, match="give its role DeletePromotion, UpdatePromotion"):
        _as_user(settings, staff.hire(reads)).check()
    with pytest.raises(ActionRequired, match="«orders»"):
        _as_user(settings, staff.hire(["ReadProduct", "ReadPromotion"])).check()

    shop = _as_user(settings, staff.hire([*reads, "UpdatePromotion", "DeletePromotion"]))
    hired = Ours(shop, ours.offer)
    assert shop.check() and shop.products(["MUG-RED"])
    codes = hired.made(new_code(), skus=("MUG-RED",))
    assert codes == hired.extend(codes, datetime.now(UTC) + HOUR)
    assert shop.order(_buy(shopper, codes[0].code).code)
    assert codes == hired.end(codes)


def test_a_wrong_address_is_told_with_the_way_out(settings: ShopSettings) -> None:
    opened = open_shop(settings.model_copy(update={"url": f"{settings.url}/boutique"}), str)
    with pytest.raises(ActionRequired, match="BATELEUR_SHOP__URL"):
        opened.check()
    opened.close()


def test_an_offer_that_the_shop_cannot_make_is_refused_before_anything_is_made(
    ours: Ours, staff: Staff, new_code: NewCode
) -> None:
    code = new_code()
    with pytest.raises(ActionRequired, match="NOT-THERE"):
        ours.make(code, skus=("MUG-RED", "NOT-THERE"))
    with pytest.raises(ActionRequired, match="EUR"):
        ours.make(code, discount=Discount(amount=Money(5_00, "USD")))
    assert [] == staff.promotions(code)


def test_what_vendure_does_not_understand_is_a_fault_that_stays(ours: Ours) -> None:
    with pytest.raises(Fault, match="Cannot query field") as refused:
        ours.shop._admin.ask("{me{shoeSize}}")
    assert not refused.value.is_retryable


def test_hundreds_of_codes_come_and_go(ours: Ours, new_code: NewCode) -> None:
    wanted = [f"{new_code()}N{number:03}" for number in range(230)]
    codes = ours.made(*wanted)
    assert wanted == [code.code for code in codes]
    assert wanted == [code.code for code in ours.extend(codes, datetime.now(UTC) + 2 * HOUR)]
    assert codes == ours.end(codes)


def _as_user(settings: ShopSettings, name: str) -> VendureShop:
    change = {"key": SecretStr(name), "secret": SecretStr("hired")}
    return open_shop(settings.model_copy(update=change), str)


def _buy(shopper: Shopper, code: str) -> Bought:
    shopper.put("MUG-RED")
    shopper.apply_coupon(code)
    return shopper.check_out()
