"""Whether the program lives, is ready, and what it counts: told to who keeps it running, and to no other."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.bootstrap import open_evening
from bot.health import watch
from bot.pages import serving
from bot.settings import Settings
from bot.shop_jobs import ShopJobs
from bot.shopkeeper import Shopkeeper
from bot.showing import Showing
from bot.tally import WAITS_S, Tally
from domain.errors import ActionRequired
from domain.ports import Check
from domain.shop import ShopCode
from domain.show import CodeState
from shops.codes import draw_codes
from standins.twitch.server import TwitchStandin
from store.database import open_database
from tests.bot.conftest import Show
from tests.bot.program import Program, until
from tests.bot.shelf import ShelfShop
from web.health import Readiness, Watching

OnStage = Callable[..., Any]
ORDER = ("channel", "live", "delivery", "verdict", "kind", "shop", "task", "le")


@asynccontextmanager
async def asked(show: Show, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the health pages of `show`, on a real socket."""
    evening = show.evening or open_evening(show.settings, show.database, show.tally)
    settings = show.settings.model_copy(update={"port": 0})
    watching = watch(evening, settings)
    wake = evening.look_now
    async with (
        serving(settings, None, show.database, evening.work.catalogue, wake, watching=watching) as port,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client,
    ):
        yield client


