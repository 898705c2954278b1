"""Real shops, and the people in them."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.vendure.catcher import Catcher, catching
from tests.vendure.people import Shopper, Staff
from tests.vendure.server import Vendure, open_vendure

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def vendure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendure]:
    """One shop for all tests of a worker: use codes and customers of your own, and leave stock as it was."""
    with open_vendure(tmp_path_factory.mktemp("vendure") / "vendure.log") as opened:
        yield opened


@pytest.fixture
def staff(vendure: Vendure) -> Iterator[Staff]:
    with Staff(vendure) as entered:
        yield entered


@pytest.fixture
def shopper(vendure: Vendure) -> Iterator[Shopper]:
    """A customer with an empty cart."""
    with Shopper(vendure) as came:
        yield came


@pytest.fixture
def webhooks(vendure: Vendure) -> Iterator[Catcher]:
    """What the shop posts during the test."""
    with catching(vendure.webhook_port) as opened:
        yield opened


@pytest.fixture
def new_code() -> Callable[[], str]:
    """A coupon code that no other test uses."""
    return lambda: f"TEST{next(_numbers):04}"
