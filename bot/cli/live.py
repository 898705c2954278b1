"""`bateleur live …`"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from bot.cli.audited import note
from bot.cli.opened import checked_zone, now, opened, until
from bot.cli.printing import AsJson, Row, show, show_one, tell
from bot.page_configs import web_config
from bot.settings import Settings
from commands.money import say_date
from commands.planning import change_live, plan_live, plan_told, planned_live
from commands.texts.catalogue import load_texts
from connectors.registry import PLATFORMS
from domain.errors import Refusal
from domain.plaintext import one_line
from domain.plan_rules import Plan, changed
from domain.show import Grant, Live, LiveState
from store.unit import UnitOfWork
from web.console.texts import say
from web.links import ClaimLinks

app = typer.Typer(no_args_is_help=True)
NONE = "none"
Until = Annotated[str | None, typer.Option("--until", help="21:30, or an ISO date and time.")]
Language = Annotated[str | None, typer.Option(help="fr or en.")]
Number = Annotated[int, typer.Argument(metavar="LIVE", help="The live's number, as `live list` shows it.")]


@app.command(
    epilog="Example:  bateleur live plan 'Soirée Xbox' --channel twitch:100 --starts 2026-12-03T20:00"
)
def plan(
    title: str,
    channel: Annotated[list[str], typer.Option(help="platform:id, once for each channel.")],
    starts: Annotated[str, typer.Option(help="20:30 (the next one), or an ISO date and time.")],
    ends: Until = None,
    product: Annotated[
        list[str] | None, typer.Option(help="A SKU, once for each product, in the order of the show.")
    ] = None,
    language: Language = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Paris.")] = None,
    as_json: AsJson = False,
) -> None:
    """Plan a live. Offers and codes can be added to it at once; `live open LIVE` or !live on opens it."""
    with opened() as (settings, database), database.unit() as unit:
        zone = timezone or settings.timezone
        starts_at = until(starts, checked_zone(zone), start=now())
        plan = Plan(
            title, language or settings.locale, zone, tuple(channel), starts_at,
            until(ends, zone, start=starts_at or now(), is_plan=True), tuple(product or ()),
        )  # fmt: skip
        live = _planned(unit, plan, settings)
        note(unit, "live_planned", f"live {live.id}", {}, plan_told(plan))
    begins = say_date(live.starts_at, live.timezone, "en") if live.starts_at else "an open date"
    told = f"Live {live.id} «{live.title}» is planned for {begins} on {', '.join(live.channels)}."
    tell(_row(live), told, as_json=as_json)


@app.command("open", epilog="Example:  bateleur live open 'Soirée Xbox' --channel twitch:100 --until 21:30")
def open_(
    title: Annotated[str, typer.Argument(help="The title of a new live, or the number of a planned one.")],
    channel: Annotated[
        list[str] | None, typer.Option(help="platform:id of a new live, once for each channel.")
    ] = None,
    ends: Until = None,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """Make a live and open it at once, or open a planned one: bateleur live open 3"""
    with opened() as (settings, database), database.unit() as unit:
        moment = now()
        if channel:
            plan = Plan(
                title, language or settings.locale, settings.timezone, tuple(channel), moment,
                until(ends, settings.timezone, start=moment),
            )  # fmt: skip
            live = unit.lives.open(_planned(unit, plan, settings).id, moment)
            note(unit, "live_opened", f"live {live.id}", {}, plan_told(plan))
        else:
            live = _open_planned(unit, title, moment)
            note(unit, "live_opened", f"live {live.id}")
    tell(_row(live), f"Live {live.id} «{live.title}» is open on {', '.join(live.channels)}.", as_json=as_json)


@app.command(epilog="Example:  bateleur live edit 1 --until 22:00 --product XSX --product PS5")
def edit(
    number: Number,
    title: Annotated[str | None, typer.Option(help="Another title.")] = None,
    channel: Annotated[
        list[str] | None, typer.Option(help="platform:id, once for each; instead of those it has.")
    ] = None,
    starts: Annotated[str | None, typer.Option(help="20:30 (the next one), or an ISO date and time.")] = None,
    ends: Annotated[
        str | None, typer.Option("--until", help="21:30, an ISO date and time, or «none».")
    ] = None,
    product: Annotated[
        list[str] | None,
        typer.Option(
            help="A SKU, once for each, in the order of the show, instead of those it has; or «none»."
        ),
    ] = None,
    language: Language = None,
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Paris.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change the plan of a live; what is left out stays. Of an open live only the end and the products can be
    changed."""
    with opened() as (settings, database), database.unit() as unit:
        seen, moment = planned_live(unit, found(unit, number)), now()
        zone = seen.plan.timezone if timezone is None else checked_zone(timezone)
        plan = replace(
            seen.plan,
            title=seen.plan.title if title is None else title,
            channels=seen.plan.channels if channel is None else tuple(channel),
            starts_at=seen.plan.starts_at if starts is None else until(starts, zone, start=moment),
            skus=seen.plan.skus if product is None else tuple(sku for sku in product if sku != NONE),
            language=seen.plan.language if language is None else language,
            timezone=zone,
        )
        if ends is not None:
            plan = replace(plan, ends_at=_end(ends, plan, seen.state, moment))
        names = changed(seen.plan, plan)
        if not names:
            raise Refusal("That changes nothing: say what shall be different, such as --until 22:00.")
        known = load_texts(settings.texts).texts
        kept = change_live(unit, number, seen, plan, moment, platforms=PLATFORMS, languages=known)
        note(unit, "live_changed", f"live {number}", plan_told(seen.plan, names), plan_told(kept, names))
        row = _row(found(unit, number)) | {"products": list(kept.skus)}
    told = ", ".join(say("en", f"audit.name_{name}") for name in names)
    tell(row, f"Live {number} «{kept.title}» has another {told}.", as_json=as_json)


