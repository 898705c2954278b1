"""What only Shopify does to orders and webhooks, and how the adapter gets on with it."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.errors import ActionRequired, Fault, Refusal
from domain.money import Money
from domain.shop import Notice, Order, OrderState
from shops.shopify import order_wire, webhook, wire
from shops.shopify.orders import Orders
from standins.shop.model import PlacedOrder
from standins.shopify import rest
from tests.shops.rigs_shopify import adapter
from tests.shops.shopify_scene import MINUTE_AGO, Scene, an_offer, open_scene

SECRET = b"shpss_standin"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as opened:
        yield opened


async def hooked(scene: Scene) -> None:
    """The shop tells us what happens from now on."""
    await asyncio.to_thread(scene.adapter.keep_webhook, scene.hooks.url)


async def bought(scene: Scene, count: int = 1) -> PlacedOrder:
    """An order with codes of as many offers."""
    codes = [(await scene.put(an_offer()))[0].code for _ in range(count)]
    return scene.shop.model.check_out(codes)


async def told(scene: Scene) -> list[Order]:
    """The orders that the webhooks have told, each as it came."""
    return [order for notice in await scene.notices() for order in notice.orders]


async def test_the_second_code_of_an_order_is_seen_too_with_its_own_share(scene: Scene) -> None:
    await hooked(scene)
    order = await bought(scene, 2)
    [found] = await scene.poll()
    assert {code.casefold(): 79_98 for code in order.codes} == {
        use.code.casefold(): use.discount.amount for use in found.uses
    }
    assert [found] == await told(scene)
    assert 1 == scene.count("Lines")


async def test_what_an_automatic_discount_takes_off_is_not_the_codes(scene: Scene) -> None:
    await hooked(scene)
    [code] = await scene.put(an_offer())
    scene.shop.model.told.insert(0, lambda _, order: _with_automatic(scene, order))
    scene.shop.model.check_out([code.code])
    found = await scene.poll_one()
    assert [79_98] == [use.discount.amount for use in found.uses]
    assert Money(399_90 - 79_98 - 10_00, "EUR") == found.total
    assert [found] == await told(scene)


def _with_automatic(scene: Scene, order: PlacedOrder) -> None:
    scene.shop.orders.peculiar(order.id).automatic = 10_00


async def test_a_code_that_took_nothing_off_is_not_redeemed(scene: Scene) -> None:
    order = scene.shop.model.check_out([])
    order.codes, order.discounts = ["IDLE"], {"IDLE": 0}
    assert () == (await scene.poll_one()).uses


async def test_a_test_order_is_none(scene: Scene) -> None:
    await hooked(scene)
    scene.shop.model.told.insert(
        0, lambda _, order: setattr(scene.shop.orders.peculiar(order.id), "is_test", True)
    )
    order = await bought(scene)
    assert [] == await scene.poll() == await told(scene)
    assert await asyncio.to_thread(scene.adapter.order, str(order.id)) is None


async def test_money_is_the_shops_whatever_the_buyer_paid_with(scene: Scene) -> None:
    await hooked(scene)
    scene.shop.model.told.insert(0, lambda _, order: _from_abroad(scene, order))
    order = await bought(scene)
    found = await scene.poll_one()
    assert (Money(319_92, "EUR"), Money(79_98, "EUR")) == (found.total, found.uses[0].discount)
    assert [found] == await told(scene)
    scene.shop.model.refund(order.id, 100_00)
    notices = await scene.notices()
    assert [(str(order.id),)] * 2 == [one.order_ids for one in notices if one.order_ids]
    assert Money(100_00, "EUR") == (await scene.poll_one()).refunded


def _from_abroad(scene: Scene, order: PlacedOrder) -> None:
    scene.shop.orders.peculiar(order.id).abroad = ("CHF", Decimal("0.5"))


@pytest.mark.parametrize("keeps_edited_codes", [False, True])
async def test_an_edited_order_has_lost_its_code_whether_it_is_still_named_or_not(
    scene: Scene, keeps_edited_codes: bool
) -> None:
    await hooked(scene)
    scene.shop.faults.keeps_edited_codes = keeps_edited_codes
    order = await bought(scene)
    scene.shop.orders.take_code_off(order.id, order.codes[0])
    assert () == (await scene.poll_one()).uses == (await told(scene))[-1].uses
    assert (str(order.id),) in [one.order_ids for one in await scene.notices()]


async def test_a_refunded_order_keeps_what_its_code_took_off(scene: Scene) -> None:
    order = await bought(scene)
    seen = [await scene.poll_one()]
    for amount in (100_00, 100_00, order.total - 200_00):
        scene.shop.model.refund(order.id, amount)
        seen.append(await scene.poll_one())
    assert [0, 100_00, 200_00, order.total] == [one.refunded.amount for one in seen]
    assert [False, False, False, True] == [one.state is OrderState.REFUNDED for one in seen]
    assert 1 == len({one.uses for one in seen})
    assert sorted(one.version for one in seen) == [one.version for one in seen]
    assert 4 == len({one.version for one in seen})
    scene.shop.model.cancel(order.id)
    last = await scene.poll_one()
    assert (OrderState.CANCELLED, seen[0].uses) == (last.state, last.uses)
    assert last.version > seen[-1].version


async def test_a_refund_and_a_deletion_name_their_order_which_is_looked_up(scene: Scene) -> None:
    await hooked(scene)
    order = await bought(scene)
    scene.shop.model.refund(order.id, 10_00)
    scene.shop.model.delete(order.id)
    notices = await scene.notices()
    assert 2 == len([one for one in notices if one.order_ids == (str(order.id),)])
    assert await asyncio.to_thread(scene.adapter.order, str(order.id)) is None


async def test_an_update_that_comes_first_and_repeats_tell_the_same_order(scene: Scene) -> None:
    scene.shop.faults.updated_first = scene.shop.faults.twice = True
    await hooked(scene)
    await bought(scene)
    orders = await told(scene)
    assert (4, 1) == (len(orders), len(set(orders)))
    keys = [notice.key for notice in await scene.notices()]
    assert [2, 2] == [keys.count(key) for key in dict.fromkeys(keys)]


async def test_a_webhook_that_is_not_taken_comes_again_as_it_was(scene: Scene) -> None:
    await hooked(scene)
    scene.shop.webhooks.sender.retries_s = (0.01, 0.01)
    scene.hooks.status = 503
    await bought(scene)
    notices = await scene.notices()
    assert 3 == len(notices)
    assert 1 == len({notice.key for notice in notices}) == len(set(notices))


async def test_an_old_webhook_that_comes_after_a_newer_one_is_known_and_older(scene: Scene) -> None:
    await hooked(scene)
    order = await bought(scene)
    [first] = await scene.notices()
    scene.shop.model.cancel(order.id)
    await scene.notices()
    scene.hooks.caught.append(scene.hooks.caught[0])
    *_, newer, again = await scene.notices()
    assert first == again
    assert first.key != newer.key
    assert first.orders[0].version < newer.orders[0].version


async def test_a_lost_webhook_is_found_by_the_poll(scene: Scene) -> None:
    await hooked(scene)
    scene.shop.faults.lost_webhooks = 1
    order = scene.shop.model.check_out([])
    assert [] == await scene.notices()
    assert [str(order.id)] == [one.id for one in await scene.poll()]


async def test_a_webhook_that_shopify_deleted_after_failing_is_made_again(scene: Scene) -> None:
    await hooked(scene)
    scene.shop.webhooks.sender.retries_s = (0.01,) * 7
    scene.hooks.status = 500
    scene.shop.model.check_out([])
    await scene.shop.webhooks.sender.settle()
    assert "ORDERS_CREATE" not in {one.topic for one in scene.shop.webhooks.known.values()}
    await hooked(scene)
    assert sorted(webhook.TOPICS) == sorted(one.topic for one in scene.shop.webhooks.known.values())
    await hooked(scene)
    assert 7 == scene.count("MakeHook")


async def test_a_webhook_made_by_a_try_whose_answer_was_lost_is_not_made_twice(scene: Scene) -> None:
    scene.shop.faults.broken_after_taking = "MakeHook"
    with pytest.raises(Fault):
        await hooked(scene)
    await hooked(scene)
    assert 6 == len(scene.shop.webhooks.known)


async def test_webhooks_carry_nothing_that_tells_a_person(scene: Scene) -> None:
    await hooked(scene)
    await bought(scene)
    await scene.shop.webhooks.sender.settle()
    carried = "\n".join(body.decode() for _, body in scene.hooks.caught).casefold()
    assert [] == [word for word in ("@", "zoé", "delacroix", "paix", "email") if word in carried]


async def test_a_whole_order_from_a_webhook_of_the_staffs_is_read_without_the_person(scene: Scene) -> None:
    order = await bought(scene)
    body = json.dumps(rest.order(order, scene.shop.orders.peculiar(order.id))).encode()
    notice = signed(scene, "orders/updated", body)
    assert [await scene.poll_one()] == list(notice.orders)
    assert "delacroix" not in repr(notice).casefold()


async def test_webhooks_without_a_secret_or_without_https_are_not_asked_for(scene: Scene) -> None:
    lone = adapter(scene.shop, key=None, secret=scene.shop.app_in_shop.lasting_token)
    with pytest.raises(ActionRequired, match="BATELEUR_SHOP__WEBHOOK_SECRET"):
        await asyncio.to_thread(lone.keep_webhook, scene.hooks.url)
    with pytest.raises(Fault, match="https"):
        await asyncio.to_thread(scene.adapter.keep_webhook, "http://bot.example/hooks/shop")


def signed(scene: Scene, topic: str, body: bytes, **headers: str) -> Notice:
    """What a genuine webhook tells."""
    given = {"x-shopify-topic": topic, **headers}
    given["X-SHOPIFY-HMAC-SHA256"] = base64.b64encode(hmac.digest(SECRET, body, "sha256")).decode()
    return scene.adapter.read_webhook(given, body, datetime.now(UTC))


async def test_genuine_webhooks_that_are_not_as_documented_change_nothing(scene: Scene) -> None:
    for topic, body in (
        ("orders/create", b"[]"),
        ("orders/create", b"no json"),
        ("orders/create", b'{"test":false}'),
        ("refunds/create", b'{"id":5}'),
        ("orders/edited", b'{"order_edit":null}'),
        ("products/update", b'{"id":5}'),
        ("", b"{}"),
    ):
        notice = signed(scene, topic, body)
        assert ((), ()) == (notice.orders, notice.order_ids)
    assert ("1001",) == signed(scene, "orders/create", b'{"id":1001}').order_ids
    assert signed(scene, "orders/create", b"{}").key != signed(scene, "orders/updated", b"{}").key


def test_the_known_signature_is_believed() -> None:
    body = b'{"id":1001}'
    signature = base64.b64encode(hmac.digest(b"new", body, "sha256")).decode()
    assert webhook.is_genuine(body, signature, [b"new", b"old"])
    assert webhook.is_genuine(body, signature, [b"old", b"new"])
    assert not webhook.is_genuine(body, signature, [b"old"])
    assert not webhook.is_genuine(body, "é", [b"new"])
    assert not webhook.is_genuine(body, signature, [])
    with pytest.raises(Refusal):
        webhook.read({}, body, [b"new"])


async def test_more_orders_than_a_page_in_one_second_are_all_read_once(scene: Scene) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for seconds_ago, count in ((30, 30), (20, 60), (10, 25), (5, 3)):
        scene.fill(count, now - timedelta(seconds=seconds_ago))
    ids = [order.id for order in await scene.poll()]
    assert 118 == len(ids) == len(set(ids))
    assert {} == dict(scene.shop.violations)


async def test_no_order_is_skipped_when_orders_change_while_they_are_read(scene: Scene) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for second in range(5):
        scene.fill(15, now - timedelta(seconds=40 - second))
    pages = scene.adapter.orders_since(now - MINUTE_AGO)
    seen: set[str] = set()
    while page := await asyncio.to_thread(next, pages, None):
        seen |= {order.id for order in page.orders}
        untouched = [one for one in scene.shop.model.orders.values() if one.changed_at < now]
        for order in untouched[:7]:
            scene.shop.model.change(order)
    assert {str(id) for id in scene.shop.model.orders} == seen


async def test_reading_begins_anew_before_shopifys_paging_ends(scene: Scene) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    for second in range(8):
        scene.fill(20, now - timedelta(seconds=40 - second))
    short = Orders(scene.adapter._admin, most_pages=2)
    pages = await asyncio.to_thread(lambda: list(short.since(now - MINUTE_AGO)))
    ids = [order.id for page in pages for order in page.orders]
    assert 160 == len(ids) == len(set(ids))
    assert now - timedelta(seconds=33) == pages[-1].read_until


async def test_an_order_that_cannot_be_read_does_not_stop_the_others(scene: Scene) -> None:
    scene.shop.model.check_out([])
    with pytest.raises(wire.Unreadable):
        order_wire.order({"test": False, "id": "gid://shopify/Order/1"})
    with pytest.raises(wire.Unreadable):
        order_wire.hooked_order({"id": 1, "test": False})
    assert 1 == len(await scene.poll())


@pytest.mark.parametrize(
    ("paid", "cancelled_at", "state"),
    [
        ("PENDING", None, OrderState.PLACED),
        ("AUTHORIZED", None, OrderState.PLACED),
        ("PARTIALLY_REFUNDED", None, OrderState.PLACED),
        ("REFUNDED", None, OrderState.REFUNDED),
        ("VOIDED", None, OrderState.CANCELLED),
        ("EXPIRED", None, OrderState.CANCELLED),
        ("REFUNDED", "2026-11-23T19:00:00Z", OrderState.CANCELLED),
    ],
)
def test_each_status_is_a_state(paid: str, cancelled_at: str | None, state: OrderState) -> None:
    assert state == read(displayFinancialStatus=paid, cancelledAt=cancelled_at).state


def test_money_is_minor_units_of_its_currency() -> None:
    assert Money(37_00, "EUR") == read().total
    assert Money(3_700, "TND") == read(totalPriceSet=bag("3.7", "TND")).total
    assert Money(3700, "JPY") == read(totalPriceSet=bag("3700.0", "JPY")).total
    assert "3.700" == wire.written(Money(3_700, "TND"))
    with pytest.raises(wire.Unreadable):
        read(totalPriceSet=bag("thirty", "EUR"))


def bag(amount: str, currency: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def read(**changes: Any) -> Order:
    """An order as the Admin API tells it."""
    row = {
        "id": "gid://shopify/Order/1001",
        "test": False,
        "createdAt": "2026-11-23T18:00:00Z",
        "updatedAt": "2026-11-23T18:00:00Z",
        "cancelledAt": None,
        "displayFinancialStatus": "PAID",
        "discountCodes": [],
        "totalPriceSet": bag("37.0", "EUR"),
        "totalDiscountsSet": bag("0.0", "EUR"),
        "currentTotalDiscountsSet": bag("0.0", "EUR"),
        "totalRefundedSet": bag("0.0", "EUR"),
        "discountApplications": {"nodes": []},
    }
    order = order_wire.order({**row, **changes})
    assert order is not None
    assert order.customer is None
    return order
