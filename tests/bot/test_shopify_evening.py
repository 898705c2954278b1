"""A live whose shop is Shopify, as real processes: doctor, a pool of codes killed at 37 %, and its end."""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.show import CodeState
from standins.shop.model import NotAccepted
from standins.shopify.server import ShopifyStandin
from standins.twitch.server import TwitchStandin
from store.database import Database, open_database
from tests.bot.program import Program, until
from tests.bot.test_platform_verbs import doctor
from tests.shops.rigs_shopify import a_shop

POOL = 2_000


def settings_for(shop: ShopifyStandin) -> dict[str, str]:
    """What the retailer sets for the shop."""
    app = shop.app_in_shop
    own = {"KIND": "shopify", "URL": shop.url, "KEY": app.client_id, "SECRET": app.client_secret}
    return {f"SHOP__{name}": value for name, value in own.items()}


def database_in(folder: Path) -> Database:
    """The program's, with its tables."""
    database = open_database(f"sqlite:///{folder}/b.db")
    database.upgrade()
    return database


def codes_of(database: Database) -> list[tuple[str, CodeState]]:
    with database.unit(read_only=True) as unit:
        return unit.codes.list(1)


async def test_doctor_tells_of_the_shop_and_of_what_its_app_lacks(tmp_path: Path) -> None:
    async with TwitchStandin() as twitch, a_shop() as shop:
        own = settings_for(shop)
        database_in(tmp_path).close()
        parts = await doctor(tmp_path, twitch, **own)
        assert "La Boutique" in parts["shop, shopify"]["what"]
        assert "at most 15 minutes" in parts["codes in the shop"]["what"]
        shop.app_in_shop.scopes = ("read_products",)
        lacking = (await doctor(tmp_path, twitch, **own))["shop"]
        assert lacking["works"] is False
        assert "read_orders, write_discounts" in lacking["what"]
        assert shop.app_in_shop.client_secret not in json.dumps(parts)


async def test_a_pool_killed_at_37_percent_is_made_whole_and_no_code_twice(tmp_path: Path) -> None:
    async with TwitchStandin(channels={"100": "shop"}) as twitch, a_shop() as shop:
        shop.jobs.takes_s = 0.1
        database = database_in(tmp_path)
        with database.unit() as unit:
            live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:100",)).id
            unit.lives.open(live, datetime.now(UTC))
        bot = Program(
            tmp_path,
            {
                "DATABASE_URL": f"sqlite:///{tmp_path}/b.db",
                "TWITCH__API_URL": twitch.api_url,
                "TWITCH__ID_URL": twitch.id_url,
                "TWITCH__EVENTSUB_URL": twitch.eventsub_url,
                "TWITCH__BOT_TOKEN": twitch.bot_token,
                **settings_for(shop),
            },
        )
        await killed_at(bot, shop, POOL * 37 // 100)
        made = [state for _, state in codes_of(database)].count(CodeState.CREATED)
        assert 0 < made < POOL

        await bot.start()
        await until(lambda: len(shop.model.coupons) == POOL)
        await until(lambda: {CodeState.CREATED} == {state for _, state in codes_of(database)})
        in_shop = sorted(coupon.code for coupon in shop.model.coupons.values())
        assert sorted(code for code, _ in codes_of(database)) == in_shop
        assert (1, 1) == (len(shop.discounts.known), shop.asked.count("Create"))
        assert shop.asked.count("Add") <= POOL // 250 + 4 + 1

        with database.unit() as unit:
            unit.lives.close(live, datetime.now(UTC) - timedelta(hours=1))
        await until(lambda: all(one.is_off for one in shop.discounts.known.values()))
        await until(lambda: {CodeState.DEAD} == {state for _, state in codes_of(database)})
        with pytest.raises(NotAccepted, match=r"off|expired"):
            shop.model.check_out([in_shop[0]])
        assert 0 == await bot.end()
        assert {} == dict(shop.violations)
        assert not any(code in bot.log() for code in in_shop[::50])
        database.close()


async def killed_at(bot: Program, shop: ShopifyStandin, codes: int) -> None:
    """`bateleur offer add`, killed when the shop has so many codes."""
    words = ("offer", "add", "1", "--kind", "unique", "--percent", "20", "--count", str(POOL))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=bot.folder, env=bot.environment
    )
    await until(lambda: len(shop.model.coupons) >= codes)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert len(shop.model.coupons) < POOL
