"""What every shop adapter does, whatever the shop: one suite, run over each kind of `rigs.RIGS`."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from domain.errors import ActionRequired, Fault, Refusal
from domain.money import Money
from domain.shop import CodeMade, Order, OrderState, ShopCode, ShopOffer
from domain.show import Discount
from tests.shops.rig import Refused, Rig
from tests.shops.rigs import able, open_rig

T = TypeVar("T")
PRICE = 39990
OFF = 7998
PERSON = "zoe.delacroix@example.com"


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    """The shop of the kind that `able` names."""
    async with open_rig(request.param, request) as opened:
        yield opened


def an_offer(lasts_s: float = 900, **changes: object) -> ShopOffer:
    """20 percent off the headset, once for each code."""
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=lasts_s)
    name = f"bateleur-{secrets.randbelow(10**6)}-{secrets.randbelow(10**6)}"
    offer = ShopOffer(name, "The evening", Discount(percent=20), ("QC-ULTRA",), 1, None, until)
    return replace(offer, **changes)  # type: ignore[arg-type]


def new_codes(count: int = 1) -> list[str]:
    """Codes that nobody has used."""
    return ["C" + secrets.token_hex(5).upper() for _ in range(count)]


async def made(rig: Rig, offer: ShopOffer, codes: Sequence[str]) -> list[CodeMade]:
    return await flat(rig.shop.create_offer(offer, codes))


async def put(rig: Rig, offer: ShopOffer, count: int = 1) -> list[ShopCode]:
    """New codes, in the shop."""
    told = await made(rig, offer, new_codes(count))
    assert [""] * count == [one.why for one in told]
    return [ShopCode(one.code, one.shop_id or "") for one in told]


async def flat(pages: Iterator[list[T]]) -> list[T]:
    return await asyncio.to_thread(lambda: [one for page in pages for one in page])


async def polled(rig: Rig, id: str, seconds_ago: float = 60) -> Order:
    """The order as the poll tells it."""
    since = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    pages = await asyncio.to_thread(lambda: list(rig.shop.orders_since(since)))
    return next(order for page in pages for order in page.orders if order.id == id)


async def bought(rig: Rig) -> tuple[str, str]:
    """An order with a code: its id, and the code."""
    [code] = await put(rig, an_offer())
    return await rig.buyer.buy([code.code], PERSON), code.code


@able()
async def test_a_code_takes_its_discount_off_once(rig: Rig) -> None:
    [code] = await put(rig, an_offer())
    id = await rig.buyer.buy([code.code])
    assert OFF == (await polled(rig, id)).uses[0].discount.amount
    with pytest.raises(Refused):
        await rig.buyer.buy([code.code], "bob@example.com")
    assert 0 == rig.violations()


@able()
async def test_an_amount_is_taken_off_an_order_once(rig: Rig) -> None:
    [code] = await put(rig, an_offer(discount=Discount(amount=Money(50_00, "EUR")), skus=()))
    assert 50_00 == (await polled(rig, await rig.buyer.buy([code.code]))).uses[0].discount.amount


@able()
async def test_a_shared_code_serves_as_often_as_it_may(rig: Rig) -> None:
    [code] = await put(rig, an_offer(uses=2))
    await rig.buyer.buy([code.code], "ann@example.com")
    await rig.buyer.buy([code.code], "bob@example.com")
    with pytest.raises(Refused):
        await rig.buyer.buy([code.code], "carl@example.com")


@able()
async def test_creating_again_makes_nothing_twice(rig: Rig) -> None:
    offer, codes = an_offer(), new_codes(3)
    first = await made(rig, offer, codes)
    again = await made(rig, offer, codes)
    assert set(first) == set(again)
    assert {""} == {one.why for one in again}
    assert set(codes) == {one.code for one in again}


@able()
async def test_codes_found_again_live_as_long_as_the_offer_now_says(rig: Rig) -> None:
    short, [code] = an_offer(3), new_codes()
    await made(rig, short, [code])
    await made(rig, replace(short, until=short.until + timedelta(minutes=10)), [code])
    await asyncio.sleep(3.5)
    assert await rig.buyer.buy([code])


@able()
async def test_creation_broken_off_in_the_middle_is_resumed(rig: Rig) -> None:
    offer, codes = an_offer(), new_codes(130)
    await asyncio.to_thread(lambda: next(rig.shop.create_offer(offer, codes)))
    told = await made(rig, offer, codes)
    assert sorted(codes) == sorted(one.code for one in told if one.shop_id)
    for code in (codes[0], codes[-1]):
        await rig.buyer.buy([code])
    assert 0 == rig.violations()


@able("foreign")
async def test_a_foreign_code_of_the_same_spelling_is_not_touched(rig: Rig) -> None:
    code, other = new_codes(2)
    await rig.buyer.make_foreign(code)
    offer = an_offer()
    told = {one.code: one for one in await made(rig, offer, [code, other])}
    assert told[other].shop_id
    assert told[code].shop_id is None
    assert told[code].why.endswith(".")
    assert code not in told[code].why
    assert PRICE // 2 == (await polled(rig, await rig.buyer.buy([code]))).uses[0].discount.amount


@able("pass_time")
async def test_an_extended_code_works_after_its_first_end(rig: Rig) -> None:
    offer = an_offer(60)
    codes = await put(rig, offer, 2)
    kept = await flat(rig.shop.extend(offer, codes[:1], offer.until + timedelta(seconds=600)))
    assert codes[:1] == kept
    await rig.buyer.pass_time(90)
    await rig.buyer.buy([codes[0].code])
    if codes[0].shop_id == codes[1].shop_id:
        return  # what carries both has one end
    with pytest.raises(Refused):
        await rig.buyer.buy([codes[1].code])


@able()
async def test_a_code_made_for_a_later_live_works_as_soon_as_that_is_opened(rig: Rig) -> None:
    offer = an_offer(7200, starts_at=datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))
    codes = await put(rig, offer)
    opened = replace(offer, starts_at=None)
    assert codes == await flat(rig.shop.extend(opened, codes, datetime.now(UTC) + timedelta(minutes=15)))
    assert await rig.buyer.buy([codes[0].code])


@able()
async def test_an_ended_code_is_refused_and_ends_again_without_harm(rig: Rig) -> None:
    offer = an_offer()
    codes = await put(rig, offer, 2)
    for _ in range(2):
        ended = await flat(rig.shop.end(offer, codes))
        assert {code.code for code in codes} == {code.code for code in ended}
    with pytest.raises(Refused):
        await rig.buyer.buy([codes[0].code])


@able()
async def test_an_order_is_found_without_the_person(rig: Rig) -> None:
    before = datetime.now(UTC)
    id, code = await bought(rig)
    order = await polled(rig, id)
    assert await asyncio.to_thread(rig.shop.order, id) == order
    [use] = order.uses
    assert code.casefold() == use.code.casefold()
    assert (Money(OFF, "EUR"), OrderState.PLACED) == (use.discount, order.state)
    assert (Money(0, "EUR"), "EUR") == (order.refunded, order.total.currency)
    assert PRICE - OFF <= order.total.amount
    assert abs(order.ordered_at - before) < timedelta(minutes=1)
    told = repr(order).casefold()
    assert not [word for word in ("zoe", "delacroix", "@", "example.com", code.casefold()) if word in told]


@able()
async def test_an_order_that_is_not_there_is_none(rig: Rig) -> None:
    assert await asyncio.to_thread(rig.shop.order, "99999999") is None


@able()
async def test_a_cancelled_order_is_found_again_and_newer(rig: Rig) -> None:
    id, _ = await bought(rig)
    first = await polled(rig, id)
    await rig.buyer.cancel(id)
    second = await polled(rig, id)
    assert OrderState.CANCELLED == second.state
    assert first.version < second.version


@able("refund")
async def test_refunds_add_up_and_each_makes_the_order_newer(rig: Rig) -> None:
    id, _ = await bought(rig)
    seen = [await polled(rig, id)]
    for amount in (10_00, seen[0].total.amount - 10_00):
        await rig.buyer.refund(id, amount)
        seen.append(await polled(rig, id))
    assert [0, 10_00, seen[0].total.amount] == [order.refunded.amount for order in seen]
    assert [OrderState.PLACED, OrderState.PLACED, OrderState.REFUNDED] == [order.state for order in seen]
    assert seen[0].version < seen[1].version < seen[2].version
    assert 1 == len({order.total for order in seen})


@able("edit", "pass_time")
async def test_a_code_taken_off_an_order_is_gone_from_it(rig: Rig) -> None:
    id, code = await bought(rig)
    first = await polled(rig, id)
    await rig.buyer.pass_time(2)
    await rig.buyer.take_off(id, code)
    second = await polled(rig, id)
    assert () == second.uses
    assert first.version < second.version


@able("delete")
async def test_a_deleted_order_is_no_more_or_cancelled(rig: Rig) -> None:
    id, _ = await bought(rig)
    await rig.buyer.delete(id)
    order = await asyncio.to_thread(rig.shop.order, id)
    assert order is None or OrderState.CANCELLED == order.state


@able("webhooks")
async def test_webhook_and_poll_tell_the_same_order(rig: Rig) -> None:
    id, _ = await bought(rig)
    await settled(rig)
    told = [order for notice in rig.notices() for order in notice.orders if order.id == id]
    named = [one for notice in rig.notices() for one in notice.order_ids if one == id]
    looked_up = [await asyncio.to_thread(rig.shop.order, one) for one in named]
    assert [await polled(rig, id)] == list(
        {order.id: order for order in [*told, *looked_up] if order}.values()
    )
    assert "zoe" not in repr(rig.notices())


@able("webhooks")
async def test_headers_may_come_in_any_case_and_a_repeat_has_the_same_key(rig: Rig) -> None:
    for headers, body in await some_webhooks(rig):
        now = datetime.now(UTC)
        notices = {
            rig.shop.read_webhook({change(name): value for name, value in headers.items()}, body, now).key
            for change in (str, str.upper, str.lower, str.title)
        }
        assert 1 == len(notices)


@able("webhooks")
async def test_a_forged_or_re_serialised_webhook_is_refused(rig: Rig) -> None:
    headers, body = (await some_webhooks(rig))[-1]
    loose = json.dumps(json.loads(body), indent=1).encode()
    nameless = {name: value for name, value in headers.items() if "ign" not in name and "mac" not in name}
    for forged_headers, forged in ((headers, body + b" "), (headers, loose), (nameless, body)):
        with pytest.raises(Refusal):
            rig.shop.read_webhook(forged_headers, forged, datetime.now(UTC))


@able("webhooks", "rotated", "stranger")
async def test_a_secret_may_be_changed_while_webhooks_are_on_their_way(rig: Rig) -> None:
    headers, body = (await some_webhooks(rig))[-1]
    assert rig.rotated is not None
    assert rig.stranger is not None
    now = datetime.now(UTC)
    assert rig.shop.read_webhook(headers, body, now) == rig.rotated().read_webhook(headers, body, now)
    with pytest.raises(Refusal):
        rig.stranger().read_webhook(headers, body, now)


@able("stranger")
async def test_wrong_credentials_are_told_in_one_sentence(rig: Rig) -> None:
    assert rig.stranger is not None
    shop = rig.stranger()
    with pytest.raises(ActionRequired) as told:
        await asyncio.to_thread(shop.check)
    assert str(told.value).endswith(".")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("how", ["down", "slow", "html"])
@able("fault")
async def test_a_shop_that_answers_badly_is_a_fault_and_the_next_call_works(rig: Rig, how: str) -> None:
    rig.spoil(how)
    with pytest.raises(Fault) as told:
        await asyncio.to_thread(rig.shop.products, ["QC-ULTRA"])
    assert str(told.value)
    rig.spoil("")
    assert 1 == len(await asyncio.to_thread(rig.shop.products, ["QC-ULTRA"]))


@able()
async def test_products_are_found_by_sku_and_by_words(rig: Rig) -> None:
    [known] = await asyncio.to_thread(rig.shop.products, ["QC-ULTRA", "NO-SUCH"])
    assert ("QC-ULTRA", Money(PRICE, "EUR")) == (known.sku, known.price)
    for text in ("QC-ULTRA", known.name.split()[0], ""):
        found = await asyncio.to_thread(rig.shop.find_products, text)
        assert known.sku in [product.sku for product in found]
    assert [] == await asyncio.to_thread(rig.shop.find_products, "zzzz-no-such")


@able()
async def test_a_good_shop_is_told_in_a_sentence(rig: Rig) -> None:
    assert (await asyncio.to_thread(rig.shop.check)).endswith(".")
    assert rig.shop.traits.sentence.endswith(".")
    assert rig.kind == rig.shop.kind


async def settled(rig: Rig) -> None:
    if rig.settle is not None:
        await rig.settle()


async def some_webhooks(rig: Rig) -> list[tuple[dict[str, str], bytes]]:
    """The signed webhooks of one order."""
    await bought(rig)
    await settled(rig)
    signed = [one for one in rig.webhooks or [] if one[1].lstrip()[:1] == b"{"]
    assert signed
    return signed
