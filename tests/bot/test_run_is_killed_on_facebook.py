"""`bateleur run` killed with SIGKILL between grants and their private replies, and started again."""

import asyncio
import signal
from pathlib import Path

import pytest

from bot.deliveries import AT_ONCE
from domain.show import DeliveryState, DeliveryWay, Grant
from shops.codes import draw_codes
from standins.facebook.server import FacebookStandin
from standins.people import Chatter
from store.database import Database, open_database
from tests.bot.conftest import prepare
from tests.bot.program import Program, until

CROWD = [Chatter(f"50{number}", f"viewer{number}", f"Viewer {number}") for number in range(9)]


def bot(facebook: FacebookStandin, url: str, folder: Path) -> Program:
    """The program on a stand-in Page and a SQLite file."""
    settings = {
        "DATABASE_URL": url,
        "FACEBOOK__PAGE_ID": facebook.page_id,
        "FACEBOOK__PAGE_TOKEN": facebook.page_token,
        "FACEBOOK__APP_SECRET": facebook.app_secret,
        "FACEBOOK__GRAPH_URL": facebook.graph_url,
        "FACEBOOK__POLL_S": "0.2",
    }
    return Program(folder, settings)


def grants(database: Database, offer_id: int) -> list[Grant]:
    with database.unit(read_only=True) as unit:
        return unit.grants.list(offer_id)


@pytest.mark.parametrize("hangs", ["reply_hangs", "reply_hangs_when_taken"])
async def test_killed_between_a_grant_and_its_private_reply_it_loses_and_doubles_nothing(
    tmp_path: Path, hangs: str
) -> None:
    url = f"sqlite:///{tmp_path}/run.db"
    database = open_database(url)
    database.upgrade()
    codes = draw_codes(20)
    _, offer_id = prepare(database, "facebook:1789", codes)
    async with FacebookStandin() as facebook:
        program = bot(facebook, url, tmp_path)
        await program.start()
        await until(lambda: facebook.looks > 1)
        setattr(facebook.faults, hangs, AT_ONCE[DeliveryWay.REPLY])
        comments = {await facebook.chat(who, "!code"): who.id for who in CROWD}
        await until(lambda: len(grants(database, offer_id)) == len(CROWD))
        await until(lambda: getattr(facebook.faults, hangs) == 0)
        taken = AT_ONCE[DeliveryWay.REPLY] if hangs == "reply_hangs_when_taken" else 0
        await until(lambda: len(facebook.private_replies) == taken)
        await program.end(signal.SIGKILL)
        held = {grant.viewer_id: grant.code for grant in grants(database, offer_id)}
        assert not any(grant.delivery is DeliveryState.DELIVERED for grant in grants(database, offer_id))
        sent_before = dict(facebook.private_replies)

        await program.start()
        await until(
            lambda: all(one.delivery is DeliveryState.DELIVERED for one in grants(database, offer_id))
        )
        await asyncio.sleep(0.5)
        assert 0 == await program.end()
        assert held == {grant.viewer_id: grant.code for grant in grants(database, offer_id)}
        assert sent_before.items() <= facebook.private_replies.items()
        assert comments.keys() == facebook.private_replies.keys()
        assert all(held[comments[id]] in text for id, text in facebook.private_replies.items())
        assert {} == dict(facebook.violations)
        assert 0 == facebook.leaks(codes)
        assert not any(code in program.log() for code in codes)
    database.close()
