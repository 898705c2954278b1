"""Our adapter in a PrestaShop that does all that PrestaShops do."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from domain.errors import ActionRequired, Fault, Refusal
from domain.money import Money
from domain.shop import CodeMade, Order, OrderState, ShopCode, ShopOffer
from domain.show import Discount
from shops.prestashop import wire
from shops.prestashop.shop import PrestaShop
from standins.prestashop.server import ALL, READ, PrestaShopStandin
from standins.shop.model import NotAccepted
from tests.shops.rigs_prestashop import a_shop, adapter

T = TypeVar("T")
NAME = "bateleur-7-12"
PARIS = ZoneInfo("Europe/Paris")


@dataclass
class House:
    """A shop, our adapter, and an offer: 20 percent off the headset, one order for each code."""

    standin: PrestaShopStandin
    shop: PrestaShop
    offer: ShopOffer

    async def make(self, *codes: str, **changes: object) -> list[CodeMade]:
        offer = replace(self.offer, **changes)  # type: ignore[arg-type]
        return await flat(self.shop.create_offer(offer, codes))

    async def made(self, *codes: str, **changes: object) -> list[ShopCode]:
        told = await self.make(*codes, **changes)
        assert all(one.shop_id for one in told), told
        return [ShopCode(one.code, one.shop_id or "") for one in told]

    async def extend(self, codes: Sequence[ShopCode], seconds: float = 900) -> list[ShopCode]:
        return await flat(self.shop.extend(self.offer, codes, self.offer.until + timedelta(seconds=seconds)))

    async def end(self, codes: Sequence[ShopCode]) -> list[ShopCode]:
        return await flat(self.shop.end(self.offer, codes))

    async def orders(self, since: datetime | None = None) -> list[Order]:
        moment = since or self.standin.model.now() - timedelta(minutes=1)
        pages = await asyncio.to_thread(lambda: list(self.shop.orders_since(moment)))
        return [order for page in pages for order in page.orders]

    def buy(self, *codes: str, email: str = "ann@example.com", quantity: int = 1) -> str:
        return self.standin.book.buy(list(codes), email, "QC-ULTRA", quantity)

    def rule(self, code: str) -> dict[str, Any]:
        coupon = self.standin.model.coupon(code)
        assert coupon is not None
        return dict(self.standin.cart_rules.row(coupon))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=15)
    offer = ShopOffer(NAME, "The <evening> & more", Discount(percent=20), ("QC-ULTRA",), 1, None, until)
    async with a_shop() as standin:
        yield House(standin, adapter(standin), offer)


async def flat(pages: Iterator[list[T]]) -> list[T]:
    return await asyncio.to_thread(lambda: [one for page in pages for one in page])


async def test_a_rule_says_all_that_must_not_be_left_out(house: House) -> None:
    starts_at = house.offer.until - timedelta(hours=2)
    await house.made("AAA", starts_at=starts_at)
    rule = house.rule("AAA")
    wanted = {
        "name": {"1": "The <evening> & more", "2": "The <evening> & more"},
        "description": NAME,
        "date_from": wire.local(starts_at, PARIS),
        "date_to": wire.local(house.offer.until, PARIS),
        "quantity": "1",
        "quantity_per_user": "1",
        "partial_use": "0",
        "active": "1",
        "reduction_product": str(house.standin.model.items["QC-ULTRA"].id),
    }
    assert wanted == {name: rule[name] for name in wanted}


async def test_a_code_without_bound_may_be_used_again_by_the_same_customer(house: House) -> None:
    await house.made("LIVE20", uses=None)
    house.buy("LIVE20")
    house.buy("LIVE20")


async def test_an_offer_is_never_wider_than_asked_for(house: House) -> None:
    for skus, word in ((("QC-ULTRA", "MUG-RED"), "one product"), (("NO-SUCH",), "NO-SUCH")):
        with pytest.raises(ActionRequired, match=word):
            await house.make("AAA", skus=skus)
    with pytest.raises(ActionRequired, match="USD"):
        await house.make("AAA", skus=(), discount=Discount(amount=Money(500, "USD")))
    assert {} == house.standin.model.coupons


async def test_no_code_is_ever_in_an_address(house: House) -> None:
    codes = await house.made("SECRET7", "SECRET8")
    house.buy("SECRET7")
    await house.extend(codes)
    await house.orders()
    await house.end(codes)
    assert not [address for address in house.standin.addresses if "SECRET" in address]
    assert 0 == house.standin.violations.total()


async def test_a_creation_that_the_shop_broke_off_is_gone_on_with(house: House) -> None:
    codes = [f"CODE{number:03}" for number in range(120)]
    house.standin.faults.stops_after = 37
    with pytest.raises(Fault):
        await house.make(*codes)
    assert 37 == len(house.standin.model.coupons)
    await house.made(*codes)
    assert codes == [one.code for one in house.standin.model.coupons.values()]


async def test_a_creation_whose_answer_was_lost_makes_nothing_twice(house: House) -> None:
    house.standin.faults.broken_after_taking = 1
    with pytest.raises(Fault):
        await house.make("AAA", "BBB")
    await house.made("AAA", "BBB")
    assert 2 == len(house.standin.model.coupons)


async def test_one_code_that_the_shop_refuses_does_not_hold_up_the_others(house: House) -> None:
    told = {one.code: one for one in await house.make("AAA", "B<B", "CCC")}
    assert told["AAA"].shop_id
    assert told["CCC"].shop_id
    assert (None, "PrestaShop does not take the code (error 85).") == (told["B<B"].shop_id, told["B<B"].why)
    assert 2 == len(house.standin.model.coupons)


async def test_moving_an_end_gives_no_use_back(house: House) -> None:
    codes = await house.made("AAA", "BBB")
    house.buy("AAA")
    assert codes == await house.extend(codes)
    assert ("0", "1") == (house.rule("AAA")["quantity"], house.rule("BBB")["quantity"])
    assert wire.local(house.offer.until, PARIS) == house.rule("AAA")["date_to"] < house.rule("BBB")["date_to"]
    assert 0 == house.standin.violations.total()


async def test_a_shop_without_patch_gets_the_whole_object_as_it_was(house: House) -> None:
    house.standin.has_patch = False
    codes = await house.made("AAA", "BBB")
    house.buy("AAA")
    before = house.rule("BBB")
    assert codes == await house.extend(codes)
    until = wire.local(house.offer.until + timedelta(seconds=900), PARIS)
    assert {**before, "date_to": until, "date_add": ""} == {**house.rule("BBB"), "date_add": ""}
    assert "0" == house.rule("AAA")["quantity"]
    assert codes == await house.end(codes)
    with pytest.raises(NotAccepted):
        house.buy("BBB")
    assert 0 == house.standin.violations.total()


async def test_a_code_used_between_our_read_and_our_put_is_not_good_for_a_second_order(house: House) -> None:
    house.standin.has_patch = False
    codes = await house.made("AAA")
    house.standin.faults.before_put.append(lambda: house.buy("AAA"))
    await house.extend(codes)
    assert "0" == house.rule("AAA")["quantity"]
    with pytest.raises(NotAccepted):
        house.buy("AAA", email="bob@example.com")


async def test_a_code_that_the_staff_deleted_stops_nobody(house: House) -> None:
    codes = await house.made("AAA", "BBB")
    house.standin.model.drop_coupon(int(codes[0].shop_id))
    assert codes[1:] == await house.extend(codes)
    assert codes == await house.end(codes)


async def test_moving_ends_that_the_shop_broke_off_is_done_again(house: House) -> None:
    codes = await house.made("AAA", "BBB")
    house.standin.faults.stops_after = 1
    assert codes == await house.extend(codes)
    assert house.rule("AAA")["date_to"] == house.rule("BBB")["date_to"]


async def test_a_put_that_failed_is_not_sent_again_as_it_was(house: House) -> None:
    house.standin.has_patch = False
    codes = await house.made("AAA", "BBB")
    house.standin.faults.stops_after = 1
    with pytest.raises(Fault):
        await house.extend(codes)
    house.buy("BBB")
    assert codes == await house.extend(codes)
    assert "0" == house.rule("BBB")["quantity"]
    assert 0 == house.standin.violations.total()


async def test_a_code_that_the_staff_has_renamed_is_not_ours_any_more(house: House) -> None:
    codes = await house.made("AAA", "BBB")
    house.standin.model.coupons[int(codes[0].shop_id)].code = "VIP"
    assert codes[1:] == await house.extend(codes)


async def test_a_key_that_may_only_read_is_told_so(house: House) -> None:
    codes = await house.made("AAA")
    house.standin.rights["cart_rules"] = READ
    with pytest.raises(ActionRequired, match="PUT cart_rules"):
        await house.extend(codes)


async def test_creation_resumed_later_moves_the_end_of_what_is_there(house: House) -> None:
    first = await house.made("AAA")
    later = house.offer.until + timedelta(minutes=10)
    assert first == (await house.made("AAA", "BBB", until=later))[:1]
    assert wire.local(later, PARIS) == house.rule("AAA")["date_to"] == house.rule("BBB")["date_to"]


async def test_what_partial_use_left_behind_ends_with_the_offer(house: House) -> None:
    amount = Discount(amount=Money(500_00, "EUR"))
    codes = await house.made("AAA", discount=amount, skus=())
    coupon = house.standin.model.coupon("AAA")
    assert coupon is not None
    coupon.extra["partial_use"] = "1"
    house.buy("AAA")
    assert "1" == house.rule("AAA-2")["active"]
    assert codes == await house.end(codes)
    assert "0" == house.rule("AAA-2")["active"]


async def test_a_voucher_worth_more_than_its_basket_leaves_nothing_behind(house: House) -> None:
    await house.made("AAA", discount=Discount(amount=Money(500_00, "EUR")), skus=())
    house.buy("AAA")
    assert ["AAA"] == [one.code for one in house.standin.model.coupons.values()]


async def test_a_basket_in_two_orders_is_one_order(house: House) -> None:
    house.standin.book.splits = True
    await house.made("AAA")
    reference = house.buy("AAA", quantity=2)
    [order] = await house.orders()
    assert (reference, 63984) == (order.id, order.total.amount)
    assert [("AAA", 15996)] == [(use.code, use.discount.amount) for use in order.uses]
    first, second = house.standin.book.of(reference)
    house.standin.model.cancel(first.id, gives_back=False)
    assert [OrderState.PLACED] == [one.state for one in await house.orders()]
    house.standin.model.cancel(second.id, gives_back=False)
    assert [OrderState.CANCELLED] == [one.state for one in await house.orders()]
    assert await asyncio.to_thread(house.shop.order, reference) == (await house.orders())[0]


async def test_a_slip_is_seen_though_its_order_does_not_change(house: House) -> None:
    await house.made("AAA")
    reference = house.buy("AAA")
    house.standin.model.shift += timedelta(hours=2)
    since = house.standin.model.now()
    house.standin.model.refund(house.standin.book.of(reference)[0].id, 10_00)
    [order] = await house.orders(since)
    assert (10_00, OrderState.PLACED) == (order.refunded.amount, order.state)


async def test_states_are_told_by_their_template_whatever_their_number(house: House) -> None:
    house.standin.book.templates = {"2": "payment", "41": "order_canceled", "6": "preparation"}
    house.standin.book.states = {"placed": "6", "cancelled": "41"}
    reference = house.buy()
    assert [OrderState.PLACED] == [one.state for one in await house.orders()]
    house.standin.model.cancel(house.standin.book.of(reference)[0].id)
    assert [OrderState.CANCELLED] == [one.state for one in await house.orders()]


async def test_many_orders_of_one_second_are_all_found(house: House) -> None:
    references = {house.buy(email=f"{number}@example.com") for number in range(230)}
    second = house.standin.model.now()
    for order in house.standin.model.orders.values():
        order.changed_at = second
    assert references == {one.id for one in await house.orders()}
    assert 230 == len(await house.orders())


async def test_the_shops_own_promotions_and_deleted_rules_are_no_codes(house: House) -> None:
    house.standin.model.add_coupon("", percent=5.0)
    await house.made("AAA")
    house.buy("AAA", "")
    assert [["AAA"]] == [[use.code for use in one.uses] for one in await house.orders()]


async def test_stock_is_told_and_prices_have_their_tax(house: House) -> None:
    headset, mug = await asyncio.to_thread(house.shop.products, ["QC-ULTRA", "MUG-RED", "A|B"])
    assert (Money(39990, "EUR"), 100, 0) == (headset.price, headset.stock, mug.stock)
    assert headset.url.startswith(house.standin.url)
    [found] = await asyncio.to_thread(house.shop.find_products, "mug CUILLÈRE")
    assert "Mug & cuillère" == found.name


@pytest.mark.parametrize(
    ("resource", "sentence"),
    [("orders", "GET orders"), ("order_slip", "GET order_slip"), ("cart_rules", "POST cart_rules")],
)
async def test_a_missing_right_is_named(house: House, resource: str, sentence: str) -> None:
    house.standin.rights[resource] = frozenset()
    with pytest.raises(ActionRequired, match=sentence):
        await asyncio.to_thread(house.shop.check)
    with pytest.raises(ActionRequired, match=resource):
        await house.orders() if resource != "cart_rules" else await house.make("AAA")


async def test_a_webservice_that_is_off_is_told_with_the_way_out(house: House) -> None:
    house.standin.faults.is_off = True
    with pytest.raises(ActionRequired, match="enable it"):
        await asyncio.to_thread(house.shop.check)


async def test_another_time_zone_than_the_shops_is_told(house: House) -> None:
    elsewhere = adapter(house.standin, timezone="Indian/Reunion")
    with pytest.raises(ActionRequired, match="Europe/Paris"):
        await asyncio.to_thread(elsewhere.check)


async def test_a_shop_without_patch_is_told_of(house: House) -> None:
    assert "PATCH" not in await asyncio.to_thread(house.shop.check)
    house.standin.rights["cart_rules"] = ALL - {"PUT"}
    assert "PATCH" not in await asyncio.to_thread(house.shop.check)
    house.standin.has_patch = False
    with pytest.raises(ActionRequired, match="PUT cart_rules"):
        await asyncio.to_thread(house.shop.check)
    house.standin.rights["cart_rules"] = ALL
    assert "PATCH" in await asyncio.to_thread(house.shop.check)
    assert {} == house.standin.model.coupons


async def test_no_webhook_is_believed(house: House) -> None:
    house.shop.keep_webhook("https://bot.example/hooks/shop")
    with pytest.raises(Refusal, match="no webhooks"):
        house.shop.read_webhook({}, b"{}", datetime.now(UTC))
    assert "looked for" in house.shop.traits.sentence


async def test_a_shop_without_its_key_is_refused_at_once(house: House) -> None:
    with pytest.raises(ActionRequired, match="BATELEUR_SHOP__KEY"):
        adapter(house.standin, key=None)
