"""`!prix` at 500 questions a second: from the frame on the socket to the reply ready for the planner.

    python -m bench.price [--seconds 60] [--baseline-seconds 10]

500 products; the questions name one of them, misspelt or not, or none. The baseline is the afternoon
bot: for each question it reads the products and compares them all with rapidfuzz's WRatio.
"""

import argparse
import asyncio
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.afternoon_bot import PriceBot
from bench.redirect import CHANNEL_ID, blast, blasting, settings_for, until
from bench.table import print_table
from bot.bootstrap import open_evening
from bot.tally import Tally
from domain.answers import Answer
from domain.money import Money
from domain.show import Product
from store.database import open_database

PER_SECOND = 500.0
NEEDED_MS = 50.0
FIRST_ID = 1_000_000
MAKERS = ("Sony", "Bose", "Dyson", "Lego", "Apple", "Canon", "Philips", "Garmin", "Nintendo", "Samsung")
THINGS = (
    "casque",
    "aspirateur",
    "console",
    "montre",
    "appareil photo",
    "enceinte",
    "tablette",
    "robot",
    "écran",
    "souris",
)
KINDS = ("Mini", "Pro", "Ultra", "Air", "Max")


def names() -> list[str]:
    """500 products."""
    return [f"{maker} {thing} {kind}" for maker in MAKERS for thing in THINGS for kind in KINDS]


def questions() -> str:
    """What is asked, in turns."""
    dice = random.Random(5)
    asked = ["!prix"]
    for name in dice.sample(names(), 39):
        at = dice.randrange(1, len(name) - 1)
        asked.append(f"!prix {dice.choice([name, name.lower(), name[:at] + name[at + 1 :]])}")
    return "|".join(asked)


class Stopwatch:
    """When each question's reply was ready, by the asker's number."""

    def __init__(self) -> None:
        self.ready_at: dict[int, float] = {}

    def ready(self, viewer_id: str) -> None:
        """A reply is ready."""
        self.ready_at[int(viewer_id) - FIRST_ID] = time.time()

    def percentiles(self, began: float) -> tuple[float, float]:
        """Milliseconds within which half and 99 % of the replies were ready."""
        waits = sorted((at - began - number / PER_SECOND) * 1000 for number, at in self.ready_at.items())
        return waits[len(waits) // 2], waits[int(len(waits) * 0.99)]


async def ours(url: str, folder: Path, count: int) -> tuple[float, float]:
    """Bateleur's percentiles."""
    database = open_database(f"sqlite:///{folder / 'ours.db'}")
    database.upgrade()
    now = datetime.now(UTC)
    products = [Product(f"P{n}", name, Money(49_999, "EUR")) for n, name in enumerate(names())]
    with database.unit() as unit:
        unit.products.save(products, now)
        live = unit.lives.add("Bench", "fr", "Europe/Paris", (f"twitch:{CHANNEL_ID}",))
        unit.lives.open(live.id, now)
        unit.segments.put_on_screen(live.id, "P0", now)
    evening = open_evening(settings_for(url), database, Tally())
    await evening.start()
    watch = Stopwatch()
    speaker = evening.speakers[f"twitch:{CHANNEL_ID}"]
    pass_on = speaker.hear

    def timed(answer: Answer, asked_at: float) -> None:
        watch.ready(answer.message.author.id)
        pass_on(answer, asked_at)

    speaker.hear = timed  # type: ignore[method-assign]
    began = await blast(url, count, questions(), per_second=PER_SECOND)
    await until(lambda: len(watch.ready_at) >= count, 0.05)
    await evening.stop()
    database.close()
    return watch.percentiles(began)


async def afternoon(url: str, folder: Path, count: int) -> tuple[float, float]:
    """The afternoon bot's percentiles."""
    watch = Stopwatch()
    async with PriceBot(folder / "afternoon.db", names(), watch.ready) as bot:
        running = asyncio.create_task(bot.start(with_adapter=False, load_tokens=False, save_tokens=False))
        began = await blast(url, count, questions(), per_second=PER_SECOND)
        await until(lambda: len(watch.ready_at) >= count, 0.05)
        await bot.close(save_tokens=False)
        running.cancel()
    return watch.percentiles(began)


def main() -> int:
    """Run both and print the table; 1 when the needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--baseline-seconds", type=float, default=10.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bateleur-bench-") as name, blasting() as url:
        base = asyncio.run(afternoon(url, Path(name), int(given.baseline_seconds * PER_SECOND)))
        mine = asyncio.run(ours(url, Path(name), int(given.seconds * PER_SECOND)))
    print_table(
        f"price: {PER_SECOND:.0f} questions/s, Bateleur for {given.seconds:.0f} s, "
        f"the afternoon bot for {given.baseline_seconds:.0f} s",
        ("", "half ready within", "99 % ready within", "faster"),
        [
            ("afternoon bot", f"{base[0]:,.0f} ms", f"{base[1]:,.0f} ms", "1 ×"),
            ("Bateleur", f"{mine[0]:.1f} ms", f"{mine[1]:.1f} ms", f"{base[1] / mine[1]:,.0f} ×"),
            ("needed", "", f"{NEEDED_MS:.0f} ms", ""),
        ],
    )
    return int(mine[1] > NEEDED_MS)


if __name__ == "__main__":
    raise SystemExit(main())
