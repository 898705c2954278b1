"""When viewers are forgotten: a few times a day, while the evening runs, in small bites."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.settings import Settings
from bot.threads import run_sync
from domain.errors import BateleurError
from domain.privacy import Keep
from store.database import Database
from store.privacy import forget_old

EVERY_S = 6 * 3600.0
FIRST_S = 60.0
BREATH_S = 0.05
"""Between two bites others write: questions are answered meanwhile."""
log = structlog.get_logger()


def keep_of(settings: Settings) -> Keep:
    """How long what is kept of viewers is kept."""
    return Keep(timedelta(days=settings.keep_words_days), timedelta(days=settings.keep_viewers_days))


class Keeping:
    """Forgets what is old in one database. Broken off at the end of the program, it goes on with the next."""

    def __init__(self, database: Database, keep: Keep) -> None:
        self.database = database
        self.keep = keep
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keeping")
        self._is_over = threading.Event()
        self._problem = ""

    def add_to(self, scheduler: AsyncIOScheduler) -> None:
        """Have `scheduler` do it."""
        first = datetime.now(UTC) + timedelta(seconds=FIRST_S)
        scheduler.add_job(
            self.forget, "interval", seconds=EVERY_S, next_run_time=first, max_instances=1, coalesce=True
        )

    def close(self) -> None:
        """Break off what is on its way."""
        self._is_over.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def forget(self) -> None:
        """Forget what is old now; what keeps us from it is logged once."""
        try:
            done = await run_sync(
                self._pool,
                lambda: forget_old(self.database, self.keep, datetime.now(UTC), goes_on=self._goes_on),
            )
        except Exception as error:
            # The scheduler begins the job again; only our own sentences are known to hold no secret.
            why = str(error) if isinstance(error, BateleurError) else type(error).__name__
            if why != self._problem:
                log.error("viewers_not_forgotten", why=why)
            self._problem = why
            return
        self._problem = ""
        if done:
            log.info("viewers_forgotten", **done.as_dict())

    def _goes_on(self) -> bool:
        return not self._is_over.wait(BREATH_S)
