"""`bateleur viewer …`"""

import json
from typing import Annotated

import typer

from bot.cli.audited import note, who
from bot.cli.opened import now, opened
from bot.cli.printing import AsJson, tell
from bot.keeping import keep_of
from connectors.registry import PLATFORMS
from domain.errors import ActionRequired, Refusal
from domain.privacy import Erased
from store.privacy import erase_viewer, forget_old, held_of_viewer
from store.unit import UnitOfWork

app = typer.Typer(no_args_is_help=True)
Platform = Annotated[str, typer.Argument(help=" or ".join(PLATFORMS))]
Id = Annotated[str, typer.Argument(metavar="ID", help="The platform's id of the viewer, not their name.")]
Named = Annotated[
    list[str] | None,
    typer.Option("--name", help="Another name they are addressed by in the chat, once for each."),
]


@app.command(epilog="Example:  bateleur viewer export twitch 501 > ann.json")
def export(platform: Platform, viewer_id: Id, name: Named = None) -> None:
    """Print everything that is held of one viewer, as JSON; codes are masked."""
    _check(platform)
    with opened() as (_, database):
        held = held_of_viewer(database, platform, viewer_id, name or ())
        if not held:
            raise Refusal(f"Nothing is held of the {platform} viewer {viewer_id}.")
        with database.unit() as unit:
            note(unit, "viewer_exported", _subject(unit, platform, viewer_id))
    typer.echo(json.dumps(held.as_dict(), ensure_ascii=False, indent=2))


@app.command(epilog="Example:  bateleur viewer erase twitch 501 --yes")
def erase(
    platform: Platform,
    viewer_id: Id,
    name: Named = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take one viewer out of everything. Codes, orders and amounts stay, and lead to nobody."""
    _check(platform)
    with opened() as (_, database):
        held = held_of_viewer(database, platform, viewer_id, name or ())
        if not held:
            raise Refusal(f"Nothing is held of the {platform} viewer {viewer_id}.")
        if not yes:
            called = ", ".join(held.names) or "whose name is not known"
            found = f"{len(held.asks)} commands, {len(held.grants)} codes, {len(held.mentions)} mentions"
            typer.confirm(f"Erase {platform}:{viewer_id} ({called}): {found}?", abort=True, err=True)
        done = erase_viewer(database, platform, viewer_id, who(), name or ())
    tell(done.as_dict(), _sentence(done), as_json=as_json)


@app.command(epilog="Example:  bateleur viewer forget")
def forget(as_json: AsJson = False) -> None:
    """Forget what is older than BATELEUR_KEEP_WORDS_DAYS and BATELEUR_KEEP_VIEWERS_DAYS say.

    `bateleur run` does this by itself, four times a day."""
    with opened() as (settings, database):
        done = forget_old(database, keep_of(settings), now())
    said = (
        f"{done.asks} commands and {done.said} messages of ours lost their words, "
        f"{done.viewers} rows their viewer, {done.audited} lines of the audit log a name; "
        f"{done.links} links and {done.memories} memories went."
    )
    tell(dict(done.as_dict()), said, as_json=as_json)


def _subject(unit: UnitOfWork, platform: str, viewer_id: str) -> str:
    """Names the viewer in the audit log for nobody but who has their id; without a secret key, not at all."""
    try:
        return f"viewer {unit.viewers.stand_in(platform, viewer_id)}"
    except ActionRequired:
        return "viewer"


def _check(platform: str) -> None:
    if platform not in PLATFORMS:
        raise Refusal(f"«{platform}» is no platform; there are: {', '.join(PLATFORMS)}.")


def _sentence(done: Erased) -> str:
    said = (
        f"Erased: {done.asks} commands, {done.grants} codes, {done.mentions} mentions, {done.links} links "
        f"and {done.memories} memories lead to nobody any more."
    )
    if not done.open_lives:
        return said
    lives = ", ".join(map(str, done.open_lives))
    return (
        f"{said} Live {lives} is not over: their stand-in stays there until then, so that they have no "
        "second code. Erase once more when it has closed."
    )
