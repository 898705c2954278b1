"""The voice of one account: what it says is written down before it is said.

A platform counts what we said whichever process said it: a run that follows a crash must know.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from bot.budget import Ledger
from bot.planner import NO_REPEAT_S, Planner
from bot.threads import run_sync
from domain.chat import Said
from domain.ports import SendBudget
from store.database import Database


class Voice:
    """One account's ledger, kept in the database. Several channels may share it."""

    def __init__(
        self, account: str, budget: SendBudget, database: Database, pool: ThreadPoolExecutor
    ) -> None:
        self.account = account
        self.ledger = Ledger(budget)
        self._database = database
        self._pool = pool
        self._past: list[tuple[float, Said]] = []

    async def recall(self) -> None:
        """Count what this account said before this run against its budget."""
        now, moment = time.monotonic(), datetime.now(UTC)
        window = timedelta(seconds=max(NO_REPEAT_S, self.ledger.budget.window_s))

        def read() -> list[Said]:
            with self._database.unit(read_only=True) as unit:
                return unit.said.since(self.account, moment - window)

        said = await run_sync(self._pool, read)
        self._past = [(now - (moment - one.at).total_seconds(), one) for one in said]
        for at, _ in self._past:
            self.ledger.spend(at)

    def remind(self, planner: Planner, channel: str) -> None:
        """Tell the planner of a channel what was said in it before this run."""
        for at, said in self._past:
            if said.channel == channel:
                planner.said_before(said.text, at)

    async def about_to_say(self, channel: str, text: str) -> None:
        """Count a message, before it is sent; raises `Fault` when it cannot be written down."""
        said = Said(channel, text, datetime.now(UTC))
        self.ledger.spend(time.monotonic())
        await run_sync(
            self._pool, lambda: self._database.run(lambda unit: unit.said.record(self.account, said))
        )
