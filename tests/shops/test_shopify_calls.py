"""Who may call Shopify, how often, and what its refusals mean to the operator."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from domain.errors import ActionRequired, BateleurError, Fault
from shops.settings import ShopSettings
from shops.shopify.admin import Admin
from shops.shopify.budget import Budget
from shops.shopify.queries import SHOP, Query
from standins.loopback import Loopback
from standins.shopify.points import Bucket
from tests.shops.rigs_shopify import a_shop, adapter
from tests.shops.shopify_scene import Scene, an_offer, flat, new_codes, open_scene

DEAR = Query("dear", 100)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as opened:
        yield opened


async def test_a_lasting_token_does_without_a_client_id(scene: Scene) -> None:
    lone = adapter(scene.shop, key=None, secret=scene.shop.app_in_shop.lasting_token)
    assert "La Boutique" in await asyncio.to_thread(lone.check)
    assert {} == scene.shop.app_in_shop.given


async def test_a_days_token_serves_for_all_calls_and_is_renewed_before_it_ends(scene: Scene) -> None:
    for _ in range(3):
        await asyncio.to_thread(scene.adapter.check)
    assert 1 == len(scene.shop.app_in_shop.given)
    scene.shop.app_in_shop.lasts_s = 1.0
    short = adapter(scene.shop)
    until = time.monotonic() + 2.5
    while time.monotonic() < until:
        await asyncio.to_thread(short.check)
        await asyncio.sleep(0.05)
    assert len(scene.shop.app_in_shop.given) >= 3
    assert {} == dict(scene.shop.violations)


async def test_a_token_that_was_taken_back_is_renewed_once_and_the_call_is_done(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.check)
    scene.shop.app_in_shop.given.clear()
    assert 3 == len(await flat(scene.adapter.create_offer(an_offer(), new_codes(3))))
    assert 1 == len(scene.shop.app_in_shop.given)
    assert 1 == scene.shop.violations["unauthenticated"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"secret": "other"}, "BATELEUR_SHOP__SECRET"),
        ({"key": None, "secret": "shpat_other"}, "BATELEUR_SHOP__SECRET"),
        ({"token_path": "/elsewhere"}, "myshopify.com"),
        ({"version": "2025-10"}, "2026-04"),
        ({"version": "newest"}, "BATELEUR_SHOP__VERSION"),
        ({"version": "2026-07"}, "BATELEUR_SHOP__VERSION"),
        ({"secret": None}, "BATELEUR_SHOP__KEY"),
    ],
)
async def test_what_is_set_wrongly_is_told_in_one_sentence(
    scene: Scene, changes: dict[str, Any], word: str
) -> None:
    with pytest.raises(ActionRequired, match=word) as told:
        await asyncio.to_thread(lambda: adapter(scene.shop, **changes).check())
    assert "\n" not in str(told.value)
    assert "shpat_" not in str(told.value).replace("shpat_…", "")


@pytest.mark.parametrize("scope", ["read_products", "read_orders", "write_discounts"])
async def test_a_scope_that_lacks_is_named(scene: Scene, scope: str) -> None:
    held = ("read_products", "read_orders", "write_discounts")
    scene.shop.app_in_shop.scopes = tuple(one for one in held if one != scope)
    with pytest.raises(ActionRequired, match=scope):
        await asyncio.to_thread(scene.adapter.check)


async def test_a_right_that_was_taken_away_meanwhile_is_told_at_the_call(scene: Scene) -> None:
    scene.shop.app_in_shop.scopes = ("read_products", "read_orders")
    with pytest.raises(ActionRequired, match="write_discounts"):
        await flat(scene.adapter.create_offer(an_offer(), new_codes()))


async def test_writing_includes_reading(scene: Scene) -> None:
    scene.shop.app_in_shop.scopes = ("write_products", "write_orders", "write_discounts")
    assert "may make codes" in await asyncio.to_thread(scene.adapter.check)


async def test_throttled_at_200_is_waited_out_and_a_change_is_done_once(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.check)
    scene.shop.bucket = Bucket(most=1000, per_s=400)
    scene.shop.faults.throttled = 2
    [made] = await flat(scene.adapter.create_offer(an_offer(), new_codes()))
    assert made.shop_id
    assert 1 == len(scene.shop.discounts.known)


async def test_a_shop_whose_points_others_use_up_is_told_and_asked_again_later(scene: Scene) -> None:
    scene.shop.bucket = Bucket(most=10, per_s=1000)
    scene.shop.faults.throttled = 100
    with pytest.raises(Fault, match="points") as told:
        await asyncio.to_thread(scene.adapter.check)
    assert told.value.is_retryable
    assert told.value.retry_after is not None


async def test_many_threads_share_the_points_without_ever_being_throttled(scene: Scene) -> None:
    scene.shop.bucket = Bucket(most=300, per_s=900)
    await asyncio.to_thread(scene.adapter.products, ["QC-ULTRA"])

    def work() -> None:
        for _ in range(4):
            scene.adapter.products(["QC-ULTRA"])

    await asyncio.gather(*(asyncio.to_thread(work) for _ in range(4)))
    assert {} == dict(scene.shop.violations)


def test_the_first_answer_tells_what_there_is_and_later_calls_wait_for_it() -> None:
    now, slept = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    budget = Budget(clock=lambda: now[0], sleep=sleep)
    with budget.spending(DEAR):
        budget.told(DEAR, cost(requested=100, left=20, most=200, per_s=40))
    assert [] == slept
    assert 2.0 == budget.pause_s(DEAR)
    with budget.spending(DEAR):
        assert 2.0 == sum(slept)
        assert 2.5 == budget.pause_s(DEAR)  # another thread waits for the next hundred
    now[0] += 1000
    assert 0.0 == budget.pause_s(DEAR)


def test_what_costs_more_than_the_bucket_holds_waits_for_a_full_one() -> None:
    now = [0.0]
    budget = Budget(clock=lambda: now[0], sleep=lambda seconds: None)
    budget.told(DEAR, cost(requested=500, left=40, most=50, per_s=10))
    assert 1.0 == budget.pause_s(DEAR)


def test_points_that_are_not_told_are_taken_for_none() -> None:
    budget = Budget(clock=lambda: 0.0, sleep=lambda seconds: None)
    budget.empty()
    assert budget.pause_s(DEAR) > 0


def test_a_call_that_fails_gives_its_points_back() -> None:
    budget = Budget(clock=lambda: 0.0, sleep=lambda seconds: None)
    budget.told(DEAR, cost(requested=100, left=100, most=100, per_s=10))
    with pytest.raises(Fault), budget.spending(DEAR):
        raise Fault("It broke.", is_retryable=True)
    assert 0.0 == budget.pause_s(DEAR)


def cost(*, requested: int, left: int, most: int, per_s: int) -> dict[str, Any]:
    status = {"maximumAvailable": most, "currentlyAvailable": left, "restoreRate": per_s}
    return {"requestedQueryCost": requested, "actualQueryCost": requested, "throttleStatus": status}


class Oracle(Loopback):
    """Gives each call the next of its answers: (status, body)."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.url = ""

    def app(self) -> web.Application:
        """Any address."""
        app = web.Application()
        app.router.add_route("*", "/{any:.*}", self._answer)
        return app

    def addressed(self, place: str) -> None:
        """The address to give to the adapter."""
        self.url = f"http://{place}"

    async def _answer(self, _: web.Request) -> web.Response:
        status, body = self.answers.pop(0)
        return web.json_response(body, status=status)


