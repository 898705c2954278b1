"""One Page: its token, its calls and who may give orders in its chats."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from connectors.facebook.connector import FacebookConnector
from connectors.facebook.graph import Graph
from connectors.facebook.outcome import Refused, in_our_words
from connectors.facebook.settings import FacebookSettings
from domain.errors import ActionRequired
from domain.ports import Memory
from domain.sentences import sentence

Result = TypeVar("Result")
THREADS = 8
MODERATORS = "moderators"


class FacebookAccount:
    """`channel(id)` gives connectors; `id` is the Page's, or that of one live video."""

    def __init__(self, settings: FacebookSettings, memory: Memory) -> None:
        self.settings = settings
        self.memory = memory
        self.graph = Graph(settings)
        self.page_id = settings.page_id
        self.moderators = frozenset(settings.moderators)
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="facebook")

    @property
    def name(self) -> str:
        """Names the account, and so its send budget."""
        return f"facebook:{self.page_id}"

    def channel(self, id: str) -> FacebookConnector:
        """A connector for the Page's running live video, or for one live video."""
        return FacebookConnector(self, id)

    async def check(self) -> str:
        """The Page's name; raises `ActionRequired` for what a person must mend, `Fault` to try again."""
        page = await self.ask("me", fields="id,name")
        if self.page_id and str(page.get("id")) != self.page_id:
            raise ActionRequired(
                sentence(
                    "The token is of Page {other}, not of {page_id}: set BATELEUR_FACEBOOK__PAGE_ID and "
                    "BATELEUR_FACEBOOK__PAGE_TOKEN of the same Page.",
                    other=page.get("id"),
                    page_id=self.page_id,
                )
            )
        self.page_id = str(page.get("id") or "")
        kept = json.loads(await self.memory.recall(MODERATORS) or "[]")
        self.moderators = frozenset((*self.settings.moderators, *kept))
        return str(page.get("name") or self.page_id)

    async def add_moderator(self, viewer_id: str) -> None:
        """From now on this viewer may give orders, in later runs too."""
        self.moderators |= {viewer_id}
        kept = sorted(self.moderators - set(self.settings.moderators))
        await self.memory.remember(MODERATORS, json.dumps(kept))

    async def ask(self, path: str, **query: str | int) -> Any:
        """The answer to a GET, in our words when it fails."""
        try:
            return await self.on_thread(lambda: self.graph.get(path, **query))
        except Refused as error:
            raise in_our_words(error) from None

    async def on_thread(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, done on a thread of the account's."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def open_account(settings: FacebookSettings, memory: Memory) -> FacebookAccount:
    """The Page of `settings`."""
    return FacebookAccount(settings, memory)
