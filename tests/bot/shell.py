"""The command line, typed in an empty folder."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from bot.cli import app
from domain.people import Audited
from store.database import open_database


class Shell:
    """An empty folder with a database of its own, where one types `bateleur …`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/cli.db"

    def __call__(self, *words: str, exit_code: int = 0, piped: str = "") -> str:
        """What is printed on standard output and standard error together; `piped` comes on standard input."""
        result = CliRunner().invoke(app, list(words), env={"COLUMNS": "160"}, input=piped)
        assert exit_code == result.exit_code, result.output
        assert "Traceback" not in result.output
        return result.output

    def json(self, *words: str, piped: str = "") -> Any:
        result = CliRunner().invoke(app, [*words, "--json"], input=piped)
        assert 0 == result.exit_code, result.output
        return json.loads(result.stdout)

    def refused(self, *words: str, piped: str = "") -> str:
        """One sentence, exit code 1."""
        return self(*words, exit_code=1, piped=piped).strip()

    def file(self, text: str, name: str = "file.csv") -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def audited(self) -> list[Audited]:
        """The audit log, the oldest entry first."""
        database = open_database(self.url)
        with database.unit(read_only=True) as unit:
            kept = unit.audit.list()[::-1]
        database.close()
        return kept

    def counts(self) -> list[int]:
        """How many lives, products, offers and codes there are."""
        database = open_database(self.url)
        with database.unit() as unit:
            offers = unit.offers.list()
            codes = sum(len(unit.codes.list(offer.id)) for offer in offers)
            found = [len(unit.lives.list()), len(unit.products.list()), len(offers), codes]
        database.close()
        return found
