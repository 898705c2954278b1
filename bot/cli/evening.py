"""`bateleur demo`, `run` and `replay`: an evening, played."""

import asyncio
import contextlib
import json
import re
import signal
import textwrap
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table
from rich.terminal_theme import MONOKAI
from rich.text import Text

from bot import replay as again
from bot.bootstrap import open_evening
from bot.cli.opened import opened
from bot.cli.printing import AsJson
from bot.demo.summary import Summary
from bot.evening import Evening
from bot.health import watch
from bot.logs import log_to_stderr
from bot.page_configs import web_config
from bot.settings import Settings
from bot.tally import Tally
from commands.money import say_money
from domain.errors import ActionRequired
from domain.money import Money
from domain.plaintext import one_line
from store.database import Database

BOT = "Bateleur"
log = structlog.get_logger()
PICTURE_WIDTH = 104
NAME_WIDTH = 16
HINTS = {
    "the console": "(run the show, and read what it brought)",
    "the chat": "(write !code there, as «Vous»)",
    "the claim page": "(sign in with Twitch as «Vous»)",
    "the overlay": "(or with ?look=bar)",
    "the shop": "(buy there with your code)",
}
FRENCH_SPACE = re.compile(r" (?=[:;!?»€%](?:\s|$))|(?<=«) ")
FONT_FACE = re.compile(r"@font-face \{.*?\}", re.DOTALL)  # fetched from elsewhere: a picture asks nobody


