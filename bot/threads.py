"""The one bridge from async to plain functions."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Result = TypeVar("Result")


async def run_sync(pool: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    """The result of `work`, done on a thread of `pool`; what is bound to the log goes along."""
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(pool, lambda: context.run(work))