def samples(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """The figures by name, then by the values of their labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[
                tuple(sample.labels[name] for name in ORDER if name in sample.labels)
            ] = sample.value
    return found


async def test_the_figures_tell_what_was_asked_answered_said_and_granted(on_stage: OnStage) -> None:
    async with on_stage() as show, asked(show) as client:
        await show.ask("!code", "ann", "bob")
        await show.ask("bonsoir", "cleo")
        await show.until(lambda: show.tally.asked == 2)
        await show.until_quiet()
        answer = await client.get("/metrics")
        assert 200 == answer.status_code
        assert "text/plain; version=0.0.4; charset=utf-8" == answer.headers["content-type"]
        found = samples(answer.text)
        here = ("twitch:100",)
        assert 3 == found["bateleur_messages_total"][here]
        assert 2 == found["bateleur_commands_total"][here]
        assert 2 == found["bateleur_answers_total"][here]
        assert show.tally.said == found["bateleur_said_total"][here]
        assert 2 == found["bateleur_answer_seconds_count"][here]
        assert 2 == found["bateleur_answer_seconds_bucket"][*here, "+Inf"]
        assert {("1", "owed"): 2} == found["bateleur_grants"]
        assert {("1",): 1} == found["bateleur_live_open"]
        assert {here: 1} == found["bateleur_channel_attached"]
        assert {here: 0} == found["bateleur_channel_troubled"]
        assert 0 < found["bateleur_send_budget_left"][here] < 100
        assert {(): 1} == found["bateleur_database_up"]


async def test_no_viewer_and_no_code_is_in_the_figures_or_the_reasons(on_stage: OnStage) -> None:
    """Promise 4."""
    async with on_stage(count=20) as show, asked(show) as client:
        await show.ask("!code", "annabelle", "bobbylou")
        await show.until(lambda: show.tally.asked == 2)
        told = (await client.get("/metrics")).text + (await client.get("/readyz")).text
        labels = {
            value
            for family in text_string_to_metric_families((await client.get("/metrics")).text)
            for sample in family.samples
            for value in sample.labels.values()
        }
        assert not any(code in told for code in show.codes)
        assert not any(name in told.lower() for name in ("annabelle", "bobbylou"))
        bounds = {"+Inf", *map(str, WAITS_S)}
        assert {"twitch:100", "1", "owed", "chatter", "commands", *bounds} == labels


async def test_two_evenings_in_one_process_count_for_themselves(on_stage: OnStage) -> None:
    async with on_stage() as show, asked(show) as client:
        await show.ask("!prix", "ann")
        await show.until(lambda: show.tally.asked)
        other = replace(show, evening=None, tally=Tally())
        async with asked(other) as others_client:
            mine = samples((await client.get("/metrics")).text)
            others = samples((await others_client.get("/metrics")).text)
    assert {("twitch:100",): 1} == mine["bateleur_answers_total"]
    assert "bateleur_answers_total" not in others


async def test_a_running_evening_lives_and_is_ready(on_stage: OnStage) -> None:
    async with on_stage() as show, asked(show) as client:
        assert {"alive": True} == (await client.get("/healthz")).json()
        answer = await client.get("/readyz")
        assert 200 == answer.status_code
        told = answer.json()
        assert told["ready"] is True
        parts = {check["part"]: check["works"] for check in told["checks"]}
        assert {"database": True, "channel twitch:100": True} == parts
        assert 200 == (await client.head("/readyz")).status_code


async def test_an_evening_that_has_not_begun_is_not_ready(on_stage: OnStage) -> None:
    async with on_stage(is_attached=False) as show, asked(show) as client:
        answer = await client.get("/readyz")
    assert 503 == answer.status_code
    assert {"part": "channels", "works": False, "why": "The channels are being attached."} in answer.json()[
        "checks"
    ]


async def test_one_channel_of_two_that_fails_is_told_and_the_other_goes_on(on_stage: OnStage) -> None:
    """Promise 9."""
    async with on_stage(others=("200",)) as show, asked(show) as client:
        assert show.evening is not None
        lost = show.evening.speakers.pop("twitch:200")
        show.evening.refused["twitch:200"] = ActionRequired("The bot is banned there; ask the channel.")
        one = await client.get("/readyz")
        assert 200 == one.status_code
        checks = {check["part"]: check for check in one.json()["checks"]}
        assert "The bot is banned there; ask the channel." == checks["channel twitch:200"]["why"]
        assert checks["channel twitch:100"]["works"]
        other = show.evening.speakers.pop("twitch:100")
        assert 503 == (await client.get("/readyz")).status_code
        show.evening.speakers |= {"twitch:200": lost, "twitch:100": other}


async def test_a_database_that_went_away_is_told_and_the_figures_that_need_none_stay(
    on_stage: OnStage, tmp_path: Any
) -> None:
    async with on_stage() as show:
        assert show.evening is not None
        ours = show.evening.database
        show.evening.database = open_database(f"sqlite:///{tmp_path}/none.db")
        async with asked(show) as client:
            ready, figures = await client.get("/readyz"), await client.get("/metrics")
        show.evening.database = ours
    assert 503 == ready.status_code
    assert "bateleur db upgrade" in ready.json()["checks"][0]["why"]
    assert {(): 0} == samples(figures.text)["bateleur_database_up"]
    assert "bateleur_grants" not in samples(figures.text)


async def test_a_shop_that_fails_is_told_with_its_pause(on_stage: OnStage) -> None:
    async with on_stage(is_attached=False) as show:
        shop, (code,) = ShelfShop(), draw_codes(1)
        shop.fails_after, shop.fault = 0, f"The code {code} has fallen off the shelf."
        with show.database.unit() as unit:
            unit.codes.add(show.offer_id, [code], CodeState.DRAWN)
        keeper = Shopkeeper(show.database, shop, timedelta(), timedelta(minutes=15))
        show.evening = open_evening(show.settings, show.database, show.tally)
        show.evening.shop_jobs = ShopJobs(keeper, "", show.tally.failed)
        await show.evening.start()
        async with asked(show) as client:
            await show.until(lambda: show.evening.shop_jobs.problems.get("codes_made"))
            ready, figures = await client.get("/readyz"), samples((await client.get("/metrics")).text)
            seen = Showing(show.evening).sight().shop_trouble
            shop.fails_after = None
            await show.until(lambda: not show.evening.shop_jobs.problems)
            again = await client.get("/readyz")
    assert 503 == ready.status_code
    shops = [check for check in ready.json()["checks"] if check["part"] == "shop"]
    assert [(False, "The code *** has fallen off the shelf.")] == [
        (check["works"], check["why"]) for check in shops
    ]
    assert "The code *** has fallen off the shelf." == seen
    assert {(): 0} == figures["bateleur_shop_up"]
    assert figures["bateleur_shop_task_failures_total"]["codes_made",] >= 1
    assert 0 < figures["bateleur_shop_backoff_seconds"]["codes_made",] <= 2
    assert 200 == again.status_code


async def test_what_is_left_of_the_lease_is_that_of_the_first_code_to_end(on_stage: OnStage) -> None:
    async with on_stage() as show, asked(show) as client:
        codes = [ShopCode(code, "1") for code in show.codes]
        with show.database.unit() as unit:
            unit.shop_codes.leased(show.offer_id, codes[:1], datetime.now(UTC) + timedelta(minutes=5))
            unit.shop_codes.leased(show.offer_id, codes[1:], datetime.now(UTC) + timedelta(minutes=15))
        left = samples((await client.get("/metrics")).text)["bateleur_lease_seconds"]["1",]
    assert 290 < left <= 300


async def _ready() -> Readiness:
    return Readiness(True, (Check("database", True, "It answers."),))


async def _metrics() -> bytes:
    return b"bateleur_said_total 1\n"


SEEN = Watching(_ready, _metrics, is_public=False)


@asynccontextmanager
async def watched(**changed: Any) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(_env_file=None, port=0)
    database = open_database("sqlite:///none.db")
    catalogue: Any = None
    watching = replace(SEEN, **changed)
    async with (
        serving(settings, None, database, catalogue, lambda *_: None, watching=watching) as port,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"])
async def test_without_a_token_who_comes_through_a_proxy_learns_nothing_but_the_state(header: str) -> None:
    async with watched() as client:
        through = {header: "127.0.0.1"}
        assert 401 == (await client.get("/metrics", headers=through)).status_code
        assert {"ready": True} == (await client.get("/readyz", headers=through)).json()
        assert 200 == (await client.get("/metrics")).status_code


async def test_with_a_public_address_coming_from_this_machine_proves_nothing() -> None:
    async with watched(is_public=True) as client:
        assert 401 == (await client.get("/metrics")).status_code
        assert {"ready": True} == (await client.get("/readyz")).json()


async def test_a_token_opens_the_figures_and_nothing_else_does() -> None:
    async with watched(is_public=True, token="watch me") as client:
        assert 401 == (await client.get("/metrics")).status_code
        wrong = {"Authorization": "Bearer watch you"}
        assert 401 == (await client.get("/metrics", headers=wrong)).status_code
        right = {"Authorization": "Bearer watch me"}
        assert 200 == (await client.get("/metrics", headers=right)).status_code
        assert "checks" in (await client.get("/readyz", headers=right)).json()
    assert "watch me" not in repr(replace(SEEN, token="watch me"))


async def test_run_serves_its_health_without_any_public_address(tmp_path: Any) -> None:
    async with TwitchStandin() as twitch:
        settings = {
            "SECRET_KEY": "a long random text",
            "PORT": "0",
            "TWITCH__API_URL": twitch.api_url,
            "TWITCH__ID_URL": twitch.id_url,
            "TWITCH__BOT_TOKEN": twitch.bot_token,
        }
        program = Program(tmp_path, settings)
        await program.start()
        try:
            await until(lambda: "pages_served" in program.log())
            port = program.log().partition('"port": ')[2].partition(",")[0].rstrip("}\n")
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                assert {"alive": True} == (await client.get("/healthz")).json()
                assert 404 == (await client.get("/c/1")).status_code
        finally:
            assert 0 == await program.end()


async def test_a_wait_counts_in_the_bucket_that_holds_it() -> None:
    tally = Tally()
    for wait_s in (0.1, 0.11, 500.0):
        tally.answered(wait_s)
    assert [1, 1, *[0] * (len(WAITS_S) - 2), 1] == tally.waited
