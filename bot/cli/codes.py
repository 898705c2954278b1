"""`bateleur codes …`"""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.audited import note
from bot.cli.live import Number, found
from bot.cli.opened import opened
from bot.cli.printing import AsJson, Row, parts_of, show, tell, work_through
from bot.cli.shop import put_in_shop, state_of_new
from bot.settings import Settings
from domain.errors import Refusal
from domain.redemption_log import masked_code
from domain.show import CodeState, Offer, OfferKind
from shops.codes import code_prefix, draw_codes, read_codes
from store.database import Database
from store.unit import UnitOfWork

app = typer.Typer(no_args_is_help=True)
CodeFile = Annotated[Path, typer.Argument(metavar="FILE", help="UTF-8, one code a line.")]
OfferNumber = Annotated[int | None, typer.Option("--offer", help="Which offer, when the live has several.")]


@app.command("import", epilog="Example:  bateleur codes import 1 codes.csv")
def import_(
    live: Number,
    file: CodeFile,
    offer: OfferNumber = None,
    in_shop: Annotated[
        bool, typer.Option("--in-shop", help="The shop has them already: leave them to it, their end too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import codes, one a line, into the live's unique offer: whole or not at all. Then they are put in the
    shop, if there is one; given the same file again, that goes on where it broke off."""
    codes = read_codes(file)
    with opened() as (settings, database):
        state = CodeState.CREATED if in_shop else state_of_new(settings)
        _take(settings, database, live, offer, codes, state, "codes_imported", as_json=as_json)


@app.command(epilog="Example:  bateleur codes generate 1 --count 500 --prefix NOEL")
def generate(
    live: Number,
    count: Annotated[int, typer.Option(min=1, max=1_000_000)],
    prefix: Annotated[str, typer.Option(help="Put before each code.")] = "",
    offer: OfferNumber = None,
    as_json: AsJson = False,
) -> None:
    """Draw codes nobody can guess (54 bits each) for the live's unique offer, and put them in the shop."""
    codes = draw_codes(count, prefix=code_prefix(prefix))
    with opened() as (settings, database):
        _take(settings, database, live, offer, codes, state_of_new(settings), "codes_drawn", as_json=as_json)


@app.command("list", epilog="Example:  bateleur codes list 1 --reveal --json > codes.json")
def list_(
    live: Number,
    offer: OfferNumber = None,
    reveal: Annotated[bool, typer.Option(help="Show whole codes; they are secrets.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the codes of an offer with their states, masked unless --reveal."""
    with opened() as (_, database), database.unit() as unit:
        target = _unique_offer(unit, live, offer)
        rows = unit.codes.list(target.id)
    show(
        [{"code": code if reveal else masked_code(code), "state": state.value} for code, state in rows],
        as_json=as_json,
        title=f"Codes of offer {target.id}",
        empty=f"No code yet: bateleur codes generate {live} --count 100",
    )


def _take(
    settings: Settings,
    database: Database,
    live: int,
    number: int | None,
    codes: list[str],
    state: CodeState,
    action: str,
    *,
    as_json: bool,
) -> None:
    with database.unit() as unit:
        target = _unique_offer(unit, live, number)
        parts = work_through(parts_of(codes), "Adding codes", as_json=as_json)
        added = sum(unit.codes.add(target.id, part, state) for part in parts)
        note(unit, action, f"offer {target.id}", {}, {"codes": added})
    row: Row = {"offer": target.id, "codes": added}
    there = ""
    if state is CodeState.DRAWN:
        made = put_in_shop(settings, database, target.id, as_json=as_json)
        row["in_shop"], there = made, f" {made} put in the shop."
    deed = "drawn for" if action == "codes_drawn" else "added to"
    tell(row, f"{added} codes {deed} offer {target.id}.{there}", as_json=as_json)


def _unique_offer(unit: UnitOfWork, live: int, number: int | None) -> Offer:
    found(unit, live)
    offers = [offer for offer in unit.offers.list(live) if offer.kind is OfferKind.UNIQUE]
    if not offers:
        raise Refusal(
            f"Live {live} has no unique offer yet: bateleur offer add {live} --kind unique --percent 20"
        )
    if number is None and len(offers) == 1:
        return offers[0]
    numbers = ", ".join(str(offer.id) for offer in offers)
    if number is None:
        raise Refusal(f"Live {live} has the unique offers {numbers}; name one with --offer.")
    for offer in offers:
        if offer.id == number:
            return offer
    raise Refusal(f"Offer {number} is no unique offer of live {live}; there are: {numbers}.")
