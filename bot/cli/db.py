"""`bateleur db …`"""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bot.cli.printing import AsJson, tell
from bot.settings import load_settings
from store.database import Database, open_database

app = typer.Typer(no_args_is_help=True)


@app.command(epilog="Example:  bateleur db upgrade")
def upgrade(as_json: AsJson = False) -> None:
    """Bring the database to this version's tables."""
    with _database() as database:
        database.upgrade()
    tell({"works": True}, "The database is up to date.", as_json=as_json)


@app.command(epilog="Example:  bateleur db check")
def check(as_json: AsJson = False) -> None:
    """Say whether the database answers and has this version's tables."""
    with _database() as database:
        database.check()
    tell({"works": True}, "The database answers and is up to date.", as_json=as_json)


@contextmanager
def _database() -> Iterator[Database]:
    """The database as it is, of whatever version."""
    settings = load_settings()
    database = open_database(settings.database_url, secret_key=settings.secret_key.get_secret_value())
    try:
        yield database
    finally:
        database.close()
