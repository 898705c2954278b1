"""The stand-in Shopify is as strict as a real one, and counts what must never happen."""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from standins.shop.model import NotAccepted, ShopModel
from standins.shopify.points import Bucket
from standins.shopify.server import ShopifyStandin
from tests.shops.catching import Hooks

CREATE = """mutation($input: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $input) {
  codeDiscountNode { id } userErrors { field code message } } }"""
ADD = """mutation($id: ID!, $codes: [DiscountRedeemCodeInput!]!) {
  discountRedeemCodeBulkAdd(discountId: $id, codes: $codes) {
    bulkCreation { id done } userErrors { code } } }"""
JOB = """query($id: ID!) { discountRedeemCodeBulkCreation(id: $id) { done codesCount importedCount failedCount
  codes(first: 10) { nodes { code errors { code } } } } }"""
ORDERS = """query($query: String) { orders(first: 10, query: $query, sortKey: UPDATED_AT) {
  nodes { id discountCode discountCodes } } }"""
HOOK = """mutation($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) { userErrors { message } } }"""


class Client:
    """A program that knows no more than Shopify's documents."""

    def __init__(self, shop: ShopifyStandin, session: aiohttp.ClientSession) -> None:
        self.shop = shop
        self.session = session
        self.token = shop.app_in_shop.lasting_token

    async def call(self, query: str, /, **variables: Any) -> tuple[int, Any]:
        headers = {"X-Shopify-Access-Token": self.token}
        url = f"{self.shop.url}/admin/api/2026-10/graphql.json"
        body = {"query": query, "variables": variables}
        async with self.session.post(url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def data(self, query: str, /, **variables: Any) -> Any:
        status, told = await self.call(query, **variables)
        assert 200 == status
        assert "errors" not in told, told
        return told["data"]

    async def refusal(self, query: str, /, **variables: Any) -> tuple[int, str]:
        """The status and the code, or else the message, of the first error."""
        status, told = await self.call(query, **variables)
        error = told["errors"][0]
        return status, error.get("extensions", {}).get("code") or error["message"]

    async def create(self, code: str, /, **changes: Any) -> Any:
        """A discount of 20 percent on everything."""
        now = datetime.now(UTC)
        given = {
            "title": "T",
            "code": code,
            "startsAt": (now - timedelta(hours=1)).isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "usageLimit": 1,
            "context": {"all": "ALL"},
            "customerGets": {"value": {"percentage": 0.2}, "items": {"all": True}},
        }
        return (await self.data(CREATE, input={**given, **changes}))["discountCodeBasicCreate"]

    async def token_for(self, **form: str) -> tuple[int, Any]:
        async with self.session.post(f"{self.shop.url}/admin/oauth/access_token", data=form) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    async with ShopifyStandin(model) as shop, aiohttp.ClientSession() as session:
        yield Client(shop, session)


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ shop { nome } }", {}),
        ("{ shop { name }", {}),
        ("{ orders(first: 1, sort: UPDATED_AT) { nodes { id } } }", {}),
        ("{ orders(first: 1, sortKey: CHANGED_AT) { nodes { id } } }", {}),
        ("query($id: String!) { order(id: $id) { id } }", {"id": "1"}),
        ("{ orders(first: 1) }", {}),
    ],
)
async def test_what_is_not_in_shopifys_schema_is_refused_and_counted(
    client: Client, query: str, variables: dict[str, Any]
) -> None:
    status, told = await client.call(query, **variables)
    assert 200 == status
    assert told["errors"]
    assert "data" not in told
    assert {"invalid": 1} == dict(client.shop.violations)


async def test_variables_of_the_wrong_kind_are_refused(client: Client) -> None:
    _, told = await client.call(CREATE, input={"code": 5, "colour": "red"})
    assert told["errors"]
    assert {} == client.shop.discounts.known


