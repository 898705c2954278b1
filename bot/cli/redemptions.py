"""`bateleur redemptions …`"""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer

from bot.bootstrap import pseudonym_of
from bot.cli.audited import note
from bot.cli.live import found
from bot.cli.opened import now, opened
from bot.cli.printing import AsJson, Row, complain, show, tell
from bot.cli.shop import must_open_shop
from domain.redemption import Verdict
from domain.redemption_log import LogFilter, LogRow, MaySee
from domain.shop import OrderState
from shops.feed.redemption_file import read_redemptions
from store.unit import UnitOfWork
from web.redemption_files import write_redemptions

app = typer.Typer(no_args_is_help=True)
OfLive = Annotated[int | None, typer.Option("--live", help="Only of this live.")]
OfChannel = Annotated[str | None, typer.Option("--channel", help="Only of codes given there.")]
OfOffer = Annotated[int | None, typer.Option("--offer", help="Only of this offer.")]
WithVerdict = Annotated[Verdict | None, typer.Option("--verdict", help="Only with this verdict.")]
InState = Annotated[OrderState | None, typer.Option("--state", help="Only of orders in this state.")]
Reveal = Annotated[bool, typer.Option(help="Show whole codes; they are secrets.")]
SHOWN = 20


@app.command(epilog="Example:  bateleur redemptions sync")
def sync(as_json: AsJson = False) -> None:
    """Read the shop's orders since the last look, and write what they say of our codes."""
    with opened() as (settings, database):
        shopkeeper = must_open_shop(settings, database)
        worked = shopkeeper.orders.work_notices()
        orders = shopkeeper.orders.poll_orders()
    done = f"{orders} orders with codes of ours read from the shop."
    tell({"orders": orders, "webhooks": worked}, done, as_json=as_json)


@app.command("import", epilog="Example:  bateleur redemptions import redemptions.csv")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV; see docs/retailer-api.md.")],
    as_json: AsJson = False,
) -> None:
    """Import redemptions from a file of the shop's; given again it changes nothing."""
    with opened() as (settings, database):
        orders, rejected = read_redemptions(file, pseudonym_of(settings))
        shopkeeper = must_open_shop(settings, database)
        with database.unit() as unit:
            ours = unit.redemptions.record(shopkeeper.shop.kind, orders, now(), shopkeeper.grace)
            after = {"orders": len(orders), "ours": ours, "rejected": len(rejected)}
            note(unit, "redemptions_imported", "redemptions", {}, {"file": file.name, **after})
    for line in rejected[:SHOWN]:
        complain(line)
    if len(rejected) > SHOWN:
        complain(f"… and {len(rejected) - SHOWN} more.")
    done = f"{len(orders)} orders read, {ours} with codes of ours; {len(rejected)} lines left out."
    tell({"orders": len(orders), "ours": ours, "rejected": len(rejected)}, done, as_json=as_json)
    if rejected:
        raise typer.Exit(1)


@app.command("list", epilog="Example:  bateleur redemptions list --live 1 --verdict over_used")
def list_(
    live: OfLive = None,
    channel: OfChannel = None,
    offer: OfOffer = None,
    verdict: WithVerdict = None,
    state: InState = None,
    reveal: Reveal = False,
    as_json: AsJson = False,
) -> None:
    """List the orders that used a code, with who was given it and whether all is in order."""
    with opened() as (_, database), database.unit(read_only=True) as unit:
        wanted = _wanted(unit, live, channel, offer, verdict, state)
        rows = [_row(line) for line in unit.redemption_log.rows(wanted, MaySee(codes=reveal))]
    show(rows, as_json=as_json, title="Redemptions", empty="No such order with a code of ours yet.")


@app.command(epilog="Example:  bateleur redemptions export thursday.xlsx --live 1")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="To be written: .csv or .xlsx.")],
    live: OfLive = None,
    channel: OfChannel = None,
    offer: OfOffer = None,
    verdict: WithVerdict = None,
    state: InState = None,
    reveal: Reveal = False,
    as_json: AsJson = False,
) -> None:
    """Write the redemptions to a file for a spreadsheet, codes masked unless --reveal."""
    with opened() as (_, database):
        with database.unit(read_only=True) as unit:
            wanted = _wanted(unit, live, channel, offer, verdict, state)
            count = write_redemptions(file, unit.redemption_log.rows(wanted, MaySee(codes=reveal)))
        narrowed = {"live": live, "channel": channel, "offer": offer, "verdict": verdict, "state": state}
        query = urlencode({name: value for name, value in narrowed.items() if value is not None})
        with database.unit() as unit:
            note(unit, "log_exported", f"log {query}", {}, {"rows": count, "codes": reveal})
    tell(
        {"redemptions": count, "file": str(file)}, f"{count} redemptions written to {file}.", as_json=as_json
    )


def _wanted(
    unit: UnitOfWork,
    live: int | None,
    channel: str | None,
    offer: int | None,
    verdict: Verdict | None,
    state: OrderState | None,
) -> LogFilter:
    if live is not None:
        found(unit, live)
    return LogFilter(live_id=live, channel=channel, offer_id=offer, verdict=verdict, state=state)


def _row(line: LogRow) -> Row:
    one = line.redemption
    return {
        "ordered_at": one.ordered_at,
        "order": one.order_id,
        "code": one.code,
        "offer": line.offer_id,
        "mechanic": line.mechanic.value,
        "viewer": f"{line.platform}:{line.viewer}" if line.viewer else None,
        "channel": line.channel or None,
        "discount": one.discount,
        "total": one.total,
        "refunded": one.refunded,
        "state": one.state.value,
        "verdict": line.verdict.value,
    }
