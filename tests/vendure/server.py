"""A real Vendure of our own: installed once, opened in a few seconds, all its state in memory."""

import fcntl
import hashlib
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.needs import needed
from tests.ports import free_port

FOLDER = Path(__file__).parent
INSTALL_S, BOOT_S = 300, 60
BARE = "no Node.js here: install your system's packages «nodejs» and «npm» for the tests with a real shop"


@dataclass(frozen=True)
class Vendure:
    """An open shop. Its plugin posts to `webhook_url`, whose port is left to whoever wants to hear it."""

    url: str
    webhook_url: str
    webhook_port: int
    webhook_secret: str = "a secret of shop and bot"
    username: str = "superadmin"
    password: str = "superadmin"

    @property
    def admin_url(self) -> str:
        return f"{self.url}/admin-api"

    @property
    def shop_url(self) -> str:
        return f"{self.url}/shop-api"


@contextmanager
def open_vendure(log: Path, webhook_path: str = "/hooks/shop") -> Iterator[Vendure]:
    """A shop with an empty order book, until the block ends; it writes to the file `log`."""
    node = needed("node", BARE)
    install(needed("npm", BARE))
    port, webhook_port = free_port(), free_port()
    shop = Vendure(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{webhook_port}{webhook_path}", webhook_port)
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "WEBHOOK_URL": shop.webhook_url,
        "WEBHOOK_SECRET": shop.webhook_secret,
        "END_WITH_STDIN": "1",
    }
    with (
        log.open("wb") as written,
        subprocess.Popen(
            [node, "run.js"],
            cwd=FOLDER,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            _await_ready(process, log)
            yield shop
        finally:
            process.kill()


def install(npm: str) -> None:
    """What the lock file says, in `node_modules`; once, however many processes ask at the same time."""
    lock_file = FOLDER / "package-lock.json"
    stamp = FOLDER / "node_modules" / ".installed"
    with lock_file.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock.read()).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        ran = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
        )
        assert ran.returncode == 0, f"Vendure could not be installed: {ran.stderr[-2000:]}"
        stamp.write_text(wanted)


def _await_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + BOOT_S
    while "READY" not in log.read_text(errors="replace"):
        late = time.monotonic() > give_up
        assert not late and process.poll() is None, f"Vendure did not open:\n{log.read_text()[-2000:]}"
        time.sleep(0.05)
