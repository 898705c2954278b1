"""The stand-in PrestaShop does what the webservice does, awkward as it is."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from standins.prestashop.server import PrestaShopStandin
from standins.shop.model import NotAccepted, ShopModel

RULE = (
    "<name><language id='1'>Soirée</language></name><date_from>2020-01-01 00:00:00</date_from>"
    "<date_to>2090-01-01 00:00:00</date_to><quantity>1</quantity><quantity_per_user>1</quantity_per_user>"
    "<reduction_percent>20</reduction_percent><active>1</active>"
)


@pytest.fixture
async def shop() -> AsyncIterator[PrestaShopStandin]:
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    async with PrestaShopStandin(model) as opened:
        yield opened


async def ask(
    shop: PrestaShopStandin, path: str, method: str = "GET", body: str = "", **query: str
) -> tuple[int, str]:
    headers = {"Authorization": "Basic " + base64.b64encode(f"{shop.key}:".encode()).decode()}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, shop.url + path, params=query, data=body.encode()) as answer,
    ):
        return answer.status, await answer.text()


def rules(*entities: str) -> str:
    return "<prestashop>" + "".join(f"<cart_rule>{one}</cart_rule>" for one in entities) + "</prestashop>"


async def test_a_wrong_key_is_refused_and_a_missing_right_too(shop: PrestaShopStandin) -> None:
    shop.rights["orders"] = frozenset()
    assert (401, True) == await _refused(shop, "/api/orders", "26")
    assert (405, True) == await _refused(shop, "/api/products", "25", "POST")
    shop.key = "Y" * 31
    assert (401, True) == await _refused(shop, "/api/products", "18")


async def test_the_webservice_may_be_off(shop: PrestaShopStandin) -> None:
    shop.faults.is_off = True
    assert (503, True) == await _refused(shop, "/api/products", "22")


async def test_errors_and_lists_come_as_json_when_asked_for(shop: PrestaShopStandin) -> None:
    status, text = await ask(shop, "/api/cart_rules", output_format="JSON")
    assert (200, []) == (status, json.loads(text))
    status, text = await ask(shop, "/api/nothing", output_format="JSON")
    assert (400, 27) == (status, json.loads(text)["errors"][0]["code"])


async def test_a_price_is_without_tax_unless_asked_for_with_it(shop: PrestaShopStandin) -> None:
    asked = {"display": "[price,p]", "price[p][use_tax]": "1", "output_format": "JSON"}
    _, text = await ask(shop, "/api/products", **asked)
    assert [{"price": "333.250000", "p": "400.000000"}] == json.loads(text)["products"]
    _, text = await ask(shop, "/api/products", **asked, **{"price[p][decimals]": "6"})
    assert "399.900000" == json.loads(text)["products"][0]["p"]


async def test_one_code_may_be_there_twice_and_several_come_in_one_call(shop: PrestaShopStandin) -> None:
    body = rules(f"<code>AAA</code>{RULE}", f"<code>AAA</code>{RULE}")
    status, text = await ask(shop, "/api/cart_rules", "POST", body)
    assert (201, 2) == (status, text.count("<code>AAA</code>"))


async def test_a_put_with_missing_fields_empties_them_and_is_counted(shop: PrestaShopStandin) -> None:
    await ask(shop, "/api/cart_rules", "POST", rules(f"<code>AAA</code>{RULE}"))
    [id] = shop.model.coupons
    status, _ = await ask(shop, "/api/cart_rules", "PUT", rules(f"<id>{id}</id>{RULE}"))
    assert (200, "") == (status, shop.model.coupons[id].extra["code"])
    assert 1 == shop.violations["put_with_missing_fields"]


async def test_a_stale_put_gives_uses_back_and_is_counted_and_a_patch_does_not(
    shop: PrestaShopStandin,
) -> None:
    await ask(shop, "/api/cart_rules", "POST", rules(f"<code>AAA</code>{RULE}"))
    [id] = shop.model.coupons
    shop.book.buy(["AAA"], "ann@example.com", "QC-ULTRA")
    await ask(shop, "/api/cart_rules", "PATCH", rules(f"<id>{id}</id><priority>2</priority>"))
    with pytest.raises(NotAccepted):
        shop.book.buy(["AAA"], "bob@example.com", "QC-ULTRA")
    await ask(shop, "/api/cart_rules", "PUT", rules(f"<id>{id}</id><code>AAA</code>{RULE}"))
    shop.book.buy(["AAA"], "bob@example.com", "QC-ULTRA")
    assert 1 == shop.violations["quantity_refilled"]


async def test_ids_are_forbidden_in_a_post_and_needed_in_a_put(shop: PrestaShopStandin) -> None:
    for method, body, code in (("POST", f"<id>1</id>{RULE}", "91"), ("PUT", RULE, "90")):
        status, text = await ask(shop, "/api/cart_rules", method, rules(body))
        assert (400, True) == (status, f"<code>{code}</code>" in text)
    assert {} == shop.model.coupons


async def test_dates_are_filtered_only_with_date_1(shop: PrestaShopStandin) -> None:
    shop.book.buy([], "ann@example.com", "QC-ULTRA")
    asked = {"filter[date_upd]": "[2020-01-01 00:00:00,2090-01-01 00:00:00]", "display": "[id]"}
    assert 400 == (await ask(shop, "/api/orders", **asked))[0]
    assert 1 == shop.violations["dates_without_date_1"]
    status, text = await ask(shop, "/api/orders", date="1", sort="[date_upd_ASC]", limit="0,1", **asked)
    assert (200, 1) == (status, text.count("<order>"))


async def test_a_broken_or_hostile_body_is_an_error_of_the_shop(shop: PrestaShopStandin) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "c">]><prestashop><cart_rule><code>&b;</code></cart_rule></prestashop>'
    for body in ("<prestashop>", bomb):
        status, text = await ask(shop, "/api/cart_rules", "POST", body)
        assert (500, True) == (status, "<code>127</code>" in text)


async def test_partial_use_leaves_a_voucher_and_a_slip_leaves_the_time_of_its_order(
    shop: PrestaShopStandin,
) -> None:
    coupon = shop.model.add_coupon("BIG", amount=500_00, usage_limit=1)
    coupon.extra["partial_use"] = "1"
    reference = shop.book.buy(["BIG"], "ann@example.com", "QC-ULTRA")
    rest = shop.model.coupon("BIG-2")
    assert rest is not None
    assert 100_10 == rest.amount
    [order] = shop.book.of(shop.book.buy([], "bob@example.com", "QC-ULTRA"))
    before = order.changed_at
    shop.model.shift += timedelta(seconds=5)
    shop.model.refund(order.id, 100)
    assert (before, 1) == (order.changed_at, len(shop.book.slips))
    assert [0] == [one.total for one in shop.book.of(reference)]


async def test_a_basket_may_become_two_orders_with_one_reference(shop: PrestaShopStandin) -> None:
    shop.book.splits = True
    shop.model.add_coupon("AAA", percent=20.0, usage_limit=2)
    reference = shop.book.buy(["AAA"], "ann@example.com", "QC-ULTRA", 2)
    assert [31992, 31992] == [one.total for one in shop.book.of(reference)]
    assert 2 == len(shop.book.cart_rules())


async def _refused(shop: PrestaShopStandin, path: str, code: str, method: str = "GET") -> tuple[int, bool]:
    status, text = await ask(shop, path, method)
    return status, f"<code>{code}</code>" in text
