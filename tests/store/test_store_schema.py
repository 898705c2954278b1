"""Migrations and opening: from nothing, up, down, older, newer, unreachable."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from domain.errors import ActionRequired
from domain.show import Discount, Mechanic, OfferKind
from store import open_database, schema
from store.tables import Row


def test_an_empty_database_says_how_to_get_tables(empty_url: str) -> None:
    database = open_database(empty_url)
    with pytest.raises(ActionRequired, match="run `bateleur db upgrade`"):
        database.check()
    database.upgrade()
    database.check()
    database.upgrade()
    database.check()
    database.close()


def test_the_migrations_make_exactly_the_tables_of_the_code(database) -> None:
    with database._connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert [] == compare_metadata(context, Row.metadata)


def test_every_named_constraint_of_the_code_is_in_the_database(database) -> None:
    for table in Row.metadata.sorted_tables:
        with database._connect() as connection:
            found = inspect(connection)
            checks = {check["name"] for check in found.get_check_constraints(table.name)}
            indexes = {index["name"] for index in found.get_indexes(table.name)}
            uniques = {unique["name"] for unique in found.get_unique_constraints(table.name)}
        names = {str(c.name) for c in table.constraints if str(c.name)[:2] in ("ck", "uq")}
        assert names | {str(index.name) for index in table.indexes} <= checks | indexes | uniques


def test_the_schema_goes_down_to_nothing_and_up_again(database) -> None:
    with database._connect() as connection:
        schema.downgrade(connection, "base")
    with database._connect() as connection:
        assert ["alembic_version"] == inspect(connection).get_table_names()
    with pytest.raises(ActionRequired, match="run `bateleur db upgrade`"):
        database.check()
    database.upgrade()
    database.check()
    with database.unit() as unit:
        assert [] == unit.lives.list()


NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    with op.batch_alter_table("lives") as lives:
        lives.add_column(sa.Column("note", sa.String(), nullable=False, server_default="none"))


def downgrade():
    with op.batch_alter_table("lives") as lives:
        lives.drop_column("note")
"""


def test_a_newer_schema_is_told(database) -> None:
    with database._connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from_the_future'")
    for verb in (database.check, database.upgrade):
        with pytest.raises(ActionRequired, match="newer Bateleur") as refused:
            verb()
        assert "run `bateleur db upgrade`" in str(refused.value)


def test_an_older_schema_is_told_and_its_rows_survive_the_way_up_and_down(database, tmp_path) -> None:
    config = schema.migration_config()
    head = ScriptDirectory.from_config(config).get_current_head()
    (tmp_path / "next_migration.py").write_text(NEXT_MIGRATION.replace("{head}", str(head)))
    ours = str(Path(schema.__file__).parent / "migrations" / "versions")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{ours}\n{tmp_path}")
    with database.unit() as unit:
        live = unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"])
        unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=5))
    with pytest.raises(ActionRequired, match="older Bateleur; run `bateleur db upgrade`"):
        schema.check(database._connect, database._url, config)
    with database._connect() as connection:
        schema.upgrade(connection, config=config)
        assert "none" == connection.exec_driver_sql("SELECT note FROM lives").scalar_one()
    schema.check(database._connect, database._url, config)
    with database._connect() as connection:
        schema.downgrade(connection, "-1", config=config)
    database.check()
    with database.unit() as unit:
        assert [live] == unit.lives.list()
        assert 1 == len(unit.offers.list(live.id))


def test_several_processes_may_upgrade_at_once(empty_url: str) -> None:
    program = "import sys; from store import open_database; open_database(sys.argv[1]).upgrade()"
    command = [sys.executable, "-c", program, empty_url]
    upgrading = [subprocess.Popen(command, cwd=Path(schema.__file__).parents[1]) for _ in range(3)]
    assert [0, 0, 0] == [process.wait(timeout=60) for process in upgrading]
    database = open_database(empty_url)
    database.check()
    database.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://u:hunter2@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+psycopg2://u:hunter2@h/d",
    ],
)
def test_an_address_that_is_no_database_of_ours_is_one_sentence(url: str) -> None:
    with pytest.raises(ActionRequired) as refused:
        open_database(url)
    assert "hunter2" not in str(refused.value)


def test_opening_opens_nothing(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new.db")
    assert "new.db" in repr(database)
    with pytest.raises(ActionRequired):
        database.check()
    assert [] == os.listdir(tmp_path)


def test_an_unreachable_server_is_one_sentence_without_the_password() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: a connection is refused
        url = f"postgresql://bob:hunter2@127.0.0.1:{taken.getsockname()[1]}/shop?application_name=hunter2"
        database = open_database(url)
        for use in (database.check, database.upgrade, database.unit().__enter__):
            with pytest.raises(ActionRequired, match="cannot be opened") as refused:
                use()
            assert "hunter2" not in str(refused.value) + repr(database)
            assert 1 == len(str(refused.value).splitlines())


def test_a_database_that_does_not_exist_is_named(postgres_server: str) -> None:
    database = open_database(postgres_server.replace("/postgres?", "/nowhere?"))
    with pytest.raises(ActionRequired, match=r"nowhere.*no such database"):
        database.check()


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("These are my notes, and no database at all.\n" * 100)
    for name in ("notes.db", "no/such/folder/new.db"):
        database = open_database(f"sqlite:///{tmp_path}/{name}")
        with pytest.raises(ActionRequired, match="cannot be opened"), database.unit():
            pass


def test_sqlite_commits_are_durable_and_foreign_keys_hold(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new.db")
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with database._connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in pragmas]
    assert ["wal", 2, 1, 10_000] == found
    database.close()
