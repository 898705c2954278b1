"""The one bridge from async to plain functions."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


async def run_sync(pool: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    """The result of `work`, done on a thread of `pool`."""
    return await asyncio.get_running_loop().run_in_executor(pool, work)
