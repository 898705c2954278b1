"""Facebook's webhook from the stand-in, through the real web server and the running evening, to an answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.evening import Evening
from bot.page_configs import web_config
from bot.pages import serving
from bot.settings import Settings
from bot.tally import Tally
from connectors.facebook.settings import FacebookSettings, Read
from connectors.facebook.webhook import Told, read_notice
from shops.codes import draw_codes
from standins.facebook.server import FacebookStandin
from standins.people import Chatter
from store.database import Database, open_database
from tests.bot.conftest import prepare
from tests.bot.test_run_is_killed import until

ANN, BOB = Chatter("501", "ann", "Ann"), Chatter("502", "bob", "Bob")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/evening.db")
    opened.upgrade()
    yield opened
    opened.close()


@dataclass
class Stage:
    """The evening on the Page, its web server subscribed to the Page's feed."""

    facebook: FacebookStandin
    database: Database
    settings: Settings
    evening: Evening
    offer_id: int

    def take(self, platform: str, notice: bytes) -> None:
        """What the web server calls."""
        self.evening.look_now(platform, notice)

    async def restart(self) -> None:
        """Stop the evening and begin another one, under the same web server."""
        await self.evening.stop()
        self.evening = open_evening(self.settings, self.database, Tally())
        await self.evening.start()

    def holders(self) -> list[str]:
        """Who holds a code."""
        with self.database.unit(read_only=True) as unit:
            return sorted(grant.viewer_name for grant in unit.grants.list(self.offer_id))

    async def grows(self, count: int) -> None:
        """Wait until so many hold a code."""
        await until(lambda: len(self.holders()) == count)

    async def settled(self) -> list[int]:
        """What the notices were answered with, once all is done."""
        await self.facebook.webhook.settle()
        await asyncio.sleep(0.3)
        await until(self.evening.is_idle)
        return self.facebook.webhook.answers


@pytest.fixture
def on_stage(database: Database) -> Any:
    """`async with on_stage() as stage`; looks are so rare that what is heard in a test was told."""

    @asynccontextmanager
    async def opened(**changes: Any) -> AsyncIterator[Stage]:
        async with FacebookStandin(post_id="913") as facebook:
            codes = draw_codes(100)
            _, offer_id = prepare(database, "facebook:1789", codes)
            settings = _settings(facebook, **changes)
            evening = open_evening(settings, database, Tally())
            stage = Stage(facebook, database, settings, evening, offer_id)
            config = web_config(settings)
            assert config is not None
            async with serving(settings, config, database, evening.work.catalogue, stage.take) as port:
                await evening.start()
                assert await facebook.webhook.subscribe(f"http://127.0.0.1:{port}/hooks/facebook", "our-word")
                yield stage
                await stage.evening.stop()
            assert {} == dict(facebook.violations)
            assert 0 == facebook.leaks(codes)

    return opened


def _settings(facebook: FacebookStandin, **changes: Any) -> Settings:
    own = {
        "page_id": facebook.page_id,
        "page_token": SecretStr(facebook.page_token),
        "app_secret": SecretStr(facebook.app_secret),
        "verify_token": SecretStr("our-word"),
        "graph_url": facebook.graph_url,
        "read": Read.WEBHOOK,
        "poll_s": 60.0,
        **changes,
    }
    return Settings(
        _env_file=None,
        public_url="https://live.example",
        secret_key=SecretStr("a long random text"),
        port=0,
        facebook=FacebookSettings(**own),
    )


async def test_a_told_comment_is_answered_without_a_look(on_stage: Any) -> None:
    async with on_stage() as stage:
        await stage.facebook.chat(ANN, "bonsoir")  # shows what the ids of this live's comments look like
        await until(lambda: stage.facebook.looks == 3)
        id = await stage.facebook.chat(BOB, "!code")
        await until(lambda: stage.facebook.private_replies and stage.facebook.said)
        assert [id] == list(stage.facebook.private_replies)
        assert (["Bob"], 3) == (stage.holders(), stage.facebook.looks)
        assert {200} == set(await stage.settled())


async def test_a_notice_that_says_too_little_has_the_comments_looked_at(on_stage: Any) -> None:
    async with on_stage() as stage:
        stage.facebook.faults.hook_is_bare = True
        for who in (ANN, BOB):
            await stage.facebook.chat(who, "!code")
            await asyncio.sleep(0.6)
        await stage.grows(2)
        assert stage.facebook.looks > 3


async def test_a_crowd_told_twice_and_in_the_wrong_order_is_served_once_each(on_stage: Any) -> None:
    async with on_stage() as stage:
        crowd = [Chatter(f"6{number:02}", f"v{number}", f"V{number:02}") for number in range(40)]
        await stage.facebook.chat(ANN, "bonsoir")
        await until(lambda: stage.facebook.looks == 3)
        stage.facebook.faults.hook_is_held, stage.facebook.faults.hook_doubled = True, 40
        for who in crowd:
            await stage.facebook.chat(who, "!code")
        stage.facebook.webhook.release()
        await stage.grows(40)
        stage.facebook.webhook.repeat()
        assert {200} == set(await stage.settled())
        assert [who.name for who in crowd] == stage.holders()
        with stage.database.unit(read_only=True) as unit:
            assert len(unit.grants.list(stage.offer_id)) == len({*stage.holders()})


