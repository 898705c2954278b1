"""A stand-in Page, and a connector that reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from connectors.facebook.account import FacebookAccount
from connectors.facebook.connector import FacebookConnector
from connectors.facebook.settings import FacebookSettings
from standins.facebook.server import FacebookStandin
from standins.people import Chatter
from tests.connectors.reading import Notebook, Reader, reading

ANN = Chatter("5525240951", "ann", "Ann L.")


def settings(facebook: FacebookStandin, **changes: Any) -> FacebookSettings:
    fields = {
        "page_id": facebook.page_id,
        "page_token": SecretStr(facebook.page_token),
        "app_secret": SecretStr(facebook.app_secret),
        "graph_url": facebook.graph_url,
        "stream_url": facebook.stream_url,
        "poll_s": 0.05,
        "status_s": 0.1,
    }
    return FacebookSettings(**{**fields, **changes})


@asynccontextmanager
async def attached(
    facebook: FacebookStandin, notebook: Notebook, *, id: str = "", **changes: Any
) -> AsyncIterator[tuple[FacebookConnector, Reader]]:
    connector = FacebookAccount(settings(facebook, **changes), notebook).channel(id or facebook.page_id)
    async with reading(connector) as reader:
        yield connector, reader
