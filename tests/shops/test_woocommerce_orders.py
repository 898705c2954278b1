"""What only WooCommerce does to orders and webhooks, and how the adapter gets on with it."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import Refusal
from domain.money import Money
from domain.shop import Order, OrderState
from shops.woocommerce import webhook, wire
from tests.shops.rig import pseudonym
from tests.shops.rigs_woocommerce import SECRET, adapter
from tests.shops.woocommerce_scene import MINUTE_AGO, Scene, open_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as opened:
        yield opened


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


async def test_an_old_webhook_that_comes_again_is_known_and_older(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)
    order = scene.shop.model.check_out([])
    first = (await scene.notices())[-1]
    scene.shop.model.cancel(order.id)
    last = (await scene.notices())[-1]
    again = (await scene.notices())[4]
    assert first == again
    assert first.key != last.key
    assert first.orders[0].version < last.orders[0].version


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
