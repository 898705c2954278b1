"""The database as the rest of the house sees it: opened by URL, used in units of work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import Fault
from store import schema
from store.engines import BUSY_S, READ_ONLY, make_engine, parse_url, why_unreachable
from store.pseudonyms import Pseudonyms
from store.refusals import in_our_words
from store.seal import Seal
from store.unit import UnitOfWork

T = TypeVar("T")


class Database:
    """One database. Threads may share it; each unit of work belongs to one thread."""

    def __init__(self, url: str, secret_key: str) -> None:
        self._url = parse_url(url)
        self._engine = make_engine(self._url)
        self._seal = Seal(secret_key)
        self._pseudonyms = Pseudonyms(secret_key)
        self._was_reached = False
        # Threads queue here rather than poll for SQLite's lock, which sleeps between its tries.
        self._writer = threading.Lock() if self._url.get_backend_name() == "sqlite" else None

    def __repr__(self) -> str:
        return f"Database({self._url.set(query={}).render_as_string(hide_password=True)})"

    def upgrade(self) -> None:
        """Bring the schema to this version's; several processes may do so at once."""
        schema.refuse_newer(self._connect, self._url)
        with self._connect() as connection:
            schema.upgrade(connection)

    def check(self) -> None:
        """Raise `ActionRequired` unless the schema is exactly this version's."""
        schema.check(self._connect, self._url)

    def close(self) -> None:
        """Let go of every connection. The object may be used again and will reconnect."""
        self._engine.dispose()

    @contextmanager
    def unit(self, *, read_only: bool = False) -> Iterator[UnitOfWork]:
        """One transaction: committed on a clean exit, rolled back on any exception.

        A read-only unit waits for nobody. Raises `Fault` when the engine fails (retryable when
        another try may succeed), `ActionRequired` when it could never be reached.
        """
        with ExitStack() as stack:
            if self._writer is not None and not read_only:
                stack.enter_context(_held(self._writer))
            connection = stack.enter_context(self._connect())
            if read_only:
                connection.execution_options(**{READ_ONLY: True, "postgresql_readonly": True})
            try:
                with connection.begin():
                    yield UnitOfWork(connection, self._seal, self._pseudonyms)
            except DBAPIError as error:
                raise in_our_words(error) from None

    def run(self, work: Callable[[UnitOfWork], T], *, tries: int = 3) -> T:
        """The result of `work` in a unit of its own, begun again after a passing `Fault`."""
        for left in range(tries - 1, -1, -1):
            try:
                with self.unit() as unit:
                    return work(unit)
            except Fault as fault:
                if not fault.is_retryable or left == 0:
                    raise
        raise ValueError("tries must be at least 1")

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        try:
            connection = self._engine.connect()
        except PoolTimeout:
            raise Fault("Every database connection is in use.", is_retryable=True) from None
        except DBAPIError as error:
            if self._was_reached:
                raise Fault("The database does not answer.", is_retryable=True) from None
            raise why_unreachable(self._url, error.orig) from None
        self._was_reached = True
        with connection:
            yield connection


def open_database(url: str, *, secret_key: str = "") -> Database:
    """The database at `url`; nothing is opened until it is used.

    `secret_key` encrypts the tokens kept in it. Raises `ActionRequired` for an address that is no
    SQLite file and no PostgreSQL database.
    """
    return Database(url, secret_key)


@contextmanager
def _held(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(timeout=BUSY_S):
        raise Fault("The database is busy.", is_retryable=True)
    try:
        yield
    finally:
        lock.release()
