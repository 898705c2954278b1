"""Tables for people, JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from commands.money import say_money
from domain.money import Money

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Value = str | int | float | bool | None | list[str] | datetime | Money
Row = dict[str, Value]
Item = TypeVar("Item")


def show(rows: Sequence[Row], *, as_json: bool, title: str, empty: str) -> None:
    """Print rows; `empty` says what to do when there are none."""
    if as_json:
        typer.echo(_json(list(rows)))
        return
    console = Console()
    if not rows:
        console.print(empty, markup=False)
        return
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(_heading(name), overflow="fold")
    for row in rows:
        table.add_row(*(cell(value) for value in row.values()))
    console.print(table)


def show_one(row: Row, *, as_json: bool, title: str) -> None:
    """Print one row, a line for each of its values."""
    if as_json:
        typer.echo(_json(row))
        return
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in row.items():
        table.add_row(_heading(name), cell(value))
    Console().print(table)


def parts_of(items: Sequence[Item], size: int = 2_000) -> list[Sequence[Item]]:
    """`items` in parts of at most `size`, for a progress bar that moves."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def work_through(items: Sequence[Item], what: str, *, as_json: bool) -> Iterator[Item]:
    """`items` one by one, with a progress bar on a terminal when there are many."""
    console = Console(stderr=True)
    is_worth_it = len(items) > 1 and console.is_terminal and not as_json
    yield from track(items, what, console=console, transient=True, disable=not is_worth_it)


def tell(row: Row, sentence: str, *, as_json: bool) -> None:
    """Say what was done."""
    if as_json:
        typer.echo(_json(row))
    else:
        typer.echo(sentence)


def tell_json(value: object) -> None:
    """Print what is for programs."""
    typer.echo(_json(value))


def complain(sentence: str) -> None:
    """Say on standard error what is wrong and how to mend it."""
    typer.secho(sentence, err=True, fg=typer.colors.RED)


def _json(value: object) -> str:
    """Times as ISO 8601 with their zone, money as minor units and currency."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Money):
        return {"amount": value.amount, "currency": value.currency}
    raise TypeError(type(value).__name__)


def _heading(name: str) -> str:
    return name.replace("_", " ")


def cell(value: Value) -> str:
    """A value as a table of the terminal shows it, without control characters and marks of its own."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M}"
    if isinstance(value, Money):
        return say_money(value, "en")
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else " " for character in text).replace("[", "\\[")
