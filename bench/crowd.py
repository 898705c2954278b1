"""Frames on a real EventSub socket to durable unique codes, against the afternoon bot and the ceiling.

    python -m bench.crowd [--viewers 40000] [--baseline-viewers 3000]

All three read the same frames from the same blasting server, which is a process of its own. A code
counts when its grant is committed to SQLite (WAL, synchronous=FULL); the clock starts with the first
frame. The ceiling is twitchio's own client with a handler that only counts.
"""

import argparse
import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.afternoon_bot import AfternoonBot, Counter
from bench.redirect import CHANNEL_ID, blast, blasting, said, settings_for, until
from bench.table import print_table
from bot.bootstrap import open_evening
from bot.tally import Tally
from domain.show import Discount, Mechanic, OfferKind
from shops.codes import draw_codes
from store.database import open_database

TIMES_BASELINE, OF_CEILING = 25.0, 0.4


async def ceiling(url: str, count: int) -> float:
    """Messages a second of a client that only counts."""
    async with Counter() as client:
        running = asyncio.create_task(client.start(with_adapter=False, load_tokens=False, save_tokens=False))
        began = await blast(url, count, "!code")
        await until(lambda: client.heard >= count)
        took = time.time() - began
        await client.close(save_tokens=False)
        running.cancel()
    return count / took


async def afternoon(url: str, folder: Path, count: int) -> tuple[float, float, int]:
    """Codes a second of the afternoon bot, when its last code was durable, and what it said."""
    async with AfternoonBot(folder / "afternoon.db", count) as bot:
        running = asyncio.create_task(bot.start(with_adapter=False, load_tokens=False, save_tokens=False))
        before = said(url)
        began = await blast(url, count, "!code")
        await until(lambda: bot.given >= count)
        took = time.time() - began
        await until(lambda: said(url) - before >= count)
        await bot.close(save_tokens=False)
        running.cancel()
    return count / took, took, said(url) - before


async def ours(url: str, folder: Path, count: int) -> tuple[float, float, int]:
    """Codes a second of Bateleur, when its last code was durable, and what it said."""
    database = open_database(f"sqlite:///{folder / 'ours.db'}")
    database.upgrade()
    with database.unit() as unit:
        live = unit.lives.add("Bench", "fr", "Europe/Paris", (f"twitch:{CHANNEL_ID}",))
        unit.lives.open(live.id, datetime.now(UTC))
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, draw_codes(count))
    evening = open_evening(settings_for(url), database, Tally())
    await evening.start()
    before = said(url)

    def granted() -> int:
        with database.unit(read_only=True) as unit:
            return unit.offers.counts(offer.id).granted

    began = await blast(url, count, "!code")
    while await asyncio.to_thread(granted) < count:
        await asyncio.sleep(0.05)
    took = time.time() - began
    await until(evening.is_idle)
    await evening.stop()
    database.close()
    return count / took, took, said(url) - before


def main() -> int:
    """Run the three one after the other and print the table; 1 when a needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=40_000)
    parser.add_argument("--baseline-viewers", type=int, default=3_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bateleur-bench-") as name, blasting() as url:
        most = asyncio.run(ceiling(url, given.viewers))
        base, base_took, base_said = asyncio.run(afternoon(url, Path(name), given.baseline_viewers))
        mine, mine_took, mine_said = asyncio.run(ours(url, Path(name), given.viewers))
    times, share = mine / base, mine / most
    print_table(
        f"crowd: Bateleur {given.viewers} viewers, the afternoon bot {given.baseline_viewers}",
        ("", "codes/s", "all durable after", "said", "× afternoon bot", "of the ceiling"),
        [
            ("receive-only ceiling", f"{most:.0f}", "", "", "", "1.00"),
            ("afternoon bot", f"{base:.0f}", f"{base_took:.1f} s", f"{base_said}", "1", f"{base / most:.2f}"),
            ("Bateleur", f"{mine:.0f}", f"{mine_took:.1f} s", f"{mine_said}", f"{times:.0f}", f"{share:.2f}"),
            ("needed", "", "", "", f"{TIMES_BASELINE:.0f}", f"{OF_CEILING}"),
        ],
    )  # fmt: skip
    return int(times < TIMES_BASELINE or share < OF_CEILING)


if __name__ == "__main__":
    raise SystemExit(main())
