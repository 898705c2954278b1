"""The stand-in retailer's platform keeps to its own rules and counts who breaks them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from standins.retailer.server import RetailerStandin
from standins.retailer.signing import new_id, signed
from standins.shop.model import ShopModel

PROMOTION: dict[str, Any] = {
    "id": "p1",
    "starts_at": None,
    "uses_per_code": 1,
    "scope": {"skus": []},
    "value": {"percent": 20},
}


@pytest.fixture
async def retailer() -> AsyncIterator[RetailerStandin]:
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    async with RetailerStandin(model) as opened:
        yield opened


async def post(retailer: RetailerStandin, path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    raw = json.dumps(body).encode()
    given = {**signed((retailer.secret,), new_id(), raw), **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(retailer.api_url + path, data=raw, headers=given) as answer,
    ):
        told: dict[str, Any] = await answer.json(content_type=None)
        return answer.status, told


async def test_a_call_that_is_not_signed_or_comes_twice_is_refused(retailer: RetailerStandin) -> None:
    assert 401 == (await post(retailer, "/promotions", {}, **{"webhook-signature": "v1,AAAA"}))[0]
    assert 401 == (await post(retailer, "/promotions", {}, **{"webhook-timestamp": "1"}))[0]
    again = {"Idempotency-Key": "k", **signed((retailer.secret,), "msg_1", json.dumps(PROMOTION).encode())}
    assert [201, 401] == [(await post(retailer, "/promotions", PROMOTION, **again))[0] for _ in range(2)]
    assert {"unsigned": 2, "replayed": 1} == retailer.violations


async def test_a_promotion_is_made_once_for_its_key_and_its_id(retailer: RetailerStandin) -> None:
    for key, status in (("k", 201), ("k", 200), ("l", 409)):
        assert status == (await post(retailer, "/promotions", PROMOTION, **{"Idempotency-Key": key}))[0]
    other = {**PROMOTION, "value": {"percent": 50}}
    status, told = await post(retailer, "/promotions", other, **{"Idempotency-Key": "k"})
    assert (422, "https://shop.example/problems/key-reused") == (status, told["type"])
    assert 400 == (await post(retailer, "/promotions", PROMOTION))[0]
    assert {"key_reused": 1, "no_idempotency_key": 1} == +retailer.violations


async def test_more_than_a_thousand_codes_are_refused(retailer: RetailerStandin) -> None:
    await post(retailer, "/promotions", PROMOTION, **{"Idempotency-Key": "k"})
    codes = [f"C{n:04}" for n in range(1001)]
    body = {"codes": codes, "ends_at": "2099-01-01T00:00:00Z"}
    assert 422 == (await post(retailer, "/promotions/p1/codes", body))[0]
    assert 200 == (await post(retailer, "/promotions/p1/codes", {**body, "codes": codes[1:]}))[0]
    assert 1000 == len(retailer.model.coupons)
    assert {"batch_too_large": 1} == +retailer.violations


async def test_too_many_calls_are_told_to_wait(retailer: RetailerStandin) -> None:
    retailer.per_second = 2
    told = [(await post(retailer, "/promotions/none/stop", {"codes": []}))[0] for _ in range(3)]
    assert [404, 404, 429] == told
