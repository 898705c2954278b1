"""Tables for people, JSON for programs."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Value = str | int | float | bool | None | list[str]


def show(rows: Sequence[dict[str, Value]], *, as_json: bool, title: str, empty: str) -> None:
    """Print rows; `empty` says what to do when there are none."""
    if as_json:
        typer.echo(json.dumps(list(rows), ensure_ascii=False))
        return
    console = Console()
    if not rows:
        console.print(empty, markup=False)
        return
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console.print(table)


def tell(row: dict[str, Value], sentence: str, *, as_json: bool) -> None:
    """Say what was done."""
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
    else:
        typer.echo(sentence)


def complain(sentence: str) -> None:
    """Say on standard error what is wrong and how to mend it."""
    typer.secho(sentence, err=True, fg=typer.colors.RED)


def _cell(value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else " " for character in text).replace("[", "\\[")
