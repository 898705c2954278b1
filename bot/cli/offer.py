"""`bateleur offer …`"""

from datetime import timedelta
from typing import Annotated

import typer

from bot.bootstrap import open_shopkeeper
from bot.cli.audited import note
from bot.cli.live import Number, found
from bot.cli.opened import now, opened
from bot.cli.printing import AsJson, Row, show, tell
from bot.cli.shop import GOES_ON, put_in_shop, state_of_new
from bot.settings import Settings
from commands.planning import offer_told
from domain.errors import BateleurError, Refusal
from domain.show import Discount, LiveState, Mechanic, Offer, OfferKind
from shops.codes import draw_codes, spoken_code
from shops.feed.amounts import money
from store.database import Database
from store.unit import UnitOfWork

app = typer.Typer(no_args_is_help=True)


@app.command(epilog="Example:  bateleur offer add 1 --kind unique --percent 20 --count 5000")
def add(
    live: Number,
    kind: Annotated[OfferKind, typer.Option(help="shared: one code for all; unique: one a viewer.")],
    percent: Annotated[int | None, typer.Option(min=1, max=100)] = None,
    amount: Annotated[str | None, typer.Option(help="An amount off, such as «10 EUR».")] = None,
    count: Annotated[
        int | None,
        typer.Option(min=1, help="Codes to draw, or viewers a shared code is for."),
    ] = None,
    code: Annotated[str | None, typer.Option(help="The code of a shared offer.")] = None,
    mechanic: Mechanic = Mechanic.OPEN,
    sku: Annotated[list[str] | None, typer.Option(help="Only these products.")] = None,
    minutes: Annotated[int | None, typer.Option(min=1, help="End it after so many minutes.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add an offer to a live. Unique codes are drawn when --count is given, else imported."""
    discount = _discount(percent, amount)
    shared_code = spoken_code(code) if code else None
    if kind is OfferKind.SHARED and not code:
        raise Refusal("A shared offer needs its code: --code NAME.")
    if kind is OfferKind.UNIQUE and code:
        raise Refusal("A unique offer has one code a viewer: leave --code out.")
    with opened() as (settings, database):
        is_due = bool(settings.shop.kind)
        with database.unit() as unit:
            if found(unit, live).state is LiveState.CLOSED:
                raise Refusal(f"Live {live} is closed: nobody could be granted this offer.")
            _check_skus(unit, sku or [])
            ends = now() + timedelta(minutes=minutes) if minutes else None
            offer = unit.offers.add(
                live,
                kind,
                mechanic,
                discount,
                quantity=count if kind is OfferKind.SHARED else None,  # more codes may be drawn later
                skus=tuple(sku or ()),
                ends_at=ends,
                shared_code=shared_code,
                is_due=is_due and shared_code is not None,
            )
            drawn = draw_codes(count) if kind is OfferKind.UNIQUE and count else []
            if drawn:
                unit.codes.add(offer.id, drawn, state_of_new(settings))
            note(unit, "offer_added", f"offer {offer.id}", {}, offer_told(offer, len(drawn)))
        if is_due:
            _put_in_shop(settings, database, offer, as_json=as_json)
        with database.unit(read_only=True) as unit:
            row = _row(unit, offer)
    tell(row, f"Offer {offer.id} is part of live {live}.", as_json=as_json)


def _put_in_shop(settings: Settings, database: Database, offer: Offer, *, as_json: bool) -> None:
    """Put the offer's codes in the shop. A shared code that does not get there takes its offer back."""
    try:
        else_ = GOES_ON if offer.shared_code is None else "The offer was not added."
        made = put_in_shop(settings, database, offer.id, as_json=as_json, else_=else_)
    except BateleurError:
        if offer.shared_code is not None:
            _take_back(database, offer.id)
        raise
    if offer.shared_code is not None and not made:
        _take_back(database, offer.id)
        raise Refusal(f"The shop did not take {offer.shared_code}; choose another code.")


def _take_back(database: Database, offer_id: int) -> None:
    with database.unit() as unit:
        unit.offers.take_back(offer_id)
        note(unit, "offer_taken_back", f"offer {offer_id}")


@app.command("list", epilog="Example:  bateleur offer list --live 1")
def list_(
    live: Annotated[int | None, typer.Option(help="Only of this live.")] = None, as_json: AsJson = False
) -> None:
    """List offers, with what is left of each."""
    with opened() as (_, database), database.unit() as unit:
        rows = [_row(unit, offer) for offer in unit.offers.list(live)]
    show(
        rows,
        as_json=as_json,
        title="Offers",
        empty="No offer yet: bateleur offer add LIVE --kind unique --percent 20",
    )


@app.command(epilog="Example:  bateleur offer end 1")
def end(
    number: Annotated[int, typer.Argument(metavar="OFFER")],
    kill: Annotated[bool, typer.Option("--kill", help="Its codes stop working in the shop, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """End an offer: nobody is granted it any more. Who has a code may use it until the live is over, unless
    --kill is given."""
    with opened() as (settings, database):
        with database.unit() as unit:
            was = unit.offers.get(number)
            if was is None:
                raise Refusal(f"There is no offer {number}; see `bateleur offer list`.")
            row = _row(unit, unit.offers.kill(number, now()) if kill else unit.offers.end(number, now()))
            ended, subject = was.ended_at is not None, f"offer {number}"
            note(unit, "offer_killed" if kill else "offer_ended", subject, {"ended": ended}, {"ended": True})
        if kill:
            _end_in_shop(settings, database, number)
    and_so = "; its codes are dead." if kill else "."
    tell(row, f"Offer {number} has ended{and_so}", as_json=as_json)


def _end_in_shop(settings: Settings, database: Database, number: int) -> None:
    shopkeeper = open_shopkeeper(settings, database)
    try:
        if shopkeeper is not None:
            shopkeeper.end_codes()
    except BateleurError as error:
        later = "`bateleur run` ends them as soon as it can."
        why = f"Offer {number} has ended, but its codes still work in the shop. {error} {later}"
        raise Refusal(why) from None


def _discount(percent: int | None, amount: str | None) -> Discount:
    if (percent is None) == (amount is None):
        raise Refusal("Give either --percent 20 or --amount '10 EUR'.")
    if amount is None:
        return Discount(percent=percent)
    number, _, currency = amount.strip().partition(" ")
    try:
        return Discount(amount=money(number, currency.strip() or "EUR"))
    except ValueError as error:
        raise Refusal(f"{error}.") from error


def _check_skus(unit: UnitOfWork, skus: list[str]) -> None:
    missing = [sku for sku in skus if unit.products.get(sku) is None]
    if missing:
        raise Refusal(f"No product has the SKU {', '.join(missing)}; see `bateleur products list`.")


def _row(unit: UnitOfWork, offer: Offer) -> Row:
    return {
        "offer": offer.id,
        "live": offer.live_id,
        "kind": offer.kind.value,
        "mechanic": offer.mechanic.value,
        "percent": offer.discount.percent,
        "amount": offer.discount.amount,
        "code": offer.shared_code,
        "skus": list(offer.skus),
        "left": unit.offers.left(offer.id),
        "ended": offer.ended_at is not None,
    }
