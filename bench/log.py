"""The marketers' log at 1,000,000 redemptions: a filtered page, its totals, and its revenue by channel.

    python -m bench.log [--rows 1000000] [--views 400]

A view is what the console asks for after each click. The baseline is the log written in an afternoon, on the
same data and the same indexes: joins, LIKE '%…%', count(*) and sum() over what is found, LIMIT and OFFSET.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.claims import postgres_server
from bench.log_rows import BEGAN, CHANNELS, OFFERS, PER_LIVE, fill
from bench.table import print_table
from domain.redemption import Verdict
from domain.redemption_log import LogFilter, MaySee, PageWish, Place, ShareBy, SortBy
from domain.shop import OrderState
from domain.show import Mechanic
from store import Database, UnitOfWork, open_database

NEEDED_MS = 300.0
NAMES = ("jeandup", "Martin4", "chloepet", "@ann_live99", "zoeroux")
MAY = MaySee()
FIRST_PAGE = PageWish()


@dataclass(frozen=True, slots=True)
class View:
    """One click: what is wanted, sorted how, and how many pages on."""

    kind: str
    wanted: LogFilter
    wish: PageWish = FIRST_PAGE
    pages_on: int = 0


def views(count: int, rows: int) -> list[View]:
    """What marketers look at, in turns; every kind of filter, and some that are hard on purpose."""
    dice = random.Random(3)
    lives = max(1, rows // PER_LIVE)
    return [_view(number % 20, dice, lives, rows) for number in range(count)]


def _view(kind: int, dice: random.Random, lives: int, rows: int) -> View:
    live, channel, sku = dice.randint(1, lives), dice.choice(CHANNELS), f"SKU{dice.randrange(120)}"
    day = BEGAN.replace(hour=23) + timedelta(days=3 * dice.randint(1, lives) - 1)
    month = LogFilter(since=day, until=day + timedelta(days=30))
    rare = dice.choice([verdict for verdict in Verdict if verdict is not Verdict.VALID])
    by = dice.choice([SortBy.DISCOUNT, SortBy.TOTAL, SortBy.NET])
    money = PageWish(by, is_descending=dice.random() < 0.5)
    far = PageWish(after=Place(day + timedelta(hours=20), 0))
    return [
        View("a live", LogFilter(live_id=live)),
        View("a live, by money", LogFilter(live_id=live), money),
        View("a live and a channel", LogFilter(live_id=live, channel=channel)),
        View("a channel", LogFilter(channel=channel)),
        View("a channel, by money", LogFilter(channel=channel), money),
        View("a product", LogFilter(sku=sku)),
        View("a product and a channel, by money", LogFilter(sku=sku, channel=channel), money),
        View("a rare verdict", LogFilter(verdict=rare)),
        View("a rare verdict, by money", LogFilter(verdict=rare, channel=channel), money),
        View("a day", LogFilter(since=day, until=day + timedelta(days=1))),
        View("a month and a product", LogFilter(sku=sku, since=month.since, until=month.until)),
        View("a month, by money", month, money),
        View("an offer", LogFilter(offer_id=dice.randint(1, lives * OFFERS))),
        View("a mechanic and a state", LogFilter(mechanic=Mechanic.DROP, state=OrderState.REFUNDED)),
        View("valid orders, far on", LogFilter(verdict=Verdict.VALID), far, dice.randint(0, rows // 100)),
        View("an order number", LogFilter(search=str(1_000_000 + dice.randrange(rows)))),
        View(
            "a name",
            LogFilter(search=dice.choice(["jeandup", "Martin4", "chloepet", "@ann_live99", "zoeroux"])),
        ),
        View("a name in a channel", LogFilter(search="mariebl", channel=channel)),
        View("nothing there", LogFilter(live_id=live, sku="SKU-none")),
        View("everything", LogFilter(), PageWish(is_last=dice.random() < 0.3)),
    ][kind]


def ours(unit: UnitOfWork, view: View) -> int:
    """Bateleur's way; how many rows are found in all."""
    page = unit.redemption_log.page(view.wanted, view.wish, MAY)
    unit.redemption_log.shares(view.wanted, ShareBy.CHANNEL)
    return page.totals.rows


