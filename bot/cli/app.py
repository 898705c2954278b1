"""The verbs, put together."""

import sys
import traceback
from typing import Any

import typer
from typer.core import TyperGroup

from bot.cli import codes, db, evening, live, offer, platforms, products, redemptions, report, user, viewer
from bot.cli.printing import complain
from bot.logs import log_to_stderr
from domain.errors import BateleurError


class SpokenErrors(TyperGroup):
    """Turns our errors into one sentence and exit code 1; no traceback reaches a user."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; those that go on for long turn the log up."""
        log_to_stderr(is_quiet=True)
        try:
            return super().invoke(ctx)
        except BateleurError as error:
            complain(str(error))
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)
        except Exception as error:
            if hasattr(error, "exit_code") or isinstance(error, typer.Abort):
                raise  # the library's own: usage, exit, abort
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{type(error).__name__} in {frame.name}, line {frame.lineno}"
            complain(f"Bateleur met an error it does not know ({where}); please report what you typed.")
            sys.exit(1)


app = typer.Typer(
    cls=SpokenErrors,
    name="bateleur",
    help="The bot behind a retailer's live-shopping shows.",
    epilog="Begin with:  bateleur demo",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(live.app, name="live", help="Open, close and look at lives.")
app.add_typer(products.app, name="products", help="Import and list what is sold.")
app.add_typer(offer.app, name="offer", help="Add, list and end the offers of a live.")
app.add_typer(codes.app, name="codes", help="Import, draw and list the codes of an offer.")
app.add_typer(redemptions.app, name="redemptions", help="The orders that used a code of ours.")
app.add_typer(user.app, name="user", help="Who may sign in to the console.")
app.add_typer(viewer.app, name="viewer", help="Tell or erase what is held of a viewer; forget what is old.")
app.add_typer(db.app, name="db", help="Prepare and check the database.")
app.command("demo", epilog="Example:  bateleur demo --seconds 20 --crowd 300")(evening.demo)
app.command("run", epilog="Example:  bateleur run")(evening.run)
app.command("report", epilog="Example:  bateleur report 1 --html thursday.html --compare 2")(report.report)
app.command("replay", epilog="Example:  bateleur replay chat.txt")(evening.replay)
app.command("doctor", epilog="Example:  bateleur doctor")(platforms.doctor)
app.command("pair", epilog="Example:  bateleur pair facebook")(platforms.pair)
app.command("login", epilog="Example:  bateleur login twitch")(platforms.login)
