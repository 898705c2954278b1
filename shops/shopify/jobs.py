"""Codes that Shopify adds in its own time: asked for until they are done, ever more rarely."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import Fault
from shops.shopify import queries
from shops.shopify.admin import Admin

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 3.0
LONGEST_S = 300.0
UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Job:
    """Codes under way since `begun_at`, by our monotonic clock."""

    id: str
    codes: tuple[str, ...]
    begun_at: float

    def __repr__(self) -> str:
        return f"Job(id={self.id!r}, codes={len(self.codes)})"


class Jobs:
    """Remembers how long the last one took, so that the next is not asked for in vain."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._usual_s = FIRST_PAUSE_S

    def begun(self, id: str, codes: Sequence[str]) -> Job:
        """A job that Shopify has just taken."""
        return Job(id, tuple(codes), time.monotonic())

    def wrong_ones(self, job: Job) -> dict[str, str]:
        """Waits until a job is done; Shopify's word for each code that was not added, by its lower case, or
        `UNKNOWN` when it does not say."""
        pause, is_first = max(0.0, job.begun_at + self._usual_s - time.monotonic()), True
        while True:
            time.sleep(min(pause, LONGEST_PAUSE_S))
            told = self._admin.ask(queries.JOB, id=job.id)["discountRedeemCodeBulkCreation"]
            took_s = time.monotonic() - job.begun_at
            if told is None:
                return {code.casefold(): UNKNOWN for code in job.codes}
            if told["done"]:
                # Done at the first look: it may have been so for long.
                self._usual_s = max(FIRST_PAUSE_S, self._usual_s * 0.7 if is_first else took_s)
                return {} if told["importedCount"] == len(job.codes) else self._wrong(job)
            if took_s > LONGEST_S:
                raise Fault("Shopify takes too long to add codes.", is_retryable=True)
            pause, is_first = max(FIRST_PAUSE_S, took_s / 2), False

    def _wrong(self, job: Job) -> dict[str, str]:
        words = {code.casefold(): UNKNOWN for code in job.codes}
        after = None
        while True:
            told = self._admin.ask(queries.JOB_CODES, id=job.id, after=after)
            page = told["discountRedeemCodeBulkCreation"]["codes"]
            for one in page["nodes"]:
                errors = [str(error.get("code") or "INVALID") for error in one["errors"]]
                words[str(one["code"]).casefold()] = next(iter(errors), "")
            if not page["pageInfo"]["hasNextPage"]:
                return {code: word for code, word in words.items() if word}
            after = page["pageInfo"]["endCursor"]
