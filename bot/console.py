"""The console of a running evening, put together. Apart from the rest: its library is slow to load."""

from bot.evening import Evening
from bot.page_configs import console_config
from bot.settings import Settings
from bot.showing import Showing
from store.database import Database
from web.console.desk import Console
from web.console.sessions import Sessions


def open_console(
    settings: Settings, database: Database, evening: Evening, *, opens_by_itself: bool = False
) -> Console | None:
    """The console of a running evening; None without a secret key."""
    config = console_config(settings, opens_by_itself=opens_by_itself)
    if config is None:
        return None
    keeper = evening.shop_jobs.shopkeeper if evening.shop_jobs else None
    texts = evening.work.catalogue
    return Console(config, database, Sessions(database), Showing(evening), keeper, texts)
