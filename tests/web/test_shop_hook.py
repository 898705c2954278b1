"""The shop's webhooks at their address: durable before they are answered, or told to come again."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from domain.errors import Fault, Refusal
from domain.shop import Notice
from web.shop_hook import LARGEST, MOST, ShopHook


class Book:
    """Where notices are kept; `lost` raises instead."""

    def __init__(self) -> None:
        self.writes: list[list[str]] = []
        self.lost: Callable[[], Exception] | None = None

    def keep(self, notices: Sequence[Notice]) -> None:
        if self.lost is not None:
            raise self.lost()
        self.writes.append([notice.key for notice in notices])


def read(headers: object, body: bytes, now: datetime) -> Notice:
    if body == b"forged":
        raise Refusal("The webhook is not signed by the shop.")
    return Notice(body.decode(), order_ids=() if body == b"ping" else ("7",))


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def hook(book: Book) -> ShopHook:
    return ShopHook(read, book.keep)


@pytest.fixture
def client(hook: ShopHook) -> TestClient:
    return TestClient(Starlette(routes=[Route("/hooks/shop", hook.told, methods=["POST"])]))


def test_a_genuine_webhook_is_kept_and_then_answered(client: TestClient, book: Book) -> None:
    assert 200 == client.post("/hooks/shop", content=b"one").status_code
    assert [["one"]] == book.writes


def test_a_forged_one_is_refused_and_not_kept(client: TestClient, book: Book, hook: ShopHook) -> None:
    assert 403 == client.post("/hooks/shop", content=b"forged").status_code
    assert ([], 0, 1) == (book.writes, hook.taken, hook.refused)


def test_one_without_end_is_refused_and_not_kept(client: TestClient, book: Book) -> None:
    assert 413 == client.post("/hooks/shop", content=b"x" * (LARGEST + 1)).status_code
    assert [] == book.writes


def test_a_ping_is_answered_and_not_kept(client: TestClient, book: Book) -> None:
    assert 200 == client.post("/hooks/shop", content=b"ping").status_code
    assert [] == book.writes


@pytest.mark.parametrize(
    "lost", [lambda: Fault("The database is busy.", is_retryable=True), lambda: ValueError("secret")]
)
def test_what_is_not_durable_shall_come_again(
    client: TestClient, book: Book, hook: ShopHook, lost: Callable[[], Exception]
) -> None:
    book.lost = lost
    answer = client.post("/hooks/shop", content=b"one")
    assert (503, "5", b"") == (answer.status_code, answer.headers["Retry-After"], answer.content)
    assert 0 == hook.taken

    book.lost = None
    assert 200 == client.post("/hooks/shop", content=b"one").status_code
    assert [["one"]] == book.writes


async def test_many_at_once_are_kept_in_few_writes(hook: ShopHook, book: Book) -> None:
    keys = [f"{number}" for number in range(MOST + 20)]
    assert [True] * len(keys) == await asyncio.gather(*(hook._kept(Notice(key)) for key in keys))
    assert [MOST, 20] == [len(write) for write in book.writes]
    assert keys == [key for write in book.writes for key in write]
