"""The retailer's webhooks in the form of Standard Webhooks: which are believed, and what they tell."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import ActionRequired, Refusal
from domain.shop import Notice, OrderState
from shops.feed.shop import FeedShop, open_shop
from shops.feed.standard_webhooks import read_secret, signature
from shops.settings import ShopSettings
from standins.retailer.signing import signed
from tests.shops.catching import Hooks
from tests.shops.rig import pseudonym
from tests.shops.rigs_feed import OTHER, SECRET, a_retailer, adapter

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
VECTOR = b'{"id":1001,"total":"37.00"}'
DATA: dict[str, Any] = {
    "redemption_id": "R1",
    "code": "LIVE20",
    "discount_minor": 7998,
    "order_total_minor": 31992,
    "currency": "EUR",
    "ordered_at": "2026-11-23T20:59:00+01:00",
    "version": 1,
    "customer_ref": "c-ann",
}


def a_shop(**changes: Any) -> FeedShop:
    """A retailer who sends webhooks, and nothing else."""
    return open_shop(ShopSettings(kind="feed", webhook_secret=SECRET, **changes), pseudonym)


def told(
    event: str = "redemption.created",
    secrets: tuple[str, ...] = (SECRET,),
    at: datetime = NOW,
    **changes: Any,
) -> Notice:
    """What a webhook sent `at` tells a minute after eight."""
    data = {name: value for name, value in {**DATA, **changes}.items() if value is not None}
    body = json.dumps({"type": event, "timestamp": at.isoformat(), "data": data}).encode()
    headers = signed(secrets, "msg_1", body, at.timestamp())
    return a_shop().read_webhook(headers, body, NOW)


def test_the_signature_is_that_of_the_reference_library() -> None:
    key = read_secret("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "SETTING")
    expected = "v1,EhHrCMz1U91o7wZf2rGdTNing78YiTsHNo8NkoMhlvU="
    assert expected == signature(key, "msg_01LIVE", 1763913600, VECTOR)


def test_a_redemption_is_told_whole_and_without_the_person() -> None:
    notice = told()
    [order] = notice.orders
    assert ("msg_1", "R1", OrderState.PLACED, 1) == (notice.key, order.id, order.state, order.version)
    assert (7998, 31992) == (order.uses[0].discount.amount, order.total.amount)
    assert NOW - timedelta(minutes=1) == order.ordered_at
    assert pseudonym("c-ann") == order.customer
    assert "c-ann" not in repr(notice)


@pytest.mark.parametrize("minutes", [-5, 5])
def test_five_minutes_between_the_clocks_are_let_pass(minutes: int) -> None:
    assert told(at=NOW + timedelta(minutes=minutes)).orders


@pytest.mark.parametrize("seconds", [-301, 301, 10**7])
def test_a_replayed_webhook_is_stale(seconds: int) -> None:
    with pytest.raises(Refusal, match="five minutes"):
        told(at=NOW + timedelta(seconds=seconds))


def test_another_time_cannot_be_written_over_an_old_signature() -> None:
    body = json.dumps({"type": "redemption.created", "data": DATA}).encode()
    old = signed((SECRET,), "msg_1", body, NOW.timestamp() - 3600)
    with pytest.raises(Refusal, match="not signed"):
        a_shop().read_webhook({**old, "webhook-timestamp": str(int(NOW.timestamp()))}, body, NOW)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "v1,", "x" * 300, "1e3", "²", "v1,\udcff"])
def test_a_webhook_without_its_headers_is_refused(header: str, value: str | None) -> None:
    body = json.dumps({"type": "redemption.created", "data": DATA}).encode()
    headers = signed((SECRET,), "msg_1", body, NOW.timestamp())
    given = {name: text for name, text in {**headers, header: value}.items() if text is not None}
    with pytest.raises(Refusal):
        a_shop().read_webhook(given, body, NOW)


def test_a_secret_may_be_changed_from_either_side() -> None:
    assert told(secrets=(OTHER, SECRET)).orders
    with pytest.raises(Refusal):
        told(secrets=(OTHER,))


def test_without_a_secret_nothing_is_believed() -> None:
    body = json.dumps({"type": "redemption.created", "data": DATA}).encode()
    shop = open_shop(ShopSettings(kind="feed"), pseudonym)
    with pytest.raises(Refusal):
        shop.read_webhook(signed((SECRET,), "msg_1", body, NOW.timestamp()), body, NOW)


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_short", "wc_test_secret", "whsec_%%%%"])
def test_a_wrong_secret_is_told_at_the_start(text: str) -> None:
    with pytest.raises(ActionRequired, match="BATELEUR_SHOP__WEBHOOK_SECRET"):
        open_shop(ShopSettings.model_validate({"kind": "feed", "webhook_secret": text or "x"}), pseudonym)


def test_tests_and_unknown_types_tell_nothing() -> None:
    assert Notice("msg_1") == told(test=True) == told("product.price_changed") == told("a.b", version="no")


@pytest.mark.parametrize(
    ("event", "changes", "state", "refunded"),
    [
        ("redemption.confirmed", {}, OrderState.PLACED, 0),
        ("redemption.cancelled", {}, OrderState.CANCELLED, 0),
        ("redemption.refunded", {"refunded_minor": 1000}, OrderState.PLACED, 1000),
        ("redemption.refunded", {"refunded_minor": 31992}, OrderState.REFUNDED, 31992),
        ("redemption.refunded", {"state": "refunded"}, OrderState.REFUNDED, 31992),
        ("redemption.refunded", {"state": "cancelled", "refunded_minor": 5}, OrderState.CANCELLED, 5),
    ],
)
def test_events_and_states(event: str, changes: dict[str, Any], state: OrderState, refunded: int) -> None:
    [order] = told(event, **changes).orders
    assert (state, refunded) == (order.state, order.refunded.amount)


def test_an_order_may_carry_several_codes_or_none_any_more() -> None:
    [order] = told(codes=[{"code": "A", "discount_minor": 1}, {"code": "B", "discount_minor": 2}]).orders
    assert [("A", 1), ("B", 2)] == [(use.code, use.discount.amount) for use in order.uses]
    [order] = told(codes=[], code=None).orders
    assert () == order.uses


@pytest.mark.parametrize(
    ("event", "changes", "field"),
    [
        ("redemption.created", {"redemption_id": None}, "redemption_id"),
        ("redemption.created", {"code": ""}, "code"),
        ("redemption.created", {"codes": "LIVE20"}, "codes"),
        ("redemption.created", {"discount_minor": 79.98}, "discount_minor"),
        ("redemption.created", {"discount_minor": -1}, "discount_minor"),
        ("redemption.created", {"order_total_minor": "31992"}, "order_total_minor"),
        ("redemption.created", {"currency": "EURO"}, "currency"),
        ("redemption.created", {"version": True}, "version"),
        ("redemption.created", {"version": 2**63}, "version"),
        ("redemption.created", {"ordered_at": "2026-11-23T20:59:00"}, "ordered_at"),
        ("redemption.created", {"ordered_at": 1763913600}, "ordered_at"),
        ("redemption.created", {"state": "lost"}, "state"),
        ("redemption.refunded", {"refund": {"refund_id": "1", "amount_minor": 5}}, "refunded_minor"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(event: str, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal, match=f"{field} is missing or wrong"):
        told(event, **changes)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b'{"type":1}', b"\xff", b"[" * 100_000])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        a_shop().read_webhook(signed((SECRET,), "msg_1", body, NOW.timestamp()), body, NOW)


async def test_a_webhook_that_nobody_took_comes_again_with_its_id_and_a_new_time() -> None:
    hooks, retailer = Hooks(), a_retailer()
    async with hooks, retailer:
        sender, redemptions = retailer.redemptions.sender, retailer.redemptions
        redemptions.hook_url, redemptions.secrets = hooks.url, (OTHER, SECRET)
        sender.retries_s, hooks.status = (1.1, 0.1), 503
        retailer.model.check_out([])
        await asyncio.sleep(0.5)
        hooks.status = 202
        await sender.settle()
    [first, second] = hooks.caught
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[0]["webhook-timestamp"] != second[0]["webhook-timestamp"]
    shop, now = adapter(retailer), datetime.now(UTC)
    assert shop.read_webhook(*first, now) == shop.read_webhook(*second, now)
    assert 0 == retailer.violations.total()


async def test_an_address_that_is_gone_is_told_no_more() -> None:
    hooks, retailer = Hooks(), a_retailer()
    async with hooks, retailer:
        retailer.redemptions.hook_url, hooks.status = hooks.url, 410
        for _ in range(2):
            retailer.model.check_out([])
            await retailer.redemptions.sender.settle()
    assert 1 == len(hooks.caught)


async def test_a_webhook_that_is_lost_is_found_by_the_poll() -> None:
    hooks, retailer = Hooks(), a_retailer()
    async with hooks, retailer:
        retailer.redemptions.hook_url, retailer.faults.lost_webhooks = hooks.url, 1
        id = str(retailer.model.check_out([]).id)
        pages = await asyncio.to_thread(lambda: list(adapter(retailer).orders_since(datetime.now(UTC))))
    assert [] == hooks.caught
    assert [id] == [order.id for page in pages for order in page.orders]
