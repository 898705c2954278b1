"""The log that the bench reads: lives of 5,000 orders, written past the store, then summed up by it."""

import random
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from domain.beginnings import beginnings
from domain.redemption_log import hour_of
from store import Database
from store.hour_sums import sum_up_hours

BEGAN = datetime(2024, 1, 4, 18, tzinfo=UTC)
"""The first live, on a Thursday; one every third day from then on."""
PER_LIVE = 5_000
OFFERS = 5
CHANNELS = ("twitch:100", "youtube:UCabcdefghijklmn", "facebook:1789", "site:fr")
FIRST = ("jean", "marie", "paul", "Luc", "chloe", "Ann", "omar", "Zoe", "nina", "hugo", "lea", "tom")
LAST = ("dupont", "Martin", "petit", "Durand", "moreau", "garcia", "roux", "blanc", "faure", "_live")
VERDICTS = ("valid",) * 94 + ("after_the_live", "after_the_live", "over_used", "never_granted") + (
    "other_customer",
) * 2  # fmt: skip
STATES = ("placed",) * 90 + ("cancelled",) * 4 + ("refunded",) * 6
TABLES = {
    "lives": "id, title, language, timezone, state",
    "offers": "id, live_id, kind, mechanic, percent, skus, is_due, shared_code",
    "grants": "id, offer_id, platform, viewer_id, viewer_name, channel, message_id, granted_at, delivery",
    "redemptions": "id, shop, order_id, code, offer_id, grant_id, discount, total, refunded, currency, "
    "ordered_at, version, state, verdict, customer, seen_at, live_id, channel, sku, net, hour, is_alone",
    "redemption_words": "word, redemption_id, is_viewer",
}
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Use:
    """One redemption to be."""

    id: int
    live_id: int
    offer_id: int
    channel: str
    sku: str
    name: str
    order: str
    is_alone: bool
    at: datetime
    state: str
    verdict: str
    total: int


def uses(count: int) -> Iterator[Use]:
    """`count` redemptions; one order in fifty has two codes, so that two rows are of it."""
    dice = random.Random(5)
    for number in range(count):
        live = number // PER_LIVE + 1
        place = number % PER_LIVE
        minute = dice.betavariate(2, 3) * 240
        is_pair = place % 100 in (98, 99)
        yield Use(
            id=number + 1,
            live_id=live,
            offer_id=(live - 1) * OFFERS + dice.randrange(OFFERS) + 1,
            channel=dice.choice(CHANNELS),
            sku=f"SKU{(live * 7 + int(minute // 12)) % 120}",
            name=f"{dice.choice(FIRST)}{dice.choice(LAST)}{dice.randrange(100_000)}",
            order=str(1_000_000 + number - (place % 100 == 99)),
            is_alone=not is_pair,
            at=BEGAN + timedelta(days=3 * live, minutes=minute, microseconds=number),
            state=dice.choice(STATES),
            verdict=dice.choice(VERDICTS),
            total=dice.randrange(990, 60_000),
        )


def tables(count: int) -> Iterator[tuple[str, Rows]]:
    """Every table's rows, in an order that foreign keys allow."""
    lives = -(-count // PER_LIVE)
    yield "lives", ((id, f"Live {id}", "fr", "Europe/Paris", "closed") for id in range(1, lives + 1))
    yield "offers", _offers(lives)
    yield "grants", _grants(count)
    yield "redemptions", _redemptions(count)
    yield "redemption_words", _words(count)


def _offers(lives: int) -> Rows:
    for live in range(1, lives + 1):
        for place in range(OFFERS):
            mechanic = ("open", "open", "open", "drop", "hand")[place]
            yield (live - 1) * OFFERS + place + 1, live, "unique", mechanic, 20, "[]", False, None


def _grants(count: int) -> Rows:
    for one in uses(count):
        platform = one.channel.partition(":")[0]
        given = one.at - timedelta(minutes=4)
        viewer = (platform, str(one.id), one.name, one.channel, f"m{one.id}", given, "delivered")
        yield one.id, one.offer_id, *viewer


def _redemptions(count: int) -> Rows:
    for one in uses(count):
        refunded = one.total if one.state == "refunded" else 0
        net = 0 if one.state == "cancelled" else one.total - refunded
        its = ("woocommerce", one.order, f"CODE{one.id:010}", one.offer_id, one.id)
        money = (one.total // 5, one.total, refunded, "EUR")
        told = (one.at, 1, one.state, one.verdict, None, one.at)
        yield (
            one.id,
            *its,
            *money,
            *told,
            one.live_id,
            one.channel,
            one.sku,
            net,
            hour_of(one.at),
            one.is_alone,
        )


def _words(count: int) -> Rows:
    for one in uses(count):
        for word in dict.fromkeys([*beginnings(one.order), *beginnings(one.name)]):
            yield word.encode(), one.id, not word.startswith(one.order)


def fill(database: Database, url: str, count: int) -> None:
    """Write the log and sum it up; the statistics are as a running database has them."""
    (_fill_sqlite if url.startswith("sqlite") else _fill_postgres)(url, count)
    sum_up_hours(database)
    if not url.startswith("sqlite"):
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


def _fill_sqlite(url: str, count: int) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN")
    for table, rows in tables(count):
        columns = TABLES[table]
        marks = ", ".join("?" * len(columns.split(",")))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", map(_for_sqlite, rows))  # noqa: S608
    connection.execute("INSERT INTO stale_hours (hour) SELECT DISTINCT hour FROM redemptions")
    connection.execute("COMMIT")
    connection.close()


def _fill_postgres(url: str, count: int) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        for table, rows in tables(count):
            with cursor.copy(f"COPY {table} ({TABLES[table]}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
        cursor.execute("INSERT INTO stale_hours (hour) SELECT DISTINCT hour FROM redemptions")


def _for_sqlite(row: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(
        cell.replace(tzinfo=None).isoformat(" ", "microseconds") if isinstance(cell, datetime) else cell
        for cell in row
    )
