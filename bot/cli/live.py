"""`bateleur live …`"""

from typing import Annotated

import typer

from bot.cli.opened import now, opened, until
from bot.cli.printing import AsJson, Row, show, show_one, tell
from commands.texts.catalogue import Catalogue, load_texts
from connectors.registry import PLATFORMS
from domain.errors import Refusal
from domain.plaintext import one_line
from domain.show import Live
from store.unit import UnitOfWork

app = typer.Typer(no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="LIVE", help="The live's number, as `live list` shows it.")]


@app.command("open", epilog="Example:  bateleur live open 'Soirée Xbox' --channel twitch:100 --until 21:30")
def open_(
    title: str,
    channel: Annotated[list[str], typer.Option(help="platform:id, once for each channel.")],
    ends: Annotated[str | None, typer.Option("--until", help="21:30, or an ISO date and time.")] = None,
    language: Annotated[str | None, typer.Option(help="fr or en.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a live and open it at once."""
    with opened() as (settings, database), database.unit() as unit:
        if not one_line(title).strip():
            raise Refusal("A live needs a title: bateleur live open 'Soirée Xbox' --channel twitch:100")
        for name in channel:
            _check_channel(name)
        _check_language(language or settings.locale, load_texts(settings.texts))
        moment = now()
        live = unit.lives.add(
            one_line(title).strip(),
            language or settings.locale,
            settings.timezone,
            tuple(channel),
            starts_at=moment,
            ends_at=until(ends, settings.timezone, start=moment),
        )
        live = unit.lives.open(live.id, moment)
    tell(_row(live), f"Live {live.id} «{live.title}» is open on {', '.join(live.channels)}.", as_json=as_json)


@app.command(epilog="Example:  bateleur live close 1")
def close(number: Number, as_json: AsJson = False) -> None:
    """Close a live: from now on nobody is granted a code."""
    with opened() as (_, database), database.unit() as unit:
        found(unit, number)
        live = unit.lives.close(number, now())
    tell(_row(live), f"Live {live.id} is closed.", as_json=as_json)


@app.command("list", epilog="Example:  bateleur live list")
def list_(as_json: AsJson = False) -> None:
    """List the lives."""
    with opened() as (_, database), database.unit() as unit:
        rows = [_row(live) for live in unit.lives.list()]
    show(
        rows,
        as_json=as_json,
        title="Lives",
        empty="No live yet: bateleur live open TITLE --channel twitch:ID",
    )


@app.command("show", epilog="Example:  bateleur live show 1")
def show_(number: Number, as_json: AsJson = False) -> None:
    """Show a live, with its codes given and still to be delivered."""
    with opened() as (_, database), database.unit() as unit:
        row = _row(found(unit, number))
        granted, owed = unit.grants.count(number)
        row |= {
            "product": unit.segments.on_screen(number),
            "granted": granted,
            "granted_not_yet_delivered": owed,
        }
    show_one(row, as_json=as_json, title=f"Live {number}")


def found(unit: UnitOfWork, number: int) -> Live:
    """The live of that number; raises `Refusal` when there is none."""
    live = unit.lives.get(number)
    if live is None:
        raise Refusal(f"There is no live {number}; see `bateleur live list`.")
    return live


def _check_channel(name: str) -> None:
    platform, _, account = name.partition(":")
    if platform not in PLATFORMS or not account:
        raise Refusal(f"«{name}» is no channel; write platform:id, with one of: {', '.join(PLATFORMS)}.")


def _check_language(language: str, catalogue: Catalogue) -> None:
    if language.partition("-")[0].lower() not in catalogue.texts:
        known = ", ".join(catalogue.texts)
        raise Refusal(f"There are no reply texts in «{language}»; there are: {known}. See BATELEUR_TEXTS.")


def _row(live: Live) -> Row:
    return {
        "live": live.id,
        "title": live.title,
        "state": live.state.value,
        "channels": list(live.channels),
        "opened_at": live.opened_at,
        "ends_at": live.ends_at,
        "closed_at": live.closed_at,
    }
