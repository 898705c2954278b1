"""`bateleur`, the command line. Exit codes: 0 done, 1 refused or failed, 2 usage."""

from bot.cli.app import app

__all__ = ["app"]
