"""How a connection to SQLite or PostgreSQL is made, so that a commit is a promise on both."""

import sqlite3
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from domain.errors import ActionRequired
from domain.sentences import sentence

BUSY_S = 10
"""Seconds a unit of work waits for another writer before it gives up with a `Fault`."""

READ_ONLY = "bateleur_read_only"


def parse_url(url: str) -> URL:
    """`url` with our driver; raises `ActionRequired` for one that is neither engine's."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ActionRequired(
            "BATELEUR_DATABASE_URL is no URL; write sqlite:///file.db or postgresql+psycopg://…"
        ) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise ActionRequired(
            sentence(
                "Bateleur keeps its data in SQLite or PostgreSQL, not in {engine}.", engine=parsed.drivername
            )
        )
    if parsed.database in (None, "", ":memory:"):
        raise ActionRequired("The database must be a file: what is only in memory is lost with the bot.")
    return parsed


def make_engine(url: URL) -> Engine:
    """An engine that connects on first use. Values never appear in its errors or logs."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_S})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _let_write)
        return engine
    options = f"-c lock_timeout={BUSY_S}s -c synchronous_commit=on -c timezone=UTC"
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 5, "application_name": "bateleur"},
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: see _begin_sqlite
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # in WAL, less than FULL may lose the last commits
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    # A write unit takes the write lock at once: one that reads first and writes later may find
    # that it cannot, and would have to start again.
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _let_write(connection: sqlite3.Connection | None, _record: Any) -> None:
    if connection is not None:  # None: it broke and was thrown away
        connection.execute("PRAGMA query_only = OFF")


def why_unreachable(url: URL, error: BaseException | None) -> ActionRequired:
    """One sentence about a database that does not answer; the password is not in it."""
    where = url.set(query={}).render_as_string(hide_password=True)
    reason: str = sentence("it does not answer")
    if isinstance(error, sqlite3.Error):
        reason = str(error)
    elif isinstance(error, psycopg.Error):
        text = str(error).lower()
        if "password" in text or "authentication" in text:
            reason = sentence("it refuses the user or the password")
        elif "does not exist" in text:
            reason = sentence("there is no such database or user")
    return ActionRequired(
        sentence(
            "The database {where} cannot be opened: {reason}. Check BATELEUR_DATABASE_URL.",
            where=where,
            reason=reason,
        )
    )
