"""What our adapter makes of answers that no healthy Vendure gives."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from domain.errors import Fault
from shops.settings import ShopSettings
from shops.vendure.admin import Admin

PAGE = b"<!doctype html><title>Wartung</title>"


@contextmanager
def answering(body: bytes, *, status: int = 200, delay_s: float = 0.0) -> Iterator[Admin]:
    """A client of a server that always answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(delay_s)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/admin-api/"
    admin = Admin(ShopSettings(kind="vendure", url=url, secret=SecretStr("a key"), answer_s=0.2))
    try:
        yield admin
    finally:
        admin.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("body", [PAGE, b"", b"[]", b"null", b'{"data":null}', b'{"errors":"no"}', b'"\xff"'])
def test_an_answer_that_makes_no_sense_is_tried_again_later(body: bytes) -> None:
    with answering(body) as admin, pytest.raises(Fault) as failed:
        admin.ask("{me{id}}")
    assert failed.value.is_retryable


def test_an_error_of_the_shops_own_is_tried_again_later() -> None:
    error = {"message": "deadlock", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    body = json.dumps({"errors": [error], "data": None}).encode()
    with answering(body) as admin, pytest.raises(Fault, match="deadlock") as failed:
        admin.ask("{me{id}}")
    assert failed.value.is_retryable


@pytest.mark.parametrize(("status", "delay_s"), [(502, 0.0), (200, 0.6)])
def test_a_change_that_may_have_been_made_is_left_to_whoever_asked(status: int, delay_s: float) -> None:
    with answering(PAGE, status=status, delay_s=delay_s) as admin, pytest.raises(Fault) as failed:
        admin.change("mutation{x}")
    assert failed.value.is_retryable
