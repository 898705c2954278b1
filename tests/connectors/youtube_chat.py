"""What the tests of YouTube share: an account at the stand-in, and its connector being read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from connectors.youtube.account import YouTubeAccount
from connectors.youtube.connector import YouTubeConnector
from connectors.youtube.settings import YouTubeSettings
from standins.people import Chatter
from standins.youtube.server import YouTubeStandin
from tests.connectors.reading import Notebook, Reader, reading

ANN = Chatter("UCann", "ann", "@ann")


def account(youtube: YouTubeStandin, notebook: Notebook, **changes: Any) -> YouTubeAccount:
    fields = {
        "client_id": "client",
        "client_secret": SecretStr("secret"),
        "refresh_token": SecretStr(youtube.refresh_token),
        "api_url": youtube.api_url,
        "token_url": youtube.token_url,
        "stream_target": youtube.stream_target,
        "least_poll_s": 0.1,
    }
    return YouTubeAccount(YouTubeSettings(**{**fields, **changes}), notebook)


@asynccontextmanager
async def attached(
    youtube: YouTubeStandin, notebook: Notebook, *, id: str = "video1", **changes: Any
) -> AsyncIterator[tuple[YouTubeConnector, Reader]]:
    connector = account(youtube, notebook, **changes).channel(id)
    connector.plan_until(datetime.now(UTC) + timedelta(minutes=1))
    async with reading(connector) as reader:
        yield connector, reader