@pytest.mark.parametrize(
    ("status", "body", "kind", "word"),
    [
        (200, {"errors": [{"message": "x", "extensions": {"code": "MAX_COST_EXCEEDED"}}]}, Fault, "too dear"),
        (
            200,
            {"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
            Fault,
            "INTERNAL",
        ),
        (200, {"errors": [{"message": "x"}]}, Fault, "without saying why"),
        (200, {"errors": "Not Found"}, Fault, "without saying why"),
        (200, {"data": None}, Fault, "no GraphQL answer"),
        (200, [], Fault, "no GraphQL answer"),
        (402, {"errors": "Payment Required"}, ActionRequired, "plan"),
        (403, {"errors": "Forbidden"}, ActionRequired, "rights"),
        (404, {"errors": "Not Found"}, ActionRequired, "BATELEUR_SHOP__URL"),
        (423, {"errors": "Locked"}, ActionRequired, "locked"),
        (400, {"errors": "Bad Request"}, Fault, "HTTP 400"),
    ],
)
async def test_every_refusal_is_one_sentence(
    status: int, body: Any, kind: type[BateleurError], word: str
) -> None:
    async with Oracle((status, body)) as oracle:
        admin = admin_of(oracle)
        with pytest.raises(kind, match=word) as told:
            await asyncio.to_thread(admin.ask, SHOP)
    assert str(told.value)[-1] in ".?"
    assert 1 == str(told.value).count(". ") + 1


async def test_throttled_without_a_code_or_figures_is_waited_out() -> None:
    old = {"errors": [{"message": "Throttled"}]}
    async with Oracle((200, old), (200, {"data": {"shop": {"name": "x"}}})) as oracle:
        assert {"shop": {"name": "x"}} == await asyncio.to_thread(admin_of(oracle).ask, SHOP)


def admin_of(oracle: Oracle) -> Admin:
    return Admin(ShopSettings.model_validate({"kind": "shopify", "url": oracle.url, "secret": "shpat_1"}))


async def test_two_threads_that_find_a_token_refused_renew_it_once(scene: Scene) -> None:
    await asyncio.to_thread(scene.adapter.check)
    scene.shop.app_in_shop.given.clear()
    gate = threading.Barrier(4)

    def call() -> int:
        gate.wait()
        return len(scene.adapter.products(["QC-ULTRA"]))

    assert [1] * 4 == await asyncio.gather(*(asyncio.to_thread(call) for _ in range(4)))
    assert 1 == len(scene.shop.app_in_shop.given)


def test_opening_a_shop_opens_no_connection() -> None:
    never: Callable[[], Any] = lambda: adapter(a_shop(), url="https://shop.invalid")  # noqa: E731
    assert "shopify" == never().kind