def _end(text: str, plan: Plan, state: LiveState, moment: datetime) -> datetime | None:
    """The end that was typed: the next such time after the start, for an open live after this `moment`."""
    if text == NONE:
        return None
    if state is LiveState.PLANNED and plan.starts_at is not None:
        return until(text, plan.timezone, start=plan.starts_at, is_plan=True)
    return until(text, plan.timezone, start=moment)


def _planned(unit: UnitOfWork, plan: Plan, settings: Settings) -> Live:
    return plan_live(unit, plan, platforms=PLATFORMS, languages=load_texts(settings.texts).texts)


def _open_planned(unit: UnitOfWork, number: str, moment: datetime) -> Live:
    if not number.isdecimal():
        raise Refusal(f"A new live needs its channel: bateleur live open '{number}' --channel twitch:100")
    return unit.lives.open(found(unit, int(number)).id, moment)


@app.command(epilog="Example:  bateleur live close 1")
def close(number: Number, as_json: AsJson = False) -> None:
    """Close a live: from now on nobody is granted a code."""
    with opened() as (_, database), database.unit() as unit:
        was = found(unit, number).state
        live = unit.lives.close(number, now())
        states = {"state": was.value}, {"state": live.state.value}
        is_planned = was is LiveState.PLANNED
        note(unit, "live_cancelled" if is_planned else "live_closed", f"live {number}", *states)
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
            "products": list(unit.live_products.of(number)),
            "product": unit.segments.on_screen(number),
            "granted": granted,
            "granted_not_yet_delivered": owed,
        }
    show_one(row, as_json=as_json, title=f"Live {number}")


@app.command(epilog="Example:  bateleur live undelivered 1 --json")
def undelivered(number: Number, as_json: AsJson = False) -> None:
    """List the viewers whose code has not reached them, each with a personal link to the claim page.

    Hand a link over to its viewer alone, in private: whoever opens it first has the code. A link is good for
    a day; the code is never shown here."""
    with opened() as (settings, database):
        config = web_config(settings)
        if config is None:
            raise Refusal(
                "Personal links lead to the claim page: set BATELEUR_PUBLIC_URL and BATELEUR_SECRET_KEY."
            )
        with database.unit(read_only=True) as unit:
            live = found(unit, number)
            grants = unit.grants.undelivered(number)
    rows = undelivered_rows(live, grants, ClaimLinks(config))
    if as_json:
        show(rows, as_json=True, title="", empty="")
        return
    for row in rows:
        typer.echo(
            f"{row['viewer']} ({row['id']}, {row['delivery']}, message {row['message']})\n  {row['link']}"
        )
    typer.echo(_sum_up(live, len(rows)))


def undelivered_rows(live: Live, grants: Sequence[Grant], links: ClaimLinks) -> list[Row]:
    """One row for each viewer, with their own link; no code is in it."""
    firsts: dict[tuple[str, str], Grant] = {}
    for grant in grants:
        firsts.setdefault((grant.platform, grant.viewer_id), grant)
    return [
        {
            "viewer": one_line(grant.viewer_name),
            "id": f"{grant.platform}:{grant.viewer_id}",
            "channel": grant.channel,
            "message": grant.message_id,
            "delivery": grant.delivery.value,
            "granted_at": grant.granted_at,
            "link": links.personal(live.id, grant.platform, grant.viewer_id),
        }
        for grant in firsts.values()
    ]


def _sum_up(live: Live, count: int) -> str:
    if not count:
        return f"Every code of live {live.id} has gone out to its viewer."
    if live.state is LiveState.CLOSED:
        return f"Not reached: {count}. The live is over, and their codes no longer work."
    return f"Still to be reached: {count}. Give each viewer their own link, in private; it is good for a day."


def found(unit: UnitOfWork, number: int) -> Live:
    """The live of that number; raises `Refusal` when there is none."""
    live = unit.lives.get(number)
    if live is None:
        raise Refusal(f"There is no live {number}; see `bateleur live list`.")
    return live


def _row(live: Live) -> Row:
    return {
        "live": live.id,
        "title": live.title,
        "state": live.state.value,
        "channels": list(live.channels),
        "starts_at": live.starts_at,
        "opened_at": live.opened_at,
        "ends_at": live.ends_at,
        "closed_at": live.closed_at,
    }
