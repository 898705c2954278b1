"""Who listens at the shop's webhook address, and keeps what was posted."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 10.0


@dataclass(frozen=True)
class Posted:
    """One call, as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Catcher:
    """Keeps every call. The next one with a text of `refused` in it is answered with 503, others with 200."""

    posted: list[Posted] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def answer(self, posted: Posted) -> int:
        """The status for a call, which is kept."""
        self.posted.append(posted)
        for text in self.refused:
            if text.encode() in posted.body:
                self.refused.remove(text)
                return 503
        return 200

    def first(self, wanted: Callable[[Posted], bool]) -> Posted:
        """The first call that is `wanted`, awaited for a while."""
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            for one in list(self.posted):
                if wanted(one):
                    return one
            time.sleep(0.01)
        raise AssertionError(f"Among {len(self.posted)} calls none was the awaited one.")


@contextmanager
def catching(port: int) -> Iterator[Catcher]:
    """A catcher on that port of this machine."""
    catcher = Catcher()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(catcher.answer(Posted(self.path, dict(self.headers), body)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield catcher
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
