"""`bateleur doctor` and `bateleur login`: what works, and how to mend what does not."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer

from bot.bootstrap import open_shopkeeper
from bot.cli.audited import note
from bot.cli.opened import opened
from bot.cli.printing import AsJson, Row, show, tell
from bot.memory import ACCOUNT, DatabaseMemory
from bot.page_configs import web_config
from bot.settings import Settings, load_settings
from bot.shopkeeper import Shopkeeper
from commands.texts.catalogue import load_texts
from connectors.facebook.pairing import GOOD_FOR_S, new_word
from connectors.logins import Begun, LoggedIn
from connectors.registry import LOGINS, PLATFORMS, begin_login, check_account
from domain.errors import BateleurError, Refusal
from domain.ports import Check
from domain.show import LiveState, OfferKind
from store.database import Database, open_database


def doctor(as_json: AsJson = False) -> None:
    """Say for the database, the texts and each credential what works and how to mend what does not."""
    settings = load_settings()
    database = open_database(settings.database_url, secret_key=settings.secret_key.get_secret_value())
    try:
        rows = [
            _probed("texts", lambda: load_texts(settings.texts, settings.locale)),
            _probed("database", database.check),
        ]
        if rows[-1]["works"]:
            rows += _check_platforms(settings, database)
            rows += [_row(check) for check in _check_shop(settings, database)]
        else:
            what = "Not looked at: their tokens are kept in the database."
            rows.append({"part": ", ".join(PLATFORMS), "works": False, "what": what})
    finally:
        database.close()
    show(rows, as_json=as_json, title="Doctor", empty="")
    if not all(row["works"] for row in rows):
        raise typer.Exit(1)


def _probed(part: str, probe: Callable[[], object]) -> Row:
    try:
        probe()
    except BateleurError as error:
        return {"part": part, "works": False, "what": str(error)}
    return {"part": part, "works": True, "what": "It works."}


def _check_platforms(settings: Settings, database: Database) -> list[Row]:
    channels = _channels(database)
    by_platform: dict[str, list[Check]] = {}
    for platform in PLATFORMS:
        memory = DatabaseMemory(database, platform)
        numbers = [number for name, _, number in (c.partition(":") for c in channels) if name == platform]
        own = getattr(settings, platform)
        by_platform[platform] = asyncio.run(check_account(platform, own, numbers, memory))
    used = [platform for platform, checks in by_platform.items() if len(checks) > 1]
    # Who uses other platforms only need not hear that Twitch has no token.
    if used and settings.twitch.bot_token is None and not any(c.startswith("twitch:") for c in channels):
        by_platform["twitch"] = [check for check in by_platform["twitch"] if check.ok]
    found = [check for checks in by_platform.values() for check in checks]
    return [_row(check) for check in (*found, *_check_ways(settings, database, channels))]


def _check_ways(settings: Settings, database: Database, channels: list[str]) -> list[Check]:
    """For each channel of a live with unique codes: how they reach their viewers, or that they do not."""
    with database.unit(read_only=True) as unit:
        unique = {offer.live_id for offer in unit.offers.list() if offer.kind is OfferKind.UNIQUE}
        lives = [live for live in unit.lives.list() if live.id in unique]
    concerned = {channel for live in lives for channel in live.channels} & set(channels)
    return [_check_way(settings, channel) for channel in sorted(concerned)]


def _check_way(settings: Settings, channel: str) -> Check:
    platform, name = channel.partition(":")[0], f"codes to {channel}"
    if platform == "facebook":
        return Check(name, True, "Unique codes go out by private reply.")
    config = web_config(settings)
    if config is not None and any(one.platform == platform for one in config.sign_ins):
        return Check(name, True, f"Viewers find their codes on the claim page, {config.public_url}/c/LIVE.")
    if platform == "twitch" and settings.twitch.whispers:
        return Check(name, True, "Unique codes are whispered: 40 new viewers a day, and Twitch may drop any.")
    why = (
        "Unique codes cannot reach viewers here: set BATELEUR_PUBLIC_URL and the platform's client id and "
        "secret for the claim page, or give a shared code (`offer add --kind shared`)."
    )
    return Check(name, False, why)


def _check_shop(settings: Settings, database: Database) -> list[Check]:
    """Whether the shop can be spoken to, and how tight its codes' lease is."""
    try:
        shopkeeper = open_shopkeeper(settings, database)
        if shopkeeper is None:
            return [Check("shop", True, "None is set up: codes are made and ended by hand.")]
        shop = shopkeeper.shop
        checks = [Check(f"shop, {shop.kind}", True, shop.check())]
        with database.unit(read_only=True) as unit:
            codes = max((unit.shop_codes.living(offer.id) for offer in unit.offers.list()), default=0)
    except BateleurError as error:
        return [Check("shop", False, str(error))]
    minutes = round(shopkeeper.lease_of(codes).total_seconds() / 60)
    if shop.traits.codes_per_s is not None:
        more = f"With {codes} codes they outlive a bot that stops by at most {minutes} minutes."
    else:
        more = f"Codes outlive a bot that stops by at most {minutes} minutes."
    checks += [Check("codes in the shop", True, f"{shop.traits.sentence} {more}"), _check_prices(shopkeeper)]
    if not settings.public_url:
        why = "Without BATELEUR_PUBLIC_URL the shop cannot send webhooks: orders are read every 20 s instead."
        checks.append(Check("shop webhooks", True, why))
    return checks


