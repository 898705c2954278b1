"""Reconciling with a shop that has 100,000 orders: what the poll costs in memory.

    python -m bench.reconcile [--orders 100000]

A server in a process of its own speaks just enough of WooCommerce's REST v3; one order in five carries a
viewer's code, one in ten the live's shared one. Ours is the shopkeeper's own poll, by the real adapter, into
SQLite, page by page. The baseline is what one writes first: read all orders, then write them. Memory is the
process's resident size, after a tenth of the orders and at the end.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from bench.evening import resident_mb
from bench.many_orders import PER_SECOND
from bench.process import serving_process
from bench.table import print_table
from bot.bootstrap import open_shopkeeper
from bot.settings import Settings
from bot.shopkeeper import Shopkeeper
from domain.shop import OrderPage
from domain.show import Claim, Discount, Mechanic, OfferKind
from shops.settings import ShopSettings
from store.database import Database, open_database

SHARED_USES = 5_000
NEEDED_RATIO, NEEDED_MB = 1.2, 250.0


def prepare(database: Database, count: int, began: datetime) -> None:
    """A live of the time of the orders; each code of theirs is a viewer's, and the shared one is limited."""
    database.upgrade()
    codes = [f"BENCH{number:06}" for number in range(0, count, 5)]
    claims = [Claim("twitch", code, code, "twitch:1", code) for code in codes]
    with database.unit() as unit:
        live = unit.lives.add("Bench", "fr", "Europe/Paris", ("twitch:1",))
        unit.lives.open(live.id, began - timedelta(hours=1))
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, codes)
        for start in range(0, len(claims), 500):
            unit.grants.grant(offer, claims[start : start + 500], began)
        unit.offers.add(live.id, OfferKind.SHARED, Mechanic.OPEN, Discount(percent=10), quantity=SHARED_USES,
                        shared_code="LIVE20")  # fmt: skip


class Watched:
    """Counts the orders that the adapter gives, and notes the memory on the way."""

    def __init__(self, keeper: Shopkeeper, count: int) -> None:
        self.orders = 0
        self.early_mb = 0.0
        self._tenth = count // 10
        self._since = keeper.shop.orders_since
        keeper.shop.orders_since = self.orders_since  # type: ignore[method-assign]

    def orders_since(self, moment: datetime) -> Iterator[OrderPage]:
        """The adapter's pages."""
        for page in self._since(moment):
            self.orders += len(page.orders)
            if not self.early_mb and self.orders >= self._tenth:
                self.early_mb = resident_mb()
            yield page


def run(part: str, folder: Path, count: int, url: str, began: datetime) -> dict[str, float]:
    """What one part took."""
    own = ShopSettings(kind="woocommerce", url=url, key=SecretStr("ck"), secret=SecretStr("cs"))
    settings = Settings(_env_file=None, secret_key=SecretStr("bench"), shop=own)
    database = open_database(f"sqlite:///{folder / part}.db")
    prepare(database, count, began)
    keeper = open_shopkeeper(settings, database)
    assert keeper is not None, "the bench has a shop"
    watched, started = Watched(keeper, count), time.perf_counter()
    if part == "ours":
        keeper.orders.poll_orders()
    else:
        orders = [order for page in keeper.shop.orders_since(began) for order in page.orders]
        with database.unit() as unit:
            unit.redemptions.record(keeper.shop.kind, orders, datetime.now(UTC), keeper.grace)
    took, end_mb = time.perf_counter() - started, resident_mb()
    with database.unit(read_only=True) as unit:
        verdicts = unit.redemptions.verdicts(1)
    database.close()
    found = {"early_mb": watched.early_mb, "end_mb": end_mb, "orders": watched.orders, "took_s": took}
    return {**found, **{str(verdict): count for verdict, count in verdicts.items()}}


def _alone(part: str, count: int, url: str, began: datetime) -> dict[str, float]:
    """One part in a process of its own, so that neither stands in the other's memory."""
    words = ["--part", part, "--orders", str(count), "--url", url, "--began", began.isoformat()]
    command = [sys.executable, "-m", "bench.reconcile", *words]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def main() -> int:
    """Run both and print the table; 1 when a needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--part", choices=["ours", "naive"], help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--began", type=datetime.fromisoformat, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        with tempfile.TemporaryDirectory(prefix="bateleur-bench-") as name:
            print(json.dumps(run(given.part, Path(name), given.orders, given.url, given.began)))
        return 0
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=given.orders / PER_SECOND)
    with serving_process("bench.many_orders", str(given.orders), began.isoformat()) as (port, _):
        url = f"http://127.0.0.1:{port}"
        base, mine = (_alone(part, given.orders, url, began) for part in ("naive", "ours"))
    ratio = mine["end_mb"] / mine["early_mb"]
    print_table(
        f"reconcile: {given.orders:,} orders, {mine['valid']:,.0f} valid redemptions, "
        f"{mine.get('over_used', 0):,.0f} over-used",
        ("", "orders", "took", "after a tenth", "at the end", "ratio"),
        [
            _row("all read, then written", base),
            _row("Bateleur", mine),
            ("needed", f"{given.orders:,}", "", "", f"{NEEDED_MB:.0f} MB", f"{NEEDED_RATIO}"),
        ],
    )
    is_whole = mine["orders"] == base["orders"] == given.orders
    return int(ratio > NEEDED_RATIO or mine["end_mb"] > NEEDED_MB or not is_whole)


def _row(name: str, found: dict[str, float]) -> tuple[str, ...]:
    early, end = found["early_mb"], found["end_mb"]
    memory = f"{early:.0f} MB", f"{end:.0f} MB", f"{end / early:.2f}"
    return name, f"{found['orders']:,.0f}", f"{found['took_s']:.0f} s", *memory


if __name__ == "__main__":
    raise SystemExit(main())