async def test_a_forged_notice_is_refused_and_its_comment_found_by_the_next_look(on_stage: Any) -> None:
    async with on_stage(poll_s=0.1) as stage:
        stage.facebook.faults.hook_forged = 1
        await stage.facebook.chat(ANN, "!code")
        await stage.grows(1)
        assert 403 == (await stage.settled())[0]
        (body, signature) = stage.facebook.webhook.sent[0]
        invented = body.replace(b"501", b"666").replace(b"913_1", b"913_9")
        async with aiohttp.ClientSession() as session:
            headers = {"X-Hub-Signature-256": signature}
            async with session.post(stage.facebook.webhook.url, data=invented, headers=headers) as answer:
                assert 403 == answer.status
        await stage.settled()
        assert ["Ann"] == stage.holders()


async def test_yesterdays_notice_sent_again_gives_nobody_a_code(on_stage: Any) -> None:
    async with on_stage() as stage:
        await stage.facebook.chat(ANN, "bonsoir")
        await until(lambda: stage.facebook.looks == 3)
        await stage.facebook.chat(BOB, "!code", seconds_ago=3_600)
        assert {200} == set(await stage.settled())
        assert [] == stage.holders()


async def test_notices_sent_again_after_a_restart_give_nobody_a_second_code(on_stage: Any) -> None:
    async with on_stage() as stage:
        for who in (ANN, BOB):
            await stage.facebook.chat(who, "!code")
            await asyncio.sleep(0.6)
        await stage.grows(2)
        await until(lambda: len(stage.facebook.private_replies) == 2)
        await stage.settled()
        said = list(stage.facebook.said)
        await stage.restart()
        stage.facebook.webhook.repeat()
        assert {200} == set(await stage.settled())
        assert (["Ann", "Bob"], said) == (stage.holders(), stage.facebook.said)


async def test_comments_under_other_posts_and_of_other_kinds_are_none_of_the_chat(on_stage: Any) -> None:
    async with on_stage() as stage:
        await stage.facebook.chat(ANN, "bonsoir")
        await until(lambda: stage.facebook.looks == 3)
        stage.facebook.webhook.send({**_value("914_1"), "message": "!code"})
        stage.facebook.webhook.send({"item": "reaction", "verb": "add", "reaction_type": "love"})
        for verb in ("edited", "hide", "unhide"):
            stage.facebook.webhook.send({**_value("913_7"), "verb": verb})
        assert {200} == set(await stage.settled())
        assert ([], 3) == (stage.holders(), stage.facebook.looks)


async def test_a_comment_whose_removal_is_told_first_is_not_answered(on_stage: Any) -> None:
    async with on_stage() as stage:
        await stage.facebook.chat(ANN, "bonsoir")
        await until(lambda: stage.facebook.looks == 3)
        stage.facebook.faults.hook_is_held = True
        gone = await stage.facebook.chat(BOB, "!code")
        await stage.facebook.remove(gone)
        stage.facebook.webhook.release()
        assert {200} == set(await stage.settled())
        assert [] == stage.holders()


async def test_a_webhook_that_stops_is_made_up_for_by_looking(on_stage: Any) -> None:
    async with on_stage(poll_s=0.2) as stage:
        await stage.facebook.chat(ANN, "!code")
        await stage.grows(1)
        stage.facebook.faults.hook_lost = 1_000
        await stage.facebook.chat(BOB, "!code")
        await stage.grows(2)


async def test_a_webhook_that_tells_all_lets_looks_be_rare(on_stage: Any) -> None:
    async with on_stage(poll_s=0.1, status_s=300) as stage:
        for who in (ANN, BOB):
            await stage.facebook.chat(who, "!code")
            await asyncio.sleep(0.6)
        looks = stage.facebook.looks
        await asyncio.sleep(3.0)
        assert stage.facebook.looks - looks <= 5  # at full pace there would be thirty


async def test_the_stand_in_tries_a_notice_again_until_it_is_taken(on_stage: Any) -> None:
    async with on_stage() as stage:
        address, stage.facebook.webhook.url = stage.facebook.webhook.url, "http://127.0.0.1:1/"
        await stage.facebook.chat(ANN, "!code")
        await until(lambda: len(stage.facebook.webhook.answers) == 2)
        stage.facebook.webhook.url = address
        await stage.grows(1)
        answers = await stage.settled()
        assert (0, 200) == (answers[0], answers[-1])
        assert not await stage.facebook.webhook.subscribe(address, "another word")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"entry": 7}',
        b'{"entry": [7, {"changes": [7, {"value": 7}]}]}',
        b'{"entry": [{"changes": [{"field": "live_videos", "value": {"id": "911", "status": "vod"}}]}]}',
    ],
)
def test_a_notice_of_an_odd_form_is_a_reason_to_look(body: bytes) -> None:
    assert Told() == read_notice(body)


def test_a_notice_is_read_the_oldest_first_whatever_its_times_are() -> None:
    values = [{**_value(f"9_{at}"), "created_time": at} for at in (30, 10, 20, 10**30)]
    changes = [{"field": "feed", "value": value} for value in values]
    told = read_notice(json.dumps({"entry": [{"changes": changes}]}).encode())
    assert ["9_10", "9_20", "9_30"] == [comment["id"] for comment in told.comments][:3]
    assert told.is_enough


def _value(id: str) -> dict[str, Any]:
    author = {"id": BOB.id, "name": BOB.name}
    return {"item": "comment", "verb": "add", "comment_id": id, "from": author, "created_time": 1_790_000_000}
