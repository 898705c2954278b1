"""What only Shopify does to our codes, and how the adapter gets on with it."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from domain.errors import ActionRequired, Fault
from domain.money import Money
from domain.shop import CodeMade
from domain.show import Discount
from standins.shop.model import NotAccepted
from standins.shopify.points import Bucket
from tests.shops.rigs_shopify import adapter
from tests.shops.shopify_scene import Scene, an_offer, flat, new_codes, open_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as opened:
        yield opened


async def test_ten_thousand_codes_take_as_few_calls_as_the_limit_allows(scene: Scene) -> None:
    told = await scene.made(an_offer(), codes := new_codes(10_000))
    assert sorted(codes) == sorted(one.code for one in told if one.shop_id)
    assert sorted(codes) == sorted(coupon.code for coupon in scene.shop.model.coupons.values())
    assert (1, 40) == (scene.count("Create"), scene.count("Add"))
    assert scene.count("Job") <= 3 * 40
    assert scene.shop.points <= 41 * 10 + 3 * 40 + 30
    assert {} == dict(scene.shop.violations)


async def test_the_points_are_kept_to_when_they_run_short(scene: Scene) -> None:
    scene.shop.bucket = Bucket(most=40, per_s=20)
    begun_at = time.monotonic()
    told = await scene.made(an_offer(skus=()), new_codes(2_000))
    assert 2_000 == len([one for one in told if one.shop_id])
    assert {} == dict(scene.shop.violations)
    assert time.monotonic() - begun_at >= (scene.shop.points - 40) / 20 > 2


async def test_a_crash_at_37_percent_goes_on_where_it_was_and_doubles_nothing(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(10_000)
    parts = scene.adapter.create_offer(offer, codes)
    before = await asyncio.to_thread(lambda: [one for part in islice(parts, 16) for one in part])
    assert 3_700 <= len(before) <= 3_800
    kept = {one.code for one in before}
    rest = [code for code in codes if code not in kept]
    after = await flat(adapter(scene.shop, answer_s=10).create_offer(offer, rest))
    assert sorted(codes) == sorted(one.code for one in [*before, *after] if one.shop_id)
    assert sorted(codes) == sorted(coupon.code for coupon in scene.shop.model.coupons.values())
    assert 1 == len({one.shop_id for one in [*before, *after]}) == len(scene.shop.discounts.known)
    assert 1 == scene.count("Create")
    assert scene.count("Add") <= 40 + 4
    assert {} == dict(scene.shop.violations)


@pytest.mark.parametrize("is_index_behind", [False, True])
async def test_a_creation_whose_answer_was_lost_is_looked_up_before_the_next_try(
    scene: Scene, is_index_behind: bool
) -> None:
    offer, codes = an_offer(skus=()), new_codes(3)
    scene.shop.faults.is_index_behind = is_index_behind
    scene.shop.faults.broken_after_taking = "Create"
    with pytest.raises(Fault):
        await scene.made(offer, codes)
    assert 1 == len(scene.shop.discounts.known)
    told = await scene.made(offer, codes)
    assert sorted(codes) == sorted(one.code for one in told if one.shop_id)
    assert 1 == scene.count("Create") == len(scene.shop.discounts.known)


async def test_further_codes_of_an_offer_hang_on_its_discount(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(6)
    told = [*await scene.made(offer, codes[:3]), *await scene.made(offer, codes[3:])]
    assert {str(scene.discount.id)} == {one.shop_id for one in told}
    assert 1 == scene.count("Create")


async def test_a_part_whose_answer_was_lost_is_taken_as_made(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(300)
    scene.shop.faults.broken_after_taking = "Add"
    with pytest.raises(Fault):
        await scene.made(offer, codes)
    told = await scene.made(offer, codes)
    assert sorted(codes) == sorted(one.code for one in told if one.shop_id)
    assert 300 == len(scene.shop.model.coupons)
    assert 1 == len(scene.shop.discounts.known)


async def test_codes_that_are_taken_fail_alone_and_are_told_whose_they_are(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(6)
    scene.shop.discounts.make(codes[0].lower(), percent=50.0)
    scene.shop.discounts.make(codes[3], percent=50.0)
    told = {one.code: one for one in await scene.made(offer, codes)}
    assert {codes[0], codes[3]} == {code for code, one in told.items() if one.shop_id is None}
    assert {"The shop has a discount of its own with this code."} == {
        told[code].why for code in (codes[0], codes[3])
    }
    assert 50.0 == scene.shop.model.coupons[scene.shop.discounts.known[501].coupons[0].id].percent


async def test_an_offer_all_of_whose_codes_are_taken_makes_no_discount(scene: Scene) -> None:
    codes = new_codes(2)
    for code in codes:
        scene.shop.discounts.make(code, percent=50.0)
    told = await scene.made(an_offer(), codes)
    assert [None, None] == [one.shop_id for one in told]
    assert 0 == scene.count("Create") == scene.count("Add")


async def test_what_shopify_fails_with_is_tried_again(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(5)
    scene.shop.faults.failing_codes = {codes[2].casefold()}
    told: list[CodeMade] = []
    with pytest.raises(Fault, match="failed to add 1 code"):
        await asyncio.to_thread(
            lambda: told.extend(o for p in scene.adapter.create_offer(offer, codes) for o in p)
        )
    assert {*codes} - {codes[2]} == {one.code for one in told if one.shop_id}
    scene.shop.faults.failing_codes = set()
    [again] = await scene.made(offer, [codes[2]])
    assert told[0].shop_id == again.shop_id


async def test_a_job_that_shopify_has_forgotten_is_looked_up(scene: Scene) -> None:
    scene.shop.faults.lost_jobs = 1
    offer, codes = an_offer(), new_codes(5)
    told: list[CodeMade] = []
    scene.shop.jobs.takes_s = 0.0
    told = await scene.made(offer, codes)
    assert sorted(codes) == sorted(one.code for one in told if one.shop_id)


async def test_more_than_one_page_of_failures_is_read(scene: Scene) -> None:
    offer, codes = an_offer(), new_codes(240)
    for code in codes[20:]:
        scene.shop.discounts.make(code, percent=50.0)
    told = await scene.made(offer, codes)
    assert 20 == len([one for one in told if one.shop_id])
    assert codes[:20] == [one.code for one in told if one.shop_id]
    assert {} == dict(scene.shop.violations)


async def test_the_discount_says_all_that_must_not_be_left_out(scene: Scene) -> None:
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    offer = an_offer(starts_at=starts_at)
    [code] = await scene.put(offer)
    one = scene.discount
    assert ("The evening", [offer.name], 1) == (one.title, one.tags, one.usage_limit)
    assert (starts_at, offer.until, 20.0, ("QC-ULTRA",)) == (
        one.starts_at,
        one.ends_at,
        one.percent,
        one.skus,
    )
    with pytest.raises(NotAccepted, match="early"):
        scene.shop.model.check_out([code.code])
    assert "SCHEDULED" == one.status(scene.shop.model.now())


async def test_a_limit_holds_for_each_code_of_the_pool(scene: Scene) -> None:
    for code in await scene.put(an_offer(), 3):
        scene.shop.model.check_out([code.code])
        with pytest.raises(NotAccepted, match="used"):
            scene.shop.model.check_out([code.code])


async def test_the_whole_pool_is_extended_with_one_call(scene: Scene) -> None:
    offer = an_offer()
    codes = await scene.put(offer, 600)
    later = offer.until + timedelta(minutes=5, microseconds=700_000)
    before = len(scene.shop.asked)
    assert codes == await scene.extended(offer, codes, later)
    assert ["Update"] == scene.shop.asked[before:]
    assert {later.replace(microsecond=0)} == {one.ends_at for one in scene.shop.model.coupons.values()}


async def test_a_live_that_opens_before_its_time_has_codes_that_work(scene: Scene) -> None:
    planned = an_offer(7200, starts_at=datetime.now(UTC) + timedelta(hours=1))
    codes = await scene.put(planned, 2)
    opened = replace(planned, starts_at=None)
    assert codes == await scene.extended(opened, codes, datetime.now(UTC) + timedelta(minutes=15))
    scene.shop.model.check_out([codes[0].code])
    assert codes == await scene.extended(opened, codes, planned.until + timedelta(minutes=1))
    assert 2 == scene.count("Update")


async def test_what_the_staff_has_deleted_is_not_extended_and_has_ended(scene: Scene) -> None:
    offer = an_offer()
    codes = await scene.put(offer, 2)
    scene.shop.discounts.drop(scene.discount)
    assert [] == await scene.extended(offer, codes, offer.until + timedelta(minutes=5))
    assert codes == await flat(scene.adapter.end(offer, codes))


async def test_what_the_staff_has_switched_off_stays_so(scene: Scene) -> None:
    offer = an_offer()
    codes = await scene.put(offer)
    scene.discount.is_off = True
    assert [] == await scene.extended(offer, codes, offer.until + timedelta(minutes=5))


@pytest.mark.parametrize("keeps_end", [False, True])
@pytest.mark.parametrize("starts_in_s", [None, 3600])
async def test_an_end_is_an_end_whatever_switching_off_does(
    scene: Scene, keeps_end: bool, starts_in_s: int | None
) -> None:
    scene.shop.faults.keeps_end = keeps_end
    starts_at = datetime.now(UTC) + timedelta(seconds=starts_in_s) if starts_in_s else None
    offer = an_offer(7200, starts_at=starts_at)
    codes = await scene.put(offer, 3)
    assert codes == await flat(scene.adapter.end(offer, codes))
    assert scene.discount.is_off
    assert "EXPIRED" == scene.discount.status(scene.shop.model.now())
    assert scene.discount.ends_at is not None
    assert scene.discount.ends_at < scene.shop.model.now()
    before = len(scene.shop.asked)
    assert codes == await flat(scene.adapter.end(offer, codes))
    assert ["Discount"] == scene.shop.asked[before:]


async def test_a_pool_that_was_made_before_gets_the_end_of_now(scene: Scene) -> None:
    offer, codes = an_offer(60), new_codes(3)
    await scene.made(offer, codes)
    later = replace(offer, until=offer.until + timedelta(minutes=10))
    await scene.made(later, codes)
    assert later.until == scene.discount.ends_at
    assert 1 == scene.count("Add")


async def test_an_offer_is_never_wider_than_asked_for(scene: Scene) -> None:
    for skus in (("NO-SUCH",), ("QC-ULTRA", "QC")):
        with pytest.raises(ActionRequired, match=skus[-1]):
            await scene.made(an_offer(skus=skus), new_codes())
    with pytest.raises(ActionRequired, match="USD"):
        await scene.made(an_offer(discount=Discount(amount=Money(5_00, "USD"))), new_codes())
    assert {} == scene.shop.model.coupons


async def test_an_offer_that_would_end_before_it_begins_is_told_in_a_sentence(scene: Scene) -> None:
    with pytest.raises(Fault, match="end before it begins"):
        await scene.made(an_offer(-3600), new_codes())
    assert {} == scene.shop.discounts.known


async def test_no_code_is_in_what_is_told_of_a_failure(scene: Scene) -> None:
    [code] = new_codes()
    scene.shop.discounts.make(code, percent=50.0)
    [told] = await scene.made(an_offer(), [code])
    assert code not in told.why
    with pytest.raises(Fault) as fault:
        await scene.made(an_offer(), ["X" * 300])
    assert "XXX" not in str(fault.value)


async def test_products_come_with_price_stock_link_and_picture(scene: Scene) -> None:
    [mug] = await asyncio.to_thread(scene.adapter.find_products, "cuillère")
    assert ("Mug & cuillère", Money(12_90, "EUR"), 0) == (mug.name, mug.price, mug.stock)
    assert mug.url.startswith(f"{scene.shop.url}/products/")
    assert mug.picture.startswith(f"{scene.shop.url}/pictures/")


async def test_a_search_by_sku_that_finds_too_much_is_narrowed(scene: Scene) -> None:
    for number in range(120):
        scene.shop.model.sell(f"MUG-RED-{number}", "Mug", 100)
    [mug] = await asyncio.to_thread(scene.adapter.products, ["MUG-RED"])
    assert Money(12_90, "EUR") == mug.price
    scene.shop.model.items["QC-ULTRA"] = scene.shop.model.items.pop("QC-ULTRA")  # now the last of all
    assert (await scene.put(an_offer(skus=("MUG-RED", "QC-ULTRA"))))[0].shop_id
    assert ["QC-ULTRA"] == [one.sku for one in await asyncio.to_thread(scene.adapter.products, ["QC-ULTRA"])]


@pytest.mark.parametrize(
    ("kind", "value", "lowest"),
    [
        ("money", '{"amount":"349.0","currency_code":"EUR"}', Money(349_00, "EUR")),
        ("number_decimal", "349.5", Money(349_50, "EUR")),
        ("money", '{"amount":"349.0","currency_code":"USD"}', None),
        ("single_line_text_field", "ask us", None),
    ],
)
async def test_the_lowest_price_of_30_days_is_what_a_metafield_says_and_never_the_struck_out_one(
    scene: Scene, kind: str, value: str, lowest: Money | None
) -> None:
    scene.shop.metafields["QC-ULTRA"] = {"custom.lowest": (kind, value)}
    [plain] = await asyncio.to_thread(scene.adapter.products, ["QC-ULTRA"])
    told = adapter(scene.shop, reference="custom.lowest")
    [known] = await asyncio.to_thread(told.products, ["QC-ULTRA"])
    assert (None, lowest) == (plain.reference_price, known.reference_price)
    with pytest.raises(ActionRequired, match="BATELEUR_SHOP__REFERENCE"):
        adapter(scene.shop, reference="lowest")
