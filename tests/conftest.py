"""What holds for every test."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """The command line sets logging up for its process, which here is that of the other tests too."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)
