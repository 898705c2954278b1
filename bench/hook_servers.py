"""The servers that `bench.webhooks` sends to: ours as it runs in production, and a naive handler.

python -m bench.hook_servers KIND FOLDER PORT
"""

import argparse
import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr
from sqlmodel import Field, Session, SQLModel, func, select

from bot.bootstrap import open_shopkeeper
from bot.page_configs import web_config
from bot.pages import serving
from bot.settings import Settings
from bot.shopkeeper import Shopkeeper
from bot.upkeep import keep_pauses_short
from commands.texts.catalogue import load_texts
from domain.show import Claim, Discount, Mechanic, OfferKind
from shops.settings import ShopSettings
from store.database import open_database
from store.engines import make_engine, parse_url

SECRET = "wc_bench_secret"  # noqa: S105 - a stand-in's
WORK_S, SUM_S = 1.0, 20.0


class NaiveGrant(SQLModel, table=True):
    """Whose code it is."""

    code: str = Field(primary_key=True)
    viewer_id: str


class NaiveRedemption(SQLModel, table=True):
    """An order's use of a code."""

    order_id: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    viewer_id: str
    total: str
    status: str
    changed_at: str


def codes_of(count: int) -> list[str]:
    """The codes of the run."""
    return [f"BENCH{number:06}" for number in range(count)]


class Ours:
    """Bateleur's own."""

    name = "Bateleur"

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._settings = Settings(
            _env_file=None,
            database_url=f"sqlite:///{folder / 'ours.db'}",
            public_url=f"http://127.0.0.1:{port}",
            port=port,
            secret_key=SecretStr("bench"),
            shop=ShopSettings(
                kind="woocommerce",
                url="http://127.0.0.1:9",  # nobody is asked anything: webhooks of WooCommerce come whole
                key=SecretStr("ck"),
                secret=SecretStr("cs"),
                webhook_secret=SecretStr(SECRET),
            ),
        )
        self._database = open_database(self._settings.database_url)

    def prepare(self, count: int) -> None:
        """An open live; each of its codes is a viewer's."""
        self._database.upgrade()
        now = datetime.now(UTC)
        with self._database.unit() as unit:
            live = unit.lives.add("Bench", "fr", "Europe/Paris", ("twitch:1",))
            unit.lives.open(live.id, now)
            offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
            unit.codes.add(offer.id, codes_of(count))
            claims = [Claim("twitch", str(n), f"viewer_{n}", "twitch:1", f"m{n}") for n in range(count)]
            for start in range(0, count, 500):
                unit.grants.grant(offer, claims[start : start + 500], now)

    async def serve(self) -> None:
        """Serve until killed, and work on what was kept as `bateleur run` does."""
        config, keeper = web_config(self._settings), self._keeper()
        assert config is not None, "the bench sets an address"
        keep_pauses_short()
        pages = serving(self._settings, config, self._database, load_texts(), lambda *_: None, keeper)
        async with pages, asyncio.TaskGroup() as group:
            for work, seconds in ((keeper.orders.work_notices, WORK_S), (keeper.orders.sum_up_log, SUM_S)):
                group.create_task(_every(seconds, work))

    def rows(self) -> int:
        """How many redemptions there are once all that was kept is worked on."""
        keeper = self._keeper()
        while keeper.orders.work_notices():
            pass
        with self._database.unit(read_only=True) as unit:
            return len(unit.redemptions.list())

    def _keeper(self) -> Shopkeeper:
        keeper = open_shopkeeper(self._settings, self._database)
        assert keeper is not None, "the bench has a shop"
        return keeper


async def _every(seconds: float, work: Callable[[], object]) -> None:
    while True:
        await asyncio.to_thread(work)
        await asyncio.sleep(seconds)


class Naive:
    """The naive handler: it looks the grant up, writes the row and commits, then answers. Same server, same
    engine, a commit as durable."""

    name = "naive handler: writes, then answers"

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._port = port
        self._engine = make_engine(parse_url(f"sqlite:///{folder / 'naive.db'}"))

    def prepare(self, count: int) -> None:
        """The same codes."""
        tables = [SQLModel.metadata.tables[name] for name in ("naivegrant", "naiveredemption")]
        SQLModel.metadata.create_all(self._engine, tables=tables)
        with Session(self._engine) as session:
            session.add_all(NaiveGrant(code=code, viewer_id=code) for code in codes_of(count))
            session.commit()

    async def serve(self) -> None:
        """Serve until killed."""
        app = FastAPI()

        @app.post("/hooks/shop")
        async def told(request: Request) -> Response:
            body = await request.body()
            signed = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
            if not hmac.compare_digest(signed, request.headers.get("x-wc-webhook-signature", "")):
                return Response(status_code=403)
            self._write(json.loads(body))
            return Response(status_code=200)

        config = uvicorn.Config(app, port=self._port, access_log=False, log_level="error", lifespan="off")
        await uvicorn.Server(config).serve()

    def rows(self) -> int:
        """How many redemptions there are."""
        with Session(self._engine) as session:
            return session.exec(select(func.count()).select_from(NaiveRedemption)).one()

    def _write(self, order: dict) -> None:
        with Session(self._engine) as session:
            for line in order["coupon_lines"]:
                grant = session.get(NaiveGrant, line["code"].upper())
                row = NaiveRedemption(
                    order_id=str(order["id"]),
                    code=line["code"],
                    viewer_id=grant.viewer_id if grant else "",
                    total=order["total"],
                    status=order["status"],
                    changed_at=order["date_modified_gmt"],
                )
                session.merge(row)
            session.commit()


SERVERS: dict[str, type[Ours] | type[Naive]] = {"ours": Ours, "naive": Naive}


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=SERVERS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    asyncio.run(SERVERS[given.kind](given.folder, given.port).serve())


if __name__ == "__main__":
    main()
