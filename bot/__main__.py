"""`python -m bot` is `bateleur`."""

from bot.cli import app

app()
