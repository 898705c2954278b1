"""Which schema the database has, and how it gets this version's."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from domain.errors import ActionRequired, Fault
from store.refusals import in_our_words

Connect = Callable[[], AbstractContextManager[Connection]]

_UPGRADE_LOCK = 0x6261_7465  # "bate": any number nobody else takes as an advisory lock


def migration_config() -> Config:
    """Alembic's configuration; the scripts are found wherever the package is installed."""
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    # A migration is named by the date and the deed.
    config.set_main_option(
        "file_template", "%%(year)d-%%(month).2d-%%(day).2d-%%(hour).2d%%(minute).2d_%%(slug)s"
    )
    config.set_main_option("timezone", "UTC")
    return config


def check(connect: Connect, url: URL, config: Config | None = None) -> None:
    """Raise `ActionRequired` with the way out unless the database has exactly our schema."""
    scripts = ScriptDirectory.from_config(config or migration_config())
    found = _revision(connect, url)
    if found is None:
        raise ActionRequired("The database has no tables yet; run `bateleur db upgrade`.")
    if not _is_known(found, scripts):
        raise _newer()
    if found != scripts.get_current_head():
        raise ActionRequired("The database is of an older Bateleur; run `bateleur db upgrade`.")


def refuse_newer(connect: Connect, url: URL) -> None:
    """Raise `ActionRequired` for a schema that this version does not know."""
    found = _revision(connect, url)
    if found is not None and not _is_known(found, ScriptDirectory.from_config(migration_config())):
        raise _newer()


def upgrade(connection: Connection, revision: str = "head", *, config: Config | None = None) -> None:
    """Run the migrations up to `revision` in one transaction."""
    _migrate(connection, config or migration_config(), lambda known: command.upgrade(known, revision))


def downgrade(connection: Connection, revision: str, *, config: Config | None = None) -> None:
    """Run the migrations down to `revision` in one transaction."""
    _migrate(connection, config or migration_config(), lambda known: command.downgrade(known, revision))


def _migrate(connection: Connection, config: Config, work: Callable[[Config], None]) -> None:
    config.attributes["connection"] = connection
    is_sqlite = connection.dialect.name == "sqlite"
    try:
        if is_sqlite:
            _set_foreign_keys(connection, "OFF")
        with connection.begin():
            if not is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
            work(config)
            if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise Fault("The migration would leave rows that point nowhere.", is_retryable=False)
    except DBAPIError as error:
        raise in_our_words(error) from None
    finally:
        if is_sqlite:
            _set_foreign_keys(connection, "ON")


def _set_foreign_keys(connection: Connection, setting: str) -> None:
    # Batch mode rebuilds a table by dropping it, which must not take its children along; SQLite
    # ignores this pragma inside a transaction, hence the cursor of the driver's own.
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys = {setting}")


def _revision(connect: Connect, url: URL) -> str | None:
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return None
    try:
        with connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise in_our_words(error) from None


def _is_known(revision: str, scripts: ScriptDirectory) -> bool:
    return revision in {script.revision for script in scripts.walk_revisions()}


def _newer() -> ActionRequired:
    return ActionRequired(
        "The database is of a newer Bateleur than this one; install that version, "
        "then run `bateleur db upgrade`."
    )