async def test_a_call_without_a_token_is_refused_and_a_days_token_ends(client: Client) -> None:
    app = client.shop.app_in_shop
    app.lasts_s = 0.2
    who = {"client_id": app.client_id, "client_secret": app.client_secret}
    assert (
        400 == (await client.token_for(grant_type="client_credentials", **{**who, "client_secret": "x"}))[0]
    )
    assert 400 == (await client.token_for(**who))[0]
    _, given = await client.token_for(grant_type="client_credentials", **who)
    client.token = given["access_token"]
    assert "La Boutique" == (await client.data("{ shop { name } }"))["shop"]["name"]
    await asyncio.sleep(0.25)
    assert 401 == (await client.call("{ shop { name } }"))[0]
    assert {"unauthenticated": 1} == dict(client.shop.violations)


async def test_a_query_costs_what_it_has_room_for_and_gets_the_rest_back(client: Client) -> None:
    _, told = await client.call(
        "{ shop { name } orders(first: 20) { nodes { id lineItems(first: 3) { nodes { id } } } } }"
    )
    cost = told["extensions"]["cost"]
    assert 1 + 2 + 20 * (1 + 2 + 3) == cost["requestedQueryCost"]
    assert 1 + 2 >= cost["actualQueryCost"] - 1
    assert cost["throttleStatus"]["currentlyAvailable"] > 990
    assert 10 == (await client.call(CREATE, input={}))[1]["extensions"]["cost"]["requestedQueryCost"]


async def test_who_spends_too_much_is_throttled_at_200_and_counted(client: Client) -> None:
    client.shop.bucket = Bucket(most=100, per_s=1)
    dear = "{ orders(first: 90) { nodes { id } } }"
    await client.data(dear)
    client.shop.bucket.take(client.shop.bucket.left)
    status, told = await client.call(dear)
    assert (200, "THROTTLED") == (status, told["errors"][0]["extensions"]["code"])
    assert "data" not in told
    assert told["extensions"]["cost"]["actualQueryCost"] is None
    assert {"throttled": 1} == dict(client.shop.violations)


async def test_what_is_too_dear_or_too_long_is_refused_and_counted(client: Client) -> None:
    dear = "{ orders(first: 200) { nodes { lineItems(first: 20) { nodes { id } } } } }"
    assert (200, "MAX_COST_EXCEEDED") == await client.refusal(dear)
    assert "250" in (await client.refusal("{ orders(first: 251) { nodes { id } } }"))[1]
    assert {"cost": 1, "first": 1} == dict(client.shop.violations)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"title": ""}, "BLANK"),
        ({"context": None}, "BLANK"),
        ({"code": "X" * 256}, "TOO_LONG"),
        ({"code": "taken"}, "TAKEN"),
        ({"tags": list("abcdef")}, "TOO_MANY_TAGS"),
        ({"endsAt": "2020-01-01T00:00:00Z"}, "END_DATE_BEFORE_START_DATE"),
        ({"customerGets": {"value": {"percentage": 20}, "items": {"all": True}}}, "VALUE_OUTSIDE_RANGE"),
    ],
)
async def test_a_discount_that_is_wrong_is_refused_in_the_answer(
    client: Client, changes: dict[str, Any], word: str
) -> None:
    await client.create("TAKEN")
    told = await client.create("NEW", **changes)
    assert (None, word) == (told["codeDiscountNode"], told["userErrors"][0]["code"])
    assert 1 == len(client.shop.discounts.known)


async def test_codes_in_bulk_are_done_later_and_fail_alone(client: Client) -> None:
    id = (await client.create("FIRST"))["codeDiscountNode"]["id"]
    client.shop.jobs.takes_s = 0.1
    added = await client.data(ADD, id=id, codes=[{"code": code} for code in ("A", "first", "B")])
    job = added["discountRedeemCodeBulkAdd"]["bulkCreation"]
    assert job["done"] is False
    assert 1 == len(client.shop.model.coupons)
    while not (told := (await client.data(JOB, id=job["id"]))["discountRedeemCodeBulkCreation"])["done"]:
        await asyncio.sleep(0.02)
    assert (3, 2, 1) == (told["codesCount"], told["importedCount"], told["failedCount"])
    assert [[], [{"code": "TAKEN"}], []] == [one["errors"] for one in told["codes"]["nodes"]]
    for code in ("a", "B", "FIRST"):
        client.shop.model.check_out([code])
    with pytest.raises(NotAccepted, match="used"):
        client.shop.model.check_out(["A"])


