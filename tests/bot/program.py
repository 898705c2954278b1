"""`bateleur run` as a real process: started, ended and killed as on the retailer's machine."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

PATIENCE_S = 60.0


class Program:
    """The program with nothing but the given settings; its log is the file `log` in `folder`."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BATELEUR_")}
        self.environment = kept | {f"BATELEUR_{name}": value for name, value in settings.items()}
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", cwd=self.folder, env=self.environment, stderr=log
            )

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal; its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.wait()

    async def wait(self) -> int:
        """Its exit code, when it ends by itself."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")


async def until(is_so: Callable[[], object]) -> None:
    """Wait for `is_so`, with more patience than a loaded machine needs."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.02)