def afternoon(unit: UnitOfWork, view: View) -> int:
    """The afternoon's way."""
    where, values = _where(view.wanted)
    tables = "redemptions r JOIN offers o ON o.id = r.offer_id LEFT JOIN grants g ON g.id = r.grant_id"
    found = f"FROM {tables} WHERE {where}"
    order = f"ORDER BY r.{view.wish.by.value} {'DESC' if view.wish.is_descending else 'ASC'}"
    sums = "count(*), count(DISTINCT r.order_id), sum(r.discount), sum(r.total), sum(r.refunded)"

    def ask(statement: str) -> Sequence[Any]:
        return unit._connection.execute(text(statement), values).all()

    ask(f"SELECT r.*, g.viewer_name {found} {order} LIMIT 50 OFFSET {50 * view.pages_on}")
    ask(f"SELECT r.channel, sum(r.net) {found} GROUP BY r.channel")
    return sum(row[1] for row in ask(f"SELECT r.verdict, {sums} {found} GROUP BY r.verdict"))


def _where(wanted: LogFilter) -> tuple[str, dict[str, Any]]:
    parts, values = ["1 = 1"], {}
    for name in ("live_id", "channel", "sku", "offer_id", "verdict", "state"):
        if (value := getattr(wanted, name)) is not None:
            parts.append(f"r.{name} = :{name}")
            values[name] = getattr(value, "value", value)
    if wanted.mechanic:
        parts.append("o.mechanic = :mechanic")
        values["mechanic"] = wanted.mechanic.value
    for name, at, sign in (("since", wanted.since, ">="), ("until", wanted.until, "<")):
        if at is not None:
            parts.append(f"r.ordered_at {sign} :{name}")
            values[name] = at.replace(tzinfo=None).isoformat(" ", "microseconds")
    if wanted.search:
        parts.append("(r.order_id LIKE :search OR lower(g.viewer_name) LIKE :search)")
        values["search"] = f"%{wanted.search.lower().lstrip('@')}%"
    return " AND ".join(parts), values


def timed(
    database: Database, way: Callable[[UnitOfWork, View], int], looked_at: list[View]
) -> list[tuple[float, str]]:
    """Milliseconds of each view, and its kind."""
    took = []
    for view in looked_at:
        began = time.perf_counter()
        with database.unit(read_only=True) as unit:
            way(unit, view)
        took.append(((time.perf_counter() - began) * 1000, view.kind))
    return took


def percentile(took: list[tuple[float, str]], share: float) -> float:
    """Milliseconds within which `share` of the views were there."""
    waits = sorted(wait for wait, _ in took)
    return waits[min(len(waits) - 1, int(len(waits) * share))]


def measure(engine: str, url: str, rows: int, count: int) -> tuple[list[list[str]], float]:
    """The engine's lines of the table, and our 99th percentile."""
    database = open_database(url)
    database.upgrade()
    fill(database, url, rows)
    base = timed(database, afternoon, views(max(20, count // 10), rows))
    timed(database, ours, views(20, rows))  # the first of each kind prepares its statements
    mine = timed(database, ours, views(count, rows))
    database.close()
    worst = max(mine)
    lines = [
        _line(f"{engine}, afternoon log", base, base, "1 ×"),
        _line(f"{engine}, Bateleur", mine, base, f"slowest: {worst[1]}, {worst[0]:,.0f} ms"),
    ]
    return lines, percentile(mine, 0.99)


def _line(name: str, took: list[tuple[float, str]], base: list[tuple[float, str]], remark: str) -> list[str]:
    half, most = percentile(took, 0.5), percentile(took, 0.99)
    faster = f"{percentile(base, 0.99) / most:,.0f} ×"
    return [name, f"{half:,.0f} ms", f"{most:,.0f} ms", faster if took is not base else "1 ×", remark]


def main() -> int:
    """Print the table; 1 when a needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--views", type=int, default=400)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one engine only")
    given = parser.parse_args()
    lines, worst = [], 0.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bateleur-bench-")))
        urls = {}
        if given.only != "postgresql":
            urls["SQLite"] = f"sqlite:///{folder}/log.db"
        if given.only != "sqlite":
            new_database = stack.enter_context(postgres_server(folder / "pg"))
            urls["PostgreSQL"] = new_database("log")
        for engine, url in urls.items():
            found, most = measure(engine, url, given.rows, given.views)
            lines += found
            worst = max(worst, most)
    lines.append(["needed", "", f"{NEEDED_MS:,.0f} ms", "", ""])
    title = f"log: {given.rows:,} redemptions, a filtered page with its totals and its revenue by channel"
    print_table(title, ("", "half within", "99 % within", "faster", ""), lines)
    return int(worst > NEEDED_MS)


if __name__ == "__main__":
    raise SystemExit(main())
