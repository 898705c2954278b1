"""What only WooCommerce does to our codes, and how the adapter gets on with it."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from domain.errors import ActionRequired, Fault
from domain.money import Money
from domain.shop import ShopCode
from domain.show import Discount
from shops.woocommerce import wire
from shops.woocommerce.signing import signer
from standins.woocommerce.server import WooCommerceStandin
from tests.shops.rigs_woocommerce import a_shop, adapter
from tests.shops.test_shop_contract import an_offer, flat, new_codes
from tests.shops.woocommerce_scene import Scene, open_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as opened:
        yield opened


async def test_ten_thousand_codes_take_few_calls_and_go_on_where_they_broke_off(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(10_000)
    await asyncio.to_thread(lambda: list(islice(scene.adapter.create_offer(offer, codes), 37)))
    assert len(scene.shop.asked) <= 40
    told = await flat(scene.adapter.create_offer(offer, codes))
    assert sorted(codes) == sorted(one.code for one in told if one.shop_id)
    assert 10_000 == len(scene.shop.model.coupons)

    before = len(scene.shop.asked)
    fresh = an_offer()
    assert 10_000 == len(await flat(scene.adapter.create_offer(fresh, new_codes(10_000))))
    assert len(scene.shop.asked) - before <= 110
    assert 0 == scene.shop.violations.total()


async def test_codes_whose_answer_was_lost_are_taken_as_made(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(20)
    assert await flat(scene.adapter.create_offer(an_offer(), new_codes()))
    parts = scene.adapter.create_offer(offer, codes)
    [there] = await asyncio.to_thread(lambda: list(scene.adapter.create_offer(offer, codes[:5])))

    def lose_the_batch() -> None:
        scene.shop.faults.broken_after_taking = 0
        for _ in parts:
            scene.shop.faults.broken_after_taking = 1

    with pytest.raises(Fault):
        await asyncio.to_thread(lose_the_batch)
    scene.shop.faults.broken_after_taking = 0
    told = await flat(scene.adapter.create_offer(offer, codes))
    assert {one.shop_id for one in there} <= {one.shop_id for one in told}
    assert sorted(codes) == sorted(one.code for one in told if one.shop_id)
    assert 21 == len(scene.shop.model.coupons)


async def test_codes_found_there_get_the_end_of_now(scene: Scene) -> None:
    offer, codes = an_offer(60), new_codes(3)
    await flat(scene.adapter.create_offer(offer, codes))
    later = an_offer(1800, name=offer.name)
    await flat(scene.adapter.create_offer(later, codes))
    assert {later.until} == {coupon.ends_at for coupon in scene.shop.model.coupons.values()}


async def test_codes_the_listing_does_not_show_are_looked_up_one_by_one(scene: Scene) -> None:
    offer, [code] = an_offer(), new_codes()
    [first] = await flat(scene.adapter.create_offer(offer, [code]))
    coupon = scene.shop.model.coupon(code)
    assert coupon is not None
    coupon.extra["description"] = "reworded by the staff"
    assert [first] == await flat(scene.adapter.create_offer(offer, [code]))


async def test_a_coupon_that_the_staff_deleted_is_not_extended_and_counts_as_ended(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(2)
    there = [
        ShopCode(one.code, one.shop_id or "") for one in await flat(scene.adapter.create_offer(offer, codes))
    ]
    scene.shop.model.drop_coupon(int(there[0].shop_id))
    later = offer.until + timedelta(minutes=5)
    assert [there[1]] == await flat(scene.adapter.extend(offer, there, later))
    assert there == await flat(scene.adapter.end(offer, there))


async def test_batches_shrink_when_the_shop_does_not_keep_up_and_grow_again(scene: Scene) -> None:
    offer = an_offer()
    scene.shop.faults.is_html = True
    with pytest.raises(Fault):
        await flat(scene.adapter.extend(offer, [ShopCode("A", "1")] * 100, offer.until))
    scene.shop.faults.is_html = False
    sizes = [
        len(part) for part in await asyncio.to_thread(list, scene.adapter.create_offer(offer, new_codes(250)))
    ]
    assert [50, 100, 100] == sizes


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Europe/Paris"])
async def test_ends_are_right_wherever_the_shop_stands(scene: Scene, zone: str) -> None:
    async with WooCommerceStandin(scene.shop.model, zone=zone) as abroad:
        offer = an_offer()
        [one] = await flat(adapter(abroad).create_offer(offer, new_codes()))
        assert offer.until == scene.shop.model.coupons[int(one.shop_id or "0")].ends_at


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    paris = ZoneInfo("Europe/Paris")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "2026-10-25T02:30:00+02:00" == wire.write_end(first, paris)
    assert "2026-10-25T02:30:00+01:00" == wire.write_end(first + timedelta(hours=1), paris)


async def test_an_offer_never_becomes_good_for_everything(scene: Scene) -> None:
    with pytest.raises(ActionRequired, match="NO-SUCH"):
        await flat(scene.adapter.create_offer(an_offer(skus=("QC-ULTRA", "NO-SUCH")), new_codes()))
    dollars = an_offer(discount=Discount(amount=Money(5_00, "USD")))
    with pytest.raises(ActionRequired, match="USD"):
        await flat(scene.adapter.create_offer(dollars, new_codes()))
    assert {} == scene.shop.model.coupons


async def test_no_code_is_ever_in_an_address(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(3)
    await scene.people.make_foreign(codes[0])
    told = await flat(scene.adapter.create_offer(offer, codes))
    there = [ShopCode(one.code, one.shop_id) for one in told if one.shop_id]
    await flat(scene.adapter.extend(offer, there, offer.until + timedelta(minutes=1)))
    await flat(scene.adapter.end(offer, there))
    asked = "\n".join(scene.shop.asked).casefold()
    assert [] == [code for code in codes if code.casefold() in asked]


def test_half_told_products_are_left_out() -> None:
    odd = {"sku": "ODD", "name": "Odd", "price": "call us", "stock_status": "instock"}
    assert wire.product({**odd, "price": ""}, "EUR") is None
    assert wire.product({**odd, "price": "1", "sku": ""}, "EUR") is None
    with pytest.raises(wire.Unreadable):
        wire.product(odd, "EUR")
    half = {**odd, "price": "10.00", "manage_stock": True, "stock_quantity": "1.5"}
    found = wire.product(half, "EUR")
    assert found is not None
    assert 1 == found.stock


async def test_products_come_with_price_stock_and_link(scene: Scene) -> None:
    [mug] = await asyncio.to_thread(scene.adapter.find_products, "cuillère")
    assert ("Mug & cuillère", Money(12_90, "EUR"), 0) == (mug.name, mug.price, mug.stock)
    assert mug.url.startswith(f"{scene.shop.url}/product/")


async def test_each_attempt_of_a_call_is_signed_anew(scene: Scene) -> None:
    scene.shop.faults.broken = 1
    assert 1 == len(await asyncio.to_thread(scene.adapter.products, ["QC-ULTRA"]))
    assert 0 == scene.shop.violations.total()


def test_over_https_the_pair_goes_in_a_header() -> None:
    class Request:
        method, url = "GET", "https://shop.example/wp-json/wc/v3/orders"
        headers: dict[str, str] = {}  # noqa: RUF012 - one request

    signed = signer("https://shop.example", "ck_1", "cs_2")(Request())
    assert "https://shop.example/wp-json/wc/v3/orders" == signed.url
    assert f"Basic {base64.b64encode(b'ck_1:cs_2').decode()}" == signed.headers["Authorization"]


async def test_a_key_that_may_not_write_is_found_at_the_check(scene: Scene) -> None:
    scene.shop.key.rights = "read"
    with pytest.raises(ActionRequired):
        await asyncio.to_thread(scene.adapter.check)


def test_missing_keys_are_told_before_anything_is_called() -> None:
    with pytest.raises(ActionRequired, match="BATELEUR_SHOP__KEY"):
        adapter(a_shop(), url="https://shop.example", key=None)
