"""Whether the program can do its work, and its figures, for who watches it."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.evening import Evening
from bot.figures import exposed
from bot.logs import masked
from bot.settings import Settings
from bot.troubles import channel_trouble, shop_trouble
from domain.errors import BateleurError
from domain.ports import Check
from domain.sentences import sentence
from store.gauges import LiveGauge
from web.health import Readiness, Watching

FRESH_S = 2.0
"""However often it is asked, the database is looked at no more often than this."""


def watch(evening: Evening, settings: Settings) -> Watching:
    """What of `evening` is shown to those who watch it."""
    health = Health(evening)
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else ""
    is_public = urlsplit(settings.public_url).hostname not in (None, "localhost", "127.0.0.1", "::1")
    return Watching(health.ready, health.metrics, is_public, token)


class Health:
    """Looks at one evening. To be asked on its event loop."""

    def __init__(self, evening: Evening) -> None:
        self._evening = evening
        self._looking = asyncio.Lock()
        self._checked_at = self._counted_at = float("-inf")
        self._database = Check("database", False, "")
        self._counted: tuple[list[LiveGauge] | None, int] = (None, 0)

    async def ready(self) -> Readiness:
        """The database must work, the shop too, and one channel at least of those that are wanted: one of
        several that fails is told, and stops nobody else."""
        database, channels, shop = await self._check_database(), list(self._channels()), self._shop()
        wanted, attached = self._evening.wanted, self._evening.speakers
        is_heard = wanted is not None and (not wanted or not attached.keys().isdisjoint(wanted))
        is_ready = database.ok and is_heard and all(check.ok for check in shop)
        return Readiness(is_ready, (database, *channels, *shop))

    async def metrics(self) -> bytes:
        """Everything that is counted, in Prometheus's text format."""
        async with self._looking:
            if time.monotonic() - self._counted_at > FRESH_S:
                self._counted = await asyncio.to_thread(self._count)
                self._counted_at = time.monotonic()
        return exposed(self._evening, *self._counted)

    async def _check_database(self) -> Check:
        async with self._looking:
            if time.monotonic() - self._checked_at > FRESH_S:
                self._database = await asyncio.to_thread(self._probe)
                self._checked_at = time.monotonic()
        return self._database

    def _probe(self) -> Check:
        try:
            self._evening.database.check()
        except BateleurError as error:
            return Check("database", False, masked(error.sentence))
        return Check("database", True, "It answers, and its schema is this version's.")

    def _count(self) -> tuple[list[LiveGauge] | None, int]:
        try:
            with self._evening.database.unit(read_only=True) as unit:
                return unit.gauges.lives(datetime.now(UTC)), unit.gauges.webhooks_waiting()
        except BateleurError:
            return None, 0

    def _channels(self) -> Iterable[Check]:
        wanted = self._evening.wanted
        if wanted is None:
            yield Check("channels", False, sentence("The channels are being attached."))
        for channel in sorted(wanted or ()):
            trouble = channel_trouble(self._evening, channel)
            yield Check(f"channel {channel}", not trouble, trouble or "It is attached.")

    def _shop(self) -> list[Check]:
        if self._evening.shop_jobs is None:
            return []
        why = shop_trouble(self._evening)
        return [Check("shop", not why, why or "Its tasks do their work.")]
