"""A four-hour live, 1,000,000 messages of 100,000 viewers, replayed fast: what it costs in memory.

    python -m bench.evening [--messages 1000000]

Inbox, dispatcher, store (SQLite) and planner as they run in production, on a simulated clock for what
is said. Memory is the process's resident size, after the first tenth and at the end. The baseline is
what an afternoon's bot keeps so as to answer nobody twice: every message id, and each viewer's last line.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.table import print_table
from bot.bootstrap import batch_work
from bot.budget import Ledger
from bot.dispatch import BATCH, Dispatcher
from bot.inbox import Inbox
from bot.planner import Planner, Utterance
from bot.settings import Settings
from bot.tally import Tally
from bot.upkeep import keep_pauses_short
from domain.answers import Answer
from domain.chat import Message, Viewer
from domain.money import Money
from domain.ports import Capabilities, SendBudget
from domain.show import Discount, Mechanic, OfferKind, Product
from shops.codes import draw_codes
from store.database import Database, open_database

VIEWERS = 100_000
LIVE_S = 4 * 3600
NEEDED_RATIO, NEEDED_MB = 1.2, 250.0
TALK = ("bonsoir", "trop bien", "LUL", "c'est combien la livraison ?", "hello", "😍😍", "j'adore ce casque")
ASKS = ("!code", "!code", "!prix", "!prix xbos", "!stock", "!lien switch", "!aide")
START = datetime(2026, 11, 23, 17, tzinfo=UTC)


def lines(count: int) -> Iterator[Message]:
    """The evening's chat: one line in seven asks something."""
    dice = random.Random(11)
    for number in range(count):
        who = dice.randrange(VIEWERS)
        viewer = Viewer("twitch", str(1_000_000 + who), f"Viewer_{who}", f"viewer_{who}")
        text = dice.choice(ASKS if dice.random() < 1 / 7 else TALK)
        at = START + timedelta(seconds=LIVE_S * number / count)
        yield Message(f"{number:032x}", "twitch:100", viewer, text, at)


def resident_mb() -> float:
    """This process's resident size."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


class Mouth:
    """The planner, speaking on the evening's own clock."""

    def __init__(self) -> None:
        capabilities = Capabilities(500, SendBudget(100, 32.0), can_thread=True)
        self.planner = Planner(capabilities, Ledger(capabilities.budget))
        self.now = 0.0
        self.said = 0

    def hear(self, answer: Answer, _: float) -> None:
        """Take an answer."""
        self.planner.add(answer, self.now, self.now)

    def speak(self, until: float) -> None:
        """Say what may be said up to `until`."""
        while self.now < until:
            decision = self.planner.next(self.now)
            if isinstance(decision, Utterance):
                self.planner.ledger.spend(self.now)
                self.said += 1
            else:
                self.now = min(until, self.now + max(0.05, decision or until))


async def ours(folder: Path, count: int) -> dict[str, float]:
    """Memory and speed of Bateleur."""
    database = _prepared(folder)
    work = batch_work(Settings(_env_file=None), database)
    mouth, tally, inbox = Mouth(), Tally(), Inbox()
    with ThreadPoolExecutor(max_workers=1) as pool:
        dispatcher = Dispatcher(inbox, work, mouth.hear, lambda _, n: mouth.planner.scrolled(n), tally, pool)
        keep_pauses_short()

        async def take(batch: list[Message]) -> None:
            for message in batch:
                inbox.put(message)
            while inbox.waiting():
                await dispatcher.step()
            mouth.speak((batch[-1].sent_at - START).total_seconds())

        found = await _measure(count, take)
    database.close()
    return {**found, "said": mouth.said, "grants": _grants(database), "lost": tally.lost}


async def naive(_: Path, count: int) -> dict[str, float]:
    """Memory of a bot that remembers everything it has seen."""
    seen: set[str] = set()
    last: dict[str, Message] = {}

    async def take(batch: list[Message]) -> None:
        for message in batch:
            if message.id not in seen:
                seen.add(message.id)
                last[message.author.id] = message

    return await _measure(count, take)


async def _measure(count: int, take: Callable[[list[Message]], object]) -> dict[str, float]:
    batch: list[Message] = []
    early = 0.0
    began = time.perf_counter()
    for number, message in enumerate(lines(count), 1):
        batch.append(message)
        if len(batch) == BATCH or number == count:
            await take(batch)  # type: ignore[misc]
            batch = []
            if not early and number >= count // 10:
                early = resident_mb()
    return {"early_mb": early, "end_mb": resident_mb(), "per_second": count / (time.perf_counter() - began)}


def _prepared(folder: Path) -> Database:
    database = open_database(f"sqlite:///{folder / 'evening.db'}")
    database.upgrade()
    products = [
        Product("XSX", "Xbox Series X", Money(49_999, "EUR"), ("xbox",)),
        Product("SW", "Nintendo Switch", Money(31_999, "EUR"), ("switch",)),
    ]
    with database.unit() as unit:
        unit.products.save(products, START)
        live = unit.lives.add("Bench", "fr", "Europe/Paris", ("twitch:100",))
        unit.lives.open(live.id, START)
        unit.segments.put_on_screen(live.id, "XSX", START)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, draw_codes(20_000))
    return database


def _grants(database: Database) -> int:
    with database.unit(read_only=True) as unit:
        return unit.grants.count(1)[0]


def _alone(part: str, count: int) -> dict[str, float]:
    """Run one part in a process of its own, so that neither stands in the other's memory."""
    words = [sys.executable, "-m", "bench.evening", "--part", part, "--messages", str(count)]
    found: dict[str, float] = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    return found


def main() -> int:
    """Run both and print the table; 1 when a needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--part", choices=["ours", "naive"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        with tempfile.TemporaryDirectory(prefix="bateleur-bench-") as folder:
            part = ours if given.part == "ours" else naive
            print(json.dumps(asyncio.run(part(Path(folder), given.messages))))
        return 0
    base, mine = _alone("naive", given.messages), _alone("ours", given.messages)
    ratio = mine["end_mb"] / mine["early_mb"]
    print_table(
        f"evening: {given.messages} messages, {VIEWERS} viewers, {mine['grants']:.0f} grants, "
        f"{mine['said']:.0f} messages said, {mine['lost']:.0f} lost",
        ("", "after a tenth", "at the end", "ratio", "messages/s"),
        [
            _row("remembers everything", base),
            _row("Bateleur", mine),
            ("needed", "", f"{NEEDED_MB:.0f} MB", f"{NEEDED_RATIO}", ""),
        ],
    )
    return int(ratio > NEEDED_RATIO or mine["end_mb"] > NEEDED_MB)


def _row(name: str, found: dict[str, float]) -> tuple[str, ...]:
    early, end = found["early_mb"], found["end_mb"]
    return name, f"{early:.0f} MB", f"{end:.0f} MB", f"{end / early:.2f}", f"{found['per_second']:.0f}"


if __name__ == "__main__":
    raise SystemExit(main())
