"""PostgreSQL belongs to several machines: its tables change only when somebody says so."""

from pathlib import Path

import pytest

from tests.bot.shell import Shell


@pytest.mark.parametrize("engine_name", ["postgres"])
def test_a_postgres_database_gets_its_tables_by_db_upgrade_alone(
    tmp_path: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BATELEUR_DATABASE_URL", empty_url)
    bateleur = Shell(tmp_path)
    for verb in (("live", "list"), ("db", "check"), ("run",)):
        assert "bateleur db upgrade" in bateleur.refused(*verb)
    bateleur("db", "upgrade")
    assert {"works": True} == bateleur.json("db", "check")
    assert 1 == bateleur.json("live", "open", "Soirée", "--channel", "twitch:100")["live"]
    assert "already has an open live" in bateleur.refused("live", "open", "X", "--channel", "twitch:100")
    assert 1 == len(bateleur.json("live", "list"))
