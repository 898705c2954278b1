"""When the shopkeeper does what: the tasks on their clock, each with its own back-off."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.shopkeeper import Shopkeeper
from bot.threads import run_sync
from domain.errors import BateleurError

LONGEST_PAUSE_S = 300.0
QUIET_S = 1800.0
"""How often orders are read when no live is on, nor was of late."""
log = structlog.get_logger()


class ShopJobs:
    """The tasks of one shop. `problems` tells, by task, what keeps it from its work at this moment,
    `failures` how often each has failed."""

    def __init__(self, shopkeeper: Shopkeeper, hook_url: str, failed: Callable[[], None]) -> None:
        self.shopkeeper = shopkeeper
        self.problems: dict[str, str] = {}
        self.failures: Counter[str] = Counter()
        self._failed = failed
        self._hook_url = hook_url
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="shop")
        self._tries: dict[str, int] = {}
        self._resume_at: dict[str, float] = {}
        self._orders_at = 0.0

    def add_to(self, scheduler: AsyncIOScheduler) -> None:
        """Have `scheduler` do the tasks."""
        keeper = self.shopkeeper
        tasks: list[tuple[str, Callable[[], object], float]] = [
            ("codes_ended", keeper.end_codes, 5),
            ("codes_made", keeper.make_due_codes, 3),
            ("leases_pushed", keeper.push_leases, min(20.0, keeper.lease.total_seconds() / 8)),
            ("notices_worked", keeper.orders.work_notices, 1),
            ("orders_read", self._read_orders, 20),
            ("products_refreshed", keeper.prices.refresh, 30),
            ("prices_checked", keeper.prices.check, 30),
            ("log_summed", keeper.orders.sum_up_log, 20),
            ("webhook_kept", self._keep_webhook, 300),
            ("cleaned_up", keeper.orders.clean_up, 3600),
        ]
        for name, work, seconds in tasks:
            scheduler.add_job(
                self._do,
                "interval",
                (name, work),
                seconds=seconds,
                max_instances=1,
                coalesce=True,
                next_run_time=datetime.now(UTC) + timedelta(seconds=min(1.0, seconds / 2)),
            )

    def pauses(self) -> dict[str, float]:
        """Seconds for which each task that failed still waits."""
        now = asyncio.get_running_loop().time()
        return {name: max(0.0, self._resume_at[name] - now) for name in self.problems}

    def close(self) -> None:
        """Begin no further task; what is on its way is broken off where it may be."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _do(self, name: str, work: Callable[[], object]) -> None:
        now = asyncio.get_running_loop().time()
        if self._resume_at.get(name, 0.0) > now:
            return
        try:
            await run_sync(self._pool, work)
        except Exception as error:
            self._stumble(name, error, now)
        else:
            self._tries.pop(name, None)
            if self.problems.pop(name, None):
                log.info("shop_works_again", task=name)

    def _stumble(self, name: str, error: Exception, now: float) -> None:
        # Only our own sentences are known to hold no secret.
        why = error.sentence if isinstance(error, BateleurError) else type(error).__name__
        tries = self._tries[name] = self._tries.get(name, 0) + 1
        pause = getattr(error, "retry_after", None) or min(LONGEST_PAUSE_S, 2.0**tries)
        self._resume_at[name] = now + pause
        if self.problems.get(name) != why:
            log.error("shop_failed", task=name, why=why)
        self.problems[name] = why
        self.failures[name] += 1
        self._failed()

    def _read_orders(self) -> None:
        now = datetime.now(UTC).timestamp()
        if now - self._orders_at < QUIET_S and not self.shopkeeper.orders.is_worth_reading():
            return
        self.shopkeeper.orders.poll_orders()
        self._orders_at = now

    def _keep_webhook(self) -> None:
        if self._hook_url:
            self.shopkeeper.shop.keep_webhook(self._hook_url)
