"""What only WooCommerce does to us, and how the adapter gets on with it."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from domain.errors import ActionRequired, Fault, Refusal
from domain.money import Money
from domain.shop import Order, OrderState, ShopCode
from domain.show import Discount
from shops.woocommerce import webhook, wire
from shops.woocommerce.shop import WooCommerce
from shops.woocommerce.signing import signer
from standins.shop.model import Line, PlacedOrder
from standins.woocommerce.server import WooCommerceStandin
from tests.shops.catching import Hooks
from tests.shops.rig import pseudonym
from tests.shops.rigs_woocommerce import SECRET, People, a_shop, adapter
from tests.shops.test_shop_contract import an_offer, flat, new_codes

MINUTE_AGO = timedelta(minutes=1)


@dataclass
class Scene:
    """The stand-in, its adapter, its customers, and where it sends its webhooks."""

    shop: WooCommerceStandin
    adapter: WooCommerce
    people: People
    hooks: Hooks

    async def notices(self) -> list[Any]:
        await self.shop.webhooks.sender.settle()
        now = datetime.now(UTC)
        return [self.adapter.read_webhook(headers, body, now) for headers, body in self.hooks.caught]

    async def poll(self) -> list[Order]:
        since = datetime.now(UTC) - MINUTE_AGO
        pages = await asyncio.to_thread(lambda: list(self.adapter.orders_since(since)))
        return [order for page in pages for order in page.orders]

    def fill(self, count: int, changed_at: datetime) -> None:
        """Put orders in the shop that all changed at one time."""
        item = self.shop.model.items["QC-ULTRA"]
        first = max(self.shop.model.orders, default=10_000) + 1
        for id in range(first, first + count):
            self.shop.model.orders[id] = PlacedOrder(
                id, [Line(item, 1)], [], {}, "ann@example.com", "EUR", changed_at, changed_at
            )


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Hooks() as hooks, a_shop() as shop, aiohttp.ClientSession() as session:
        yield Scene(shop, adapter(shop, answer_s=10), People(shop, session), hooks)


def test_the_known_signature_is_believed() -> None:
    body = b'{"id":1001,"total":"37.00"}'
    signature = "EIKwLV+UBHm1FfeAf4Y86I/EF48dl8UuLMXzlFaQ9BI="
    assert webhook.is_genuine(body, signature, [b"wc_test_secret"])
    assert webhook.is_genuine(body, signature, [b"new", b"wc_test_secret"])
    assert not webhook.is_genuine(body, signature, [b"other"])
    assert not webhook.is_genuine(body + b" ", signature, [b"wc_test_secret"])
    assert not webhook.is_genuine(body, "é", [b"wc_test_secret"])
    assert not webhook.is_genuine(body, signature, [])


def test_a_signed_half_told_order_is_looked_up() -> None:
    body = b'{"id":1001,"total":"37.00"}'
    headers = {
        "x-wc-webhook-topic": "order.updated",
        "X-WC-WEBHOOK-SIGNATURE": "EIKwLV+UBHm1FfeAf4Y86I/EF48dl8UuLMXzlFaQ9BI=",
    }
    notice = webhook.read(headers, body, [b"wc_test_secret"], pseudonym)
    assert ((), ("1001",)) == (notice.orders, notice.order_ids)


async def test_the_ping_tells_nothing_and_anything_else_needs_a_signature(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    notices = await scene.notices()
    assert 4 == len(notices)
    assert {((), ())} == {(notice.orders, notice.order_ids) for notice in notices}
    with pytest.raises(Refusal):
        scene.adapter.read_webhook(
            {"X-WC-Webhook-Topic": "order.created"}, b"webhook_id=1", datetime.now(UTC)
        )


async def test_two_orders_of_one_second_with_one_delivery_id_both_count(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    await scene.notices()
    scene.hooks.caught.clear()
    for _ in range(6):
        scene.shop.model.check_out([])
    notices = await scene.notices()
    deliveries = {headers["X-WC-Webhook-Delivery-ID"] for headers, _ in scene.hooks.caught}
    assert 6 == len(notices) == len({notice.key for notice in notices})
    assert len(deliveries) < 6


async def test_what_is_told_before_the_order_was_made_is_the_same_order(scene: Scene) -> None:
    scene.shop.faults.updated_first = True
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    scene.shop.model.check_out([])
    told = [order for notice in await scene.notices() for order in notice.orders]
    assert 2 == len(told)
    assert 1 == len(set(told))
    keys = [notice.key for notice in await scene.notices()]
    assert len(keys) == len(set(keys))


async def test_a_lost_webhook_is_found_by_the_poll(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    scene.shop.faults.lost_webhooks = 1
    order = scene.shop.model.check_out([])
    assert [] == [order for notice in await scene.notices() for order in notice.orders]
    assert [str(order.id)] == [one.id for one in await scene.poll()]


async def test_a_disabled_webhook_is_woken_and_a_paused_one_sleeps_on(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    scene.hooks.status = 500
    for number in range(1, 8):
        scene.shop.model.check_out([])
        await scene.shop.webhooks.sender.settle()
        created = next(one for one in scene.shop.webhooks.known.values() if one.topic == "order.created")
        assert ("disabled" if number == 7 else "active") == created.status
    scene.hooks.status = 200
    paused = next(one for one in scene.shop.webhooks.known.values() if one.topic == "order.restored")
    paused.status = "paused"
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    assert ("active", "paused") == (created.status, paused.status)
    assert 4 == len(scene.shop.webhooks.known)
    assert 7 == len(await scene.poll())


async def test_the_secret_of_a_known_webhook_is_made_ours(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    later = adapter(scene.shop, webhook_secret="new", webhook_secret_old=SECRET)
    await asyncio.to_thread(later.keep_webhook, scene.hooks.url)
    assert {"new"} == {one.secret for one in scene.shop.webhooks.known.values()}


async def test_a_deleted_order_comes_with_its_id_alone(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    order = scene.shop.model.check_out([])
    await scene.notices()
    scene.shop.model.delete(order.id)
    assert (str(order.id),) == (await scene.notices())[-1].order_ids
    assert await asyncio.to_thread(scene.adapter.order, str(order.id)) is None


async def test_carts_at_the_checkout_are_no_orders(scene: Scene) -> None:
    draft = scene.shop.draft()
    assert [] == await scene.poll()
    assert await asyncio.to_thread(scene.adapter.order, str(draft.id)) is None
    body = json.dumps(scene.shop.orders.shown(draft)).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
    headers = {"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": signature}
    notice = scene.adapter.read_webhook(headers, body, datetime.now(UTC))
    assert ((), ()) == (notice.orders, notice.order_ids)


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


async def test_more_orders_than_a_page_in_one_second_are_all_read_once(scene: Scene) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for seconds_ago, count in ((30, 130), (20, 250), (10, 99), (5, 3)):
        scene.fill(count, now - timedelta(seconds=seconds_ago))
    ids = [order.id for order in await scene.poll()]
    assert 482 == len(ids) == len(set(ids))
    assert 0 == scene.shop.violations.total()


async def test_no_order_is_skipped_when_orders_change_while_they_are_read(scene: Scene) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for second in range(5):
        scene.fill(60, now - timedelta(seconds=40 - second))
    pages = scene.adapter.orders_since(now - MINUTE_AGO)
    seen: set[str] = set()
    while page := await asyncio.to_thread(next, pages, None):
        seen |= {order.id for order in page.orders}
        untouched = [one for one in scene.shop.model.orders.values() if one.changed_at < now]
        for order in untouched[:7]:
            scene.shop.model.change(order)
    assert {str(id) for id in scene.shop.model.orders} == seen


async def test_a_read_until_can_be_gone_on_from(scene: Scene) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    scene.fill(1, now - timedelta(hours=1))
    scene.fill(1, now - timedelta(minutes=5))
    [page] = await asyncio.to_thread(lambda: list(scene.adapter.orders_since(now - timedelta(days=1))))
    assert now - timedelta(minutes=5) == page.read_until
    [again] = await asyncio.to_thread(lambda: list(scene.adapter.orders_since(page.read_until)))
    assert (1, page.read_until) == (len(again.orders), again.read_until)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", OrderState.PLACED),
        ("on-hold", OrderState.PLACED),
        ("completed", OrderState.PLACED),
        ("shipped-by-a-plugin", OrderState.PLACED),
        ("failed", OrderState.CANCELLED),
        ("cancelled", OrderState.CANCELLED),
        ("trash", OrderState.CANCELLED),
        ("refunded", OrderState.REFUNDED),
    ],
)
def test_each_status_is_a_state(status: str, state: OrderState) -> None:
    assert state == told(status=status).state


def test_money_is_minor_units_of_its_currency() -> None:
    assert Money(37_00, "EUR") == told(total="37.00").total
    assert Money(37_01, "EUR") == told(total="37.0050").total
    assert Money(3700, "JPY") == told(total="3700", currency="JPY").total
    assert Money(3_700, "TND") == told(total="3.700", currency="TND").total
    line = {"code": "a", "discount": "6.6650", "discount_tax": "1.3330"}
    assert Money(8_00, "EUR") == told(coupon_lines=[line]).uses[0].discount
    assert Money(12_00, "EUR") == told(refunds=[{"total": "-10.00"}, {"total": "-2.00"}]).refunded
    assert "3.700" == wire.written(Money(3_700, "TND"))
    with pytest.raises(wire.Unreadable):
        told(total="thirty")


def told(**changes: Any) -> Order:
    """An order as WooCommerce tells it."""
    body = {
        "id": 1001,
        "status": "processing",
        "currency": "EUR",
        "total": "37.00",
        "coupon_lines": [],
        "refunds": [],
        "date_created_gmt": "2026-11-23T18:00:00",
        "date_modified_gmt": "2026-11-23T18:00:00",
        "billing": {"email": "Ann@Example.com "},
    }
    order = wire.order({**body, **changes}, pseudonym)
    assert order is not None
    assert pseudonym("ann@example.com") == order.customer
    return order


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
