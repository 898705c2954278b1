"""The stand-in WooCommerce is as strict as a real one, counts what must never happen, and sells to people."""

import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from shops.woocommerce.signing import signed_url
from standins.shop.model import ShopModel
from standins.woocommerce.server import WooCommerceStandin

BASE = "/wp-json/wc/v3"
STORE = "/wp-json/wc/store/v1"


class Client:
    """A program that knows no more than WooCommerce's documents; it says that it comes over https."""

    def __init__(self, shop: WooCommerceStandin, session: aiohttp.ClientSession) -> None:
        self.shop = shop
        self.session = session
        self.auth = aiohttp.encode_basic_auth(shop.key.key, shop.key.secret)

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        headers = {"X-Forwarded-Proto": "https", "Authorization": self.auth}
        url = f"{self.shop.url}{BASE}/{path}"
        async with self.session.request(method, url, params=query, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def store(self, token: str, path: str, body: Any) -> tuple[int, Any, str]:
        url, headers = f"{self.shop.url}{STORE}/{path}", {"Cart-Token": token}
        async with self.session.post(url, json=body, headers=headers) as answer:
            return answer.status, await answer.json(), answer.headers.get("Cart-Token", "")

    async def page(self, method: str, path: str, **form: str) -> str:
        headers = {"Accept-Language": "fr"}
        async with self.session.request(method, self.shop.url + path, data=form, headers=headers) as answer:
            assert answer.status == 200
            return await answer.text()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    jar = aiohttp.CookieJar(unsafe=True)
    async with WooCommerceStandin(model) as shop, aiohttp.ClientSession(cookie_jar=jar) as session:
        yield Client(shop, session)


async def test_the_key_pair_is_refused_over_http_and_taken_over_https(client: Client) -> None:
    plain = {"Authorization": client.auth}
    async with client.session.get(f"{client.shop.url}{BASE}/orders", headers=plain) as answer:
        assert (401, "woocommerce_rest_cannot_view") == (answer.status, (await answer.json())["code"])
    assert 200 == (await client.call("GET", "orders"))[0]
    assert {"unauthenticated": 1} == dict(client.shop.violations)


async def test_a_signature_serves_once_and_not_for_long(client: Client) -> None:
    url = f"{client.shop.url}{BASE}/orders?orderby=modified&modified_after=2026-11-23T18:00:00"
    pair = {"key": client.shop.key.key, "secret": client.shop.key.secret}
    now = int(time.time())
    good = signed_url("GET", url, **pair, stamp=str(now), nonce="a")
    old = signed_url("GET", url, **pair, stamp=str(now - 1000), nonce="b")
    for address, status in ((good, 200), (good, 401), (old, 401), (good.replace("modified&", "date&"), 401)):
        async with client.session.get(URL(address, encoded=True)) as answer:
            assert status == answer.status


async def test_a_batch_of_more_than_a_hundred_is_refused_whole(client: Client) -> None:
    codes = [{"code": f"C{number}", "amount": "5"} for number in range(101)]
    status, told = await client.call("POST", "coupons/batch", {"create": codes})
    assert (413, "woocommerce_rest_request_entity_too_large") == (status, told["code"])
    assert {} == client.shop.model.coupons
    assert 400 == (await client.call("GET", "orders", per_page="101"))[0]
    assert {"batch": 1, "per_page": 1} == dict(client.shop.violations)


async def test_items_of_a_batch_fail_one_by_one(client: Client) -> None:
    two = {"create": [{"code": "NEW", "amount": "5"}, {"code": "new"}], "update": [{"id": 99}]}
    status, told = await client.call("POST", "coupons/batch", two)
    assert 200 == status
    assert "new" == told["create"][0]["code"]
    assert "woocommerce_rest_coupon_code_already_exists" == told["create"][1]["error"]["code"]
    assert "woocommerce_rest_shop_coupon_invalid_id" == told["update"][0]["error"]["code"]


async def test_ends_are_by_the_clock_of_the_site_and_some_fields_are_ignored(client: Client) -> None:
    body = {"code": "A", "date_expires": "2026-11-23T21:00:00", "date_expires_gmt": "2030-01-01T00:00:00"}
    _, told = await client.call("POST", "coupons", {**body, "status": "draft"})
    assert ("2026-11-23T20:00:00", "publish") == (told["date_expires_gmt"], told["status"])


async def test_calls_that_come_too_fast_are_counted(client: Client) -> None:
    client.shop.per_second = 3
    for _ in range(5):
        await client.call("GET", "products", sku="QC-ULTRA")
    assert 2 == client.shop.violations["rate"]


async def test_a_coupon_that_ends_between_cart_and_checkout_is_taken_off(client: Client) -> None:
    coupon = client.shop.model.add_coupon("once", percent=20.0, usage_limit=1)
    item = client.shop.model.items["QC-ULTRA"]
    tokens = []
    for _ in range(2):
        _, _, token = await client.store("", "cart/add-item", {"id": item.id, "quantity": 1})
        _, cart, _ = await client.store(token, "cart/apply-coupon", {"code": "ONCE"})
        assert [{"code": "once", "totals": {"total_discount": "7998"}}] == cart["coupons"]
        tokens.append(token)
    bill = {"billing_address": {"email": "ann@example.com"}}
    assert 200 == (await client.store(tokens[0], "checkout", bill))[0]
    assert 409 == (await client.store(tokens[1], "checkout", bill))[0]
    assert 200 == (await client.store(tokens[1], "checkout", bill))[0]
    assert (1, 2) == (coupon.used, len(client.shop.model.orders))
    status, told, _ = await client.store("", "cart/apply-coupon", {"code": "<b>"})
    assert (400, "Coupon &quot;&lt;b&gt;&quot; does not exist.") == (status, told["message"])


async def test_someone_comes_with_a_code_and_buys(client: Client) -> None:
    client.shop.model.add_coupon("SOIREE20", percent=20.0, usage_limit=1)
    assert "SOIREE20" in await client.page("GET", "/?coupon=SOIREE20")
    assert "399,90" in await client.page("GET", "/product/casque-qc-ultra")
    cart = await client.page("POST", "/cart", sku="QC-ULTRA")
    assert "319,92" in cart
    thanks = await client.page("POST", "/checkout", email="ann@example.com")
    assert "Merci" in thanks
    assert "79,98" in thanks
    [order] = client.shop.model.orders.values()
    assert ({"SOIREE20": 7998}, 31992) == (order.discounts, order.total)


async def test_the_shop_says_why_it_does_not_take_a_code(client: Client) -> None:
    client.shop.model.add_coupon("USED", percent=20.0, usage_limit=0)
    await client.page("POST", "/cart", sku="QC-ULTRA")
    assert "déjà été utilisé" in await client.page("GET", "/cart?coupon=used")
    refused = await client.page("GET", "/cart?coupon=%3Cscript%3Ealert(1)%3C/script%3E&lang=en")
    assert "There is no such code." in refused
    assert "<script" not in refused
    assert "There is no such code." not in await client.page("GET", "/cart")
