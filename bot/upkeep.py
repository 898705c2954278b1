"""Tasks that must not end: one that breaks is begun again, and the others never notice."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable

import structlog

from domain.errors import BateleurError

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 60.0
TURN_S = 0.0005
log = structlog.get_logger()


def keep_pauses_short() -> None:
    """Let nothing hold up those who are answered.

    A full garbage collection walks every object, those of the imported libraries too: a tenth of a second. It
    is spared what stays for ever. And a thread that works beside the event loop lets go of the interpreter
    after half a millisecond when others want it, not after five.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(TURN_S)


async def kept_up(name: str, run: Callable[[], Awaitable[None]], failed: Callable[[], None]) -> None:
    """Await `run` over and over, for ever; after a failure `failed` is called and a pause made.

    The pause doubles with every failure and is short again once `run` has held for a while.
    """
    structlog.contextvars.bind_contextvars(task=name)
    loop = asyncio.get_running_loop()
    pause = FIRST_PAUSE_S
    while True:
        began = loop.time()
        try:
            await run()
        except Exception as error:
            # Only our own sentences are known to hold no secret.
            why = str(error) if isinstance(error, BateleurError) else type(error).__name__
            failed()
            log.error("begun_again", why=why)
        if loop.time() - began > STEADY_S:
            pause = FIRST_PAUSE_S
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE_S, pause * 2)