def _check_prices(shopkeeper: Shopkeeper) -> Check:
    """Whether the shop knows our products, in our currency."""
    try:
        asked, found = shopkeeper.prices.compare()
    except BateleurError as error:
        return Check("prices in the shop", False, str(error))
    if not asked:
        return Check("prices in the shop", True, "There is no product yet: bateleur products import FILE.")
    known = f"The shop tells the price and stock of {found} of {asked} products that it was asked for"
    return Check("prices in the shop", True, f"{known}; those of others stay as they were imported.")


def _row(check: Check) -> Row:
    return {"part": check.name, "works": check.ok, "what": check.sentence}


def _channels(database: Database) -> list[str]:
    """The channels of the lives to come and now; none when the database cannot tell."""
    try:
        with database.unit(read_only=True) as unit:
            lives = [live for live in unit.lives.list() if live.state in (LiveState.OPEN, LiveState.PLANNED)]
    except BateleurError:
        return []
    return sorted({channel for live in lives for channel in live.channels})


def login(
    platform: Annotated[str, typer.Argument(help=" or ".join(LOGINS))],
    as_json: AsJson = False,
) -> None:
    """Log the bot's own account in, on the platform's page."""
    with opened() as (settings, database):
        begun = begin_login(platform, getattr(settings, platform, None), DatabaseMemory(database, platform))
        if not settings.secret_key.get_secret_value():
            raise Refusal("Set BATELEUR_SECRET_KEY first, to any long random text: it encrypts the tokens.")
        done = asyncio.run(_log_in(begun))
        with database.unit() as unit:
            unit.tokens.save(platform, ACCOUNT, done.access, done.refresh, None, done.scopes)
            note(unit, "account_logged_in", f"platform {platform}", {}, {"login": done.name})
    said = f"Logged in as {done.name}; the tokens are kept encrypted in the database."
    tell({"platform": platform, "login": done.name}, said, as_json=as_json)


def pair(
    platform: Annotated[str, typer.Argument(help="facebook")],
    as_json: AsJson = False,
) -> None:
    """Show a one-time word; who types it in the chat is a moderator. For platforms that tell no roles."""
    if platform != "facebook":
        raise Refusal(f"«{platform}» tells roles itself, or is no platform; write `bateleur pair facebook`.")
    with opened() as (_, database):
        word = asyncio.run(new_word(DatabaseMemory(database, platform)))
        with database.unit() as unit:
            note(unit, "moderator_invited", f"platform {platform}")
    done = f"Type {word} as a comment under the live video, within {GOOD_FOR_S // 60} minutes. It works once."
    tell({"platform": platform, "word": word}, done, as_json=as_json)


async def _log_in(begun: Begun) -> LoggedIn:
    async with begun as login:
        typer.echo(login.prompt, err=True)
        return await login.finish()