async def test_more_than_250_codes_at_once_are_refused_and_counted(client: Client) -> None:
    id = (await client.create("FIRST"))["codeDiscountNode"]["id"]
    added = await client.data(ADD, id=id, codes=[{"code": f"C{n}"} for n in range(251)])
    assert [{"code": "TOO_MANY_ARGUMENTS"}] == added["discountRedeemCodeBulkAdd"]["userErrors"]
    assert {"codes": 1} == dict(client.shop.violations)


async def test_an_update_changes_what_is_given_and_nothing_else(client: Client) -> None:
    id = (await client.create("FIRST", tags=["x"]))["codeDiscountNode"]["id"]
    [one] = client.shop.discounts.known.values()
    before = (one.title, one.tags, one.usage_limit, one.percent, one.starts_at)
    update = """mutation($id: ID!, $input: DiscountCodeBasicInput!) {
      discountCodeBasicUpdate(id: $id, basicCodeDiscount: $input) { userErrors { code } } }"""
    await client.data(update, id=id, input={"endsAt": "2030-01-01T00:00:00Z"})
    assert before == (one.title, one.tags, one.usage_limit, one.percent, one.starts_at)
    assert (
        datetime(2030, 1, 1, tzinfo=UTC)
        == one.ends_at
        == next(iter(client.shop.model.coupons.values())).ends_at
    )


async def test_the_filter_by_code_sees_the_first_code_of_an_order_alone(client: Client) -> None:
    await client.create("ONE")
    await client.create("TWO")
    client.shop.model.check_out(["ONE", "TWO"])
    first = (await client.data(ORDERS, query="discount_code:one"))["orders"]["nodes"]
    assert [["ONE", "TWO"]] == [one["discountCodes"] for one in first]
    assert [] == (await client.data(ORDERS, query="discount_code:TWO"))["orders"]["nodes"]
    assert 1 == len(
        (await client.data(ORDERS, query="updated_at:>='2020-01-01T00:00:00Z'"))["orders"]["nodes"]
    )
    await client.data(ORDERS, query="discuont_code:TWO")
    assert {"search": 1} == dict(client.shop.violations)


async def test_webhooks_are_signed_with_the_apps_secret_and_carry_the_fields_asked_for(
    client: Client,
) -> None:
    async with Hooks() as hooks:
        asked = {"uri": hooks.url, "includeFields": ["id", "line_items.sku"]}
        for _ in range(2):
            told = await client.data(HOOK, topic="ORDERS_CREATE", hook=asked)
        assert "taken" in told["webhookSubscriptionCreate"]["userErrors"][0]["message"]
        told = await client.data(HOOK, topic="ORDERS_CREATE", hook={"uri": "http://bot.example/"})
        assert "http" in told["webhookSubscriptionCreate"]["userErrors"][0]["message"]
        order = client.shop.model.check_out([])
        await client.shop.webhooks.sender.settle()
    [(headers, body)] = hooks.caught
    assert f'{{"id":{order.id},"line_items":[{{"sku":"QC-ULTRA"}}]}}'.encode() == body
    own = base64.b64encode(hmac.digest(b"shpss_standin", body, "sha256")).decode()
    assert ("orders/create", own) == (headers["X-Shopify-Topic"], headers["X-Shopify-Hmac-Sha256"])


async def test_a_webhook_has_eight_tries_with_one_id_and_is_deleted_after_them(client: Client) -> None:
    async with Hooks() as hooks:
        hooks.status = 500
        await client.data(HOOK, topic="ORDERS_CREATE", hook={"uri": hooks.url})
        client.shop.webhooks.sender.retries_s = (0.01,) * 7
        client.shop.model.check_out([])
        await client.shop.webhooks.sender.settle()
        assert 8 == len(hooks.caught)
        assert 1 == len({(headers["X-Shopify-Webhook-Id"], body) for headers, body in hooks.caught})
        assert {} == client.shop.webhooks.known