def demo(
    seconds: Annotated[float, typer.Option(min=2, help="How long the evening lasts.")] = 60,
    crowd: Annotated[int, typer.Option(min=5, max=20_000, help="How many viewers chat.")] = 150,
    picture: Annotated[Path | None, typer.Option(help="Save the terminal as a picture, an SVG file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Watch an evening in three chats, played by stand-ins: nothing to configure, nothing to install."""
    # The pages and the stand-ins take a second to load, which no other verb should wait for.
    from bot.demo.play import Audience, play

    width = PICTURE_WIDTH if picture else None
    console = Console(stderr=as_json, record=picture is not None, width=width)
    if not as_json:
        console.print("[bold]La grande soirée[/] · twitch, youtube, facebook · stand-ins play all three\n")
    screen = _Screen(console, is_silent=as_json)
    summary = asyncio.run(play(seconds, crowd, Audience(screen.line, screen.pages)))
    if as_json:
        typer.echo(json.dumps(summary.as_dict()))
    else:
        console.print()
        console.print(_table(summary))
    if picture is not None:
        drawn = console.export_svg(title="bateleur demo", theme=MONOKAI)
        picture.write_text(FONT_FACE.sub("", drawn), encoding="utf-8")
    if not summary.is_clean:
        raise typer.Exit(1)


def run() -> None:
    """Run every open or planned live on its channels, until Ctrl-C."""
    log_to_stderr()
    with opened() as (settings, database):
        asyncio.run(_run(settings, database))


def replay(
    log: Annotated[Path, typer.Argument(help="Lines «[2026-11-23 20:00:00 UTC] name: text», or JSON lines.")],
    as_json: AsJson = False,
) -> None:
    """Play a chat log through the same engine, to see what would have been said.

    Nothing is changed: it is played on a copy of the products and of the newest live with its offers."""
    with opened() as (settings, database):
        counts = again.replay(settings, database, log, None if as_json else typer.echo)
    typer.echo(json.dumps(counts) if as_json else " · ".join(f"{name} {n}" for name, n in counts.items()))


async def _run(settings: Settings, database: Database) -> None:
    # The pages take a while to load, which no other verb should wait for.
    from bot.console import open_console
    from bot.pages import serving

    evening = open_evening(settings, database, Tally())
    async with contextlib.AsyncExitStack() as stack:
        config, console = web_config(settings), open_console(settings, database, evening)
        if config is not None or console is not None:
            wake, keeper, watching = evening.look_now, evening.shopkeeper, watch(evening, settings)
            catalogue = evening.work.catalogue
            pages = serving(settings, config, database, catalogue, wake, keeper, console, watching)
            await _serve(stack, pages, settings)
        await _until_stopped(evening)


async def _serve(
    stack: contextlib.AsyncExitStack, pages: contextlib.AbstractAsyncContextManager[int], settings: Settings
) -> None:
    """Serve the pages as long as `stack` lasts. Where no viewer is sent to them, a port that is taken keeps
    nobody from being answered in the chat."""
    try:
        port = await stack.enter_async_context(pages)
    except ActionRequired as error:
        if settings.public_url:
            raise
        log.error("pages_not_served", why=str(error))
        return
    log.info("pages_served", host=settings.host, port=port, public=settings.public_url)


async def _until_stopped(evening: Evening) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await evening.start()
        await stopped.wait()
    finally:
        await evening.stop()


class _Screen:
    """The chat as it scrolls by: all we say, and as much of the crowd as can be read."""

    def __init__(self, console: Console, *, is_silent: bool) -> None:
        self.console = console
        self.is_silent = is_silent
        self._room = 0.0
        self._last = 0.0

    def line(self, who: str, text: str) -> None:
        """Print a line of chat, unless the crowd writes faster than people read."""
        if self.is_silent:
            return
        if who == "The shop":
            self._print(Text(f"◆ {who}", "bold green"), Text(text))
            return
        if who.startswith(BOT):
            self._print(Text(f"◆ {who.removeprefix(BOT).strip() or BOT}", "bold magenta"), Text(text, "bold"))
            return
        now = asyncio.get_running_loop().time()
        self._room = min(3.0, self._room + (now - self._last) * 6)
        self._last = now
        # Questions first: whoever reads an answer wants to have seen what was asked.
        if self._room >= (1 if "!" in text else 2):
            self._room -= 1
            self._print(Text(one_line(who), "cyan"), Text(one_line(text), "dim"))

    def pages(self, addresses: dict[str, str]) -> None:
        """Say where the pages are, as long as the evening lasts."""
        for name, address in addresses.items():
            self.console.print(
                f"  {name + ':':<16}{address}   {HINTS.get(name, '')}".rstrip(), soft_wrap=True
            )
        self.console.print()

    def _print(self, who: Text, text: Text) -> None:
        # The library breaks lines at no-break spaces too, and French has one before a colon.
        width = max(20, self.console.width - NAME_WIDTH - 2)
        text.plain = "\n".join(textwrap.wrap(FRENCH_SPACE.sub("\u00a0", text.plain), width))
        line = Table.grid(padding=(0, 2))
        line.add_column(width=NAME_WIDTH, justify="right", no_wrap=True)
        line.add_column(overflow="fold")
        line.add_row(who, text)
        self.console.print(line)


def _money(revenue: dict[str, int]) -> str:
    return " + ".join(say_money(Money(amount, currency), "en") for currency, amount in revenue.items()) or "0"


def _table(summary: Summary) -> Table:
    table = Table(title="The evening in figures", title_justify="left", title_style="bold", show_header=False)
    table.add_column()
    table.add_column(justify="right", style="bold")
    for words, value in (
        ("lines of chat read", summary.messages),
        ("of them questions and orders", summary.commands),
        ("answered", summary.asked),
        ("with so many messages", summary.said),
        ("half of them within", f"{summary.seconds_to_answer_p50:.2f} s"),
        ("99 % of them within", f"{summary.seconds_to_answer_p99:.2f} s"),
        ("YouTube's units spent", summary.youtube_units),
        ("codes granted, one a viewer", summary.grants),
        ("of them by private reply", summary.deliveries.get("reply", 0)),
        ("of them waiting on the claim page", summary.grants_undelivered),
        ("orders with a code, all in order", summary.redemptions["valid"]),
        ("uses of a code against the rules", summary.against_the_rules),
        ("what they brought, net of refunds", _money(summary.revenue)),
    ):
        table.add_row(words, str(value))
    table.add_section()
    for words, count in (
        ("platforms' limits exceeded", summary.limit_violations),
        ("codes granted twice", summary.double_grants),
        ("codes seen in public", summary.leaks),
        ("orders not accounted for", summary.orders_not_accounted_for),
        ("codes alive after the live", summary.codes_alive_afterwards),
    ):
        table.add_row(words, Text(str(count), "bold red" if count else "bold green"))
    return table
