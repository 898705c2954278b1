"""The one place where concrete classes meet."""

from collections.abc import Callable

from bot.evening import Evening
from bot.memory import DatabaseMemory
from bot.pages import web_config
from bot.settings import Settings
from bot.tally import Tally
from bot.work import BatchWork
from commands.engine import Engine
from commands.registry import all_aliases
from commands.texts import load_texts
from connectors.registry import open_account
from domain.ports import Account, Connector
from store.database import Database
from web.links import ClaimLinks


def open_evening(settings: Settings, database: Database, tally: Tally) -> Evening:
    """An evening ready to start; raises `ActionRequired` for a text or an alias that is wrong."""
    work = batch_work(settings, database)
    return Evening(database, work, connector_maker(settings, database), tally)


def batch_work(settings: Settings, database: Database) -> BatchWork:
    """The engine with the retailer's texts and aliases."""
    catalogue = load_texts(settings.texts, settings.locale)
    engine = Engine(all_aliases(settings.aliases))
    config = web_config(settings)
    return BatchWork(database, engine, catalogue, ways={}, links=ClaimLinks(config) if config else None)


def connector_maker(settings: Settings, database: Database) -> Callable[[str], Connector]:
    """Makes the connector of a channel `platform:id`; channels of one platform share its account."""
    accounts: dict[str, Account] = {}

    def connect(channel: str) -> Connector:
        platform, _, number = channel.partition(":")
        if platform not in accounts:
            memory = DatabaseMemory(database, platform)
            accounts[platform] = open_account(platform, getattr(settings, platform), memory)
        return accounts[platform].channel(number)

    return connect
