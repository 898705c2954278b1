"""What the verbs do in the shop, with a progress bar."""

import typer
from rich.console import Console
from rich.progress import Progress

from bot.bootstrap import open_shopkeeper
from bot.settings import Settings
from bot.shopkeeper import Shopkeeper
from domain.errors import ActionRequired, BateleurError, Refusal
from domain.show import CodeState
from store.database import Database

NO_SHOP = "No shop is set up: set BATELEUR_SHOP__KIND and what goes with it; see .env.example."


def must_open_shop(settings: Settings, database: Database) -> Shopkeeper:
    """Who keeps the shop; raises `ActionRequired` when none is set up."""
    shopkeeper = open_shopkeeper(settings, database)
    if shopkeeper is None:
        raise ActionRequired(NO_SHOP)
    return shopkeeper


def state_of_new(settings: Settings) -> CodeState:
    """The state of new codes: those of a shop are still to be put there."""
    return CodeState.DRAWN if settings.shop.kind else CodeState.CREATED


GOES_ON = "`bateleur run` puts the others there by itself, and tries again until it can."


def put_in_shop(
    settings: Settings, database: Database, offer_id: int, *, as_json: bool, else_: str = GOES_ON
) -> int | None:
    """Put an offer's drawn codes in the shop; how many are there now, None without a shop.

    Raises `Refusal` when the shop fails; `else_` says what becomes of the codes that are not there.
    """
    shopkeeper = open_shopkeeper(settings, database)
    if shopkeeper is None:
        return None
    with database.unit(read_only=True) as unit:
        total = len(unit.shop_codes.due(offer_id))
    made, refused = 0, list[str]()
    console = Console(stderr=True)
    is_shown = total > 1 and console.is_terminal and not as_json
    try:
        with Progress(console=console, transient=True, disable=not is_shown) as progress:
            bar = progress.add_task("In the shop", total=total)
            for count, why_not in shopkeeper.make_codes(offer_id):
                made, refused = made + count, refused + why_not
                progress.update(bar, completed=made + len(refused))
    except BateleurError as error:
        raise Refusal(f"{made} of {total} codes are in the shop. {error} {else_}") from None
    if refused:
        typer.echo(f"Not taken by the shop: {len(refused)} of {total}. {refused[0]}", err=True)
    return made
