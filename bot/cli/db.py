"""`bateleur db …`"""

import typer

from bot.settings import load_settings
from store.database import Database, open_database

app = typer.Typer(no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database to this version's tables."""
    database = _database()
    database.upgrade()
    database.close()
    typer.echo("The database is up to date.")


@app.command()
def check() -> None:
    """Say whether the database answers and has this version's tables."""
    database = _database()
    database.check()
    database.close()
    typer.echo("The database answers and is up to date.")


def _database() -> Database:
    settings = load_settings()
    return open_database(settings.database_url, secret_key=settings.secret_key.get_secret_value())
