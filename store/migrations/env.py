"""Runs the migrations on the connection, and in the transaction, that `store.schema` brings."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import text
from sqlmodel.sql.sqltypes import AutoString

from store.columns import UtcTime
from store.tables import Row


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration spells out the types that are not SQLAlchemy's, and so never changes with them."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


def run() -> None:
    """Run what Alembic was asked for."""
    connection = context.config.attributes["connection"]
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=is_sqlite,
        render_item=render_item,
    )
    with context.begin_transaction():
        if not is_sqlite:
            # Better to fail than to make a whole live wait behind a table that somebody reads.
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.run_migrations()


run()
