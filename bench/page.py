"""The claim page of a signed-in viewer who holds a code: requests a second of one process on one core.

    python -m bench.page [--seconds 8]

Real uvicorn, real SQLite, a session cookie as a browser has it, eight connections kept alive. The server
is pinned to one core, the clients to another. The baseline is the same server answering two words.
"""

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bench.table import print_table
from bot.page_configs import web_config
from bot.pages import serving
from bot.settings import Settings
from commands.texts.catalogue import load_texts
from domain.show import Claim, Discount, Mechanic, OfferKind
from store.database import Database, open_database
from web.links import ClaimLinks

NEEDED = 1_000
CONNECTIONS = 8
VIEWER = "501"


def settings_at(folder: Path, port: int) -> Settings:
    """The bench's installation."""
    return Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder / 'page.db'}",
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        secret_key=SecretStr("bench"),
        shop_link="https://shop.example/?coupon={code}",
    )


def prepare(database: Database) -> None:
    """An open live with a code for the viewer."""
    database.upgrade()
    now = datetime.now(UTC)
    with database.unit() as unit:
        ends_at = now + timedelta(hours=1)
        live = unit.lives.add("Bench", "fr", "Europe/Paris", ("facebook:1",), ends_at=ends_at)
        unit.lives.open(live.id, now)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, ["BENCHCODE"])
        unit.grants.grant(offer, [Claim("facebook", VIEWER, "Ann", "facebook:1", "m1")], now)


async def serve(folder: Path, port: int) -> None:
    """Serve until killed."""
    settings = settings_at(folder, port)
    database = open_database(settings.database_url)
    config = web_config(settings)
    assert config is not None, "the bench sets an address"
    async with serving(settings, config, database, load_texts(), lambda *_: None):
        await asyncio.Event().wait()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server in a process of its own, on the first core."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "bench.page", "--serve", str(folder), "--port", str(port)]
    process = subprocess.Popen(words)
    os.sched_setaffinity(process.pid, {0})
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def rate(url: str, cookies: dict[str, str], seconds: float, shown: str) -> float:
    """Requests a second that `CONNECTIONS` clients get answered, each answer looked at."""
    done = 0
    ends_at = time.perf_counter() + seconds

    async def ask(session: aiohttp.ClientSession) -> None:
        nonlocal done
        while time.perf_counter() < ends_at:
            async with session.get(url) as answer:
                assert shown in await answer.text(), "the page does not show what it should"
            done += 1

    async with contextlib.AsyncExitStack() as stack:
        opened = (aiohttp.ClientSession(cookies=cookies) for _ in range(CONNECTIONS))
        sessions = [await stack.enter_async_context(session) for session in opened]
        await asyncio.gather(*map(ask, sessions))
    return done / seconds


async def measure(url: str, folder: Path, seconds: float) -> tuple[float, float]:
    """The baseline's rate and the page's."""
    config = web_config(settings_at(folder, int(url.rpartition(":")[2])))
    assert config is not None, "the bench sets an address"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.post(ClaimLinks(config).personal(1, "facebook", VIEWER)) as answer:
                    assert "BENCHCODE" in await answer.text(), "the viewer's code is on the page"
                break
            await asyncio.sleep(0.05)
        cookies = {cookie.key: cookie.value for cookie in session.cookie_jar}
    least = await rate(f"{url}/nothing", {}, seconds, "Not Found")
    return least, await rate(f"{url}/c/1", cookies, seconds, "BENCHCODE")


def main() -> int:
    """Print the table; 1 when the needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve, given.port))
        return 0
    with tempfile.TemporaryDirectory(prefix="bateleur-bench-") as name:
        database = open_database(settings_at(Path(name), 0).database_url)
        prepare(database)
        database.close()
        with served(Path(name)) as url:
            least, page = asyncio.run(measure(url, Path(name), given.seconds))
    print_table(
        f"page: one process on one core, {CONNECTIONS} connections",
        ("", "requests/s", "of the baseline"),
        [
            ("the server, saying «Not Found»", f"{least:,.0f}", "1.00"),
            ("Bateleur, a viewer's code", f"{page:,.0f}", f"{page / least:.2f}"),
            ("needed", f"{NEEDED:,}", ""),
        ],
    )
    return int(page < NEEDED)


if __name__ == "__main__":
    raise SystemExit(main())
