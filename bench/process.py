"""A server of a bench in a process of its own."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator


@contextlib.contextmanager
def serving_process(module: str, *words: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Where `python -m module words… PORT` listens meanwhile, and the process, killed at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", module, *words, str(port)])
    try:
        while not _listens(port):
            if process.poll() is not None:
                raise SystemExit(f"{module} did not start")
            time.sleep(0.05)
        yield port, process
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False
