"""The one place where concrete classes meet."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from bot.evening import Evening
from bot.keeping import Keeping, keep_of
from bot.memory import DatabaseMemory
from bot.page_configs import web_config
from bot.settings import Settings
from bot.shop_jobs import ShopJobs
from bot.shopkeeper import Shopkeeper
from bot.tally import Tally
from bot.work import BatchWork
from commands.engine import Engine
from commands.registry import all_aliases
from commands.texts import load_texts
from connectors.registry import open_account
from domain.ports import Account, Connector
from shops.registry import open_shop
from store.database import Database
from web.links import ClaimLinks


def open_evening(settings: Settings, database: Database, tally: Tally) -> Evening:
    """An evening ready to start; raises `ActionRequired` for a text or an alias that is wrong."""
    work = batch_work(settings, database)
    shopkeeper = open_shopkeeper(settings, database)
    jobs = None
    if shopkeeper is not None:
        hook_url = f"{settings.public_url.rstrip('/')}/hooks/shop" if settings.public_url else ""
        jobs = ShopJobs(shopkeeper, hook_url, tally.failed)
    keeping = Keeping(database, keep_of(settings))
    return Evening(database, work, connector_maker(settings, database), tally, jobs, keeping)


def open_shopkeeper(settings: Settings, database: Database) -> Shopkeeper | None:
    """Who keeps the configured shop, None without one; raises `ActionRequired` for a wrong setting."""
    shop = open_shop(settings.shop, pseudonym_of(settings))
    if shop is None:
        return None
    grace, lease = timedelta(minutes=settings.grace_minutes), timedelta(seconds=settings.shop.lease_s)
    return Shopkeeper(database, shop, grace, lease)


def pseudonym_of(settings: Settings) -> Callable[[str], str]:
    """Turns what tells one of the shop's customers into what tells nobody else."""
    return partial(_pseudonym, settings.secret_key.get_secret_value().encode())


def _pseudonym(key: bytes, person: str) -> str:
    """Equal for the same person of the same installation, and telling nobody who; nothing without a key."""
    if not key:
        return ""
    return hmac.new(b"customers:" + key, person.strip().casefold().encode(), hashlib.sha256).hexdigest()[:24]


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
