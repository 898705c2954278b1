"""One Google project's account: its calls, and the units they cost."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from connectors.youtube.api import Api
from connectors.youtube.connector import YouTubeConnector
from connectors.youtube.kept import with_kept_token
from connectors.youtube.outcome import OUT_OF_UNITS, Refused, in_our_words
from connectors.youtube.quota import LOOK, MESSAGE, UNPLANNED, Plan, day_of, plan, seconds_to_reset
from connectors.youtube.settings import YouTubeSettings
from connectors.youtube.streams import Pages, open_stream
from connectors.youtube.ways import Way
from domain.errors import ActionRequired
from domain.ports import Memory
from domain.sentences import sentence

Result = TypeVar("Result")
THREADS = 3
COSTS = {"liveChatMessages": LOOK}
log = structlog.get_logger()


class YouTubeAccount:
    """`channel(id)` gives connectors; `id` is the account's own channel, or that of one video.

    Units are counted in the memory, for the Pacific day and for all processes, before they are spent.
    """

    def __init__(self, settings: YouTubeSettings, memory: Memory) -> None:
        self.settings = settings
        self.memory = memory
        self.channel_id = ""
        self.spent = 0
        self._api = Api(settings)
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="youtube")
        self._ends: dict[str, datetime | None] = {}
        self._used_up_on = ""
        self._told: Plan | None = None

    @property
    def name(self) -> str:
        """Names the account, and so its send budget."""
        return f"youtube:{self.channel_id}"

    @property
    def units_left(self) -> int:
        """How many of the day's units are left, as far as this program knows."""
        return max(0, self.settings.daily_units - self.spent)

    def channel(self, id: str) -> YouTubeConnector:
        """A connector for the account's running broadcast, or for one video."""
        return YouTubeConnector(self, id)

    async def attach(self, channel: str) -> None:
        """A channel begins to be read: it shares the units. Raises as `check` does."""
        if not self.channel_id:
            await self.check()
        self._ends.setdefault(channel, None)

    async def detach(self, channel: str) -> None:
        """A channel is no longer read, and connections are closed."""
        self._ends.pop(channel, None)
        await self.rest()

    def plan_until(self, channel: str, ends_at: datetime | None) -> None:
        """When the live on that channel is to end."""
        self._ends[channel] = ends_at

    def plan(self, wanted_look_s: float) -> Plan:
        """How the units that are left are spent, by all who read: until the last of them ends."""
        now = datetime.now(UTC)
        ends_at = max((end or now + UNPLANNED for end in self._ends.values()), default=now + UNPLANNED)
        left_s = min((ends_at - now).total_seconds(), seconds_to_reset(now))
        return plan(self.settings.daily_units - self.spent, left_s, wanted_look_s, max(1, len(self._ends)))

    async def check(self) -> str:
        """The account's channel id; raises `ActionRequired` for what a person must mend, else `Fault`."""
        self.spent = await self.memory.count(_units(datetime.now(UTC)), 0)
        items = (await self.ask("channels", part="id", mine=True)).get("items") or []
        if not items:
            raise ActionRequired(
                "The Google account has no YouTube channel: log in with the channel's own account."
            )
        self.channel_id = str(items[0]["id"])
        return self.channel_id

    async def ask(self, resource: str, **query: Any) -> dict[str, Any]:
        """The answer to a list call. Raises `Refused`, of which the chat's reader must know, or our own."""
        await self._spend(COSTS.get(resource, 1))
        return await self._on_thread(lambda: self._api.read(resource, **query))

    async def stream(self, way: Way, chat_id: str, token: str | None) -> Pages:
        """Open a stream, counted as a look; raises as `ask` does, the pages raise `StreamFailed`."""
        await self._spend(LOOK)
        access = await self._on_thread(self._api.access_token)
        return open_stream(way, self.settings, access, chat_id, token)

    def forget_access(self) -> None:
        """A stream was refused for its access token: the next is opened with another."""
        self._api.forget_access()

    async def write(self, chat_id: str, text: str) -> dict[str, Any]:
        """Write to a chat; raises as `Api.insert_message` does."""
        await self._spend(MESSAGE)
        return await self._on_thread(lambda: self._api.insert_message(chat_id, text))

    async def rest(self) -> None:
        """Close the connections that are open now."""
        await self._on_thread(self._api.close)

    def in_our_words(self, error: Refused) -> Exception:
        """What a refused call means; the day without units is remembered."""
        now = datetime.now(UTC)
        if error.reason in OUT_OF_UNITS:
            self._used_up_on = day_of(now)
        return in_our_words(error, seconds_to_reset(now))

    async def _spend(self, units: int) -> None:
        now = datetime.now(UTC)
        if self._used_up_on == day_of(now) or self.spent + units > self.settings.daily_units:
            # The count may be of the day before: the next one begins at nothing.
            self.spent = await self.memory.count(_units(now), 0)
            if self._used_up_on == day_of(now) or self.spent + units > self.settings.daily_units:
                raise in_our_words(Refused(403, "quotaExceeded", ""), seconds_to_reset(now))
        self.spent = await self.memory.count(_units(now), units)

    async def _on_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def tell_plan(self, wanted_look_s: float) -> None:
        """Tell what is given up so that the units last: as soon as it is, and when it becomes much more."""
        made = self.plan(wanted_look_s)
        left = self.settings.daily_units - self.spent
        if not made.gives_up(wanted_look_s):
            if self._told is not None:
                log.info("youtube_units_enough", units_left=left)
            self._told = None
        elif self._told is None or made.is_much_less_than(self._told):
            log.warning("youtube_units_short", plan=made.in_words(), units_left=left)
            self._told = made

    @property
    def given_up(self) -> str | None:
        """What is given up so that the units last, as a sentence; None when nothing is."""
        if self._told is None:
            return None
        return sentence("YouTube's units are short: {plan} until the end.", plan=self._told.in_words())


def open_account(settings: YouTubeSettings, memory: Memory) -> YouTubeAccount:
    """The account of `settings`, with the login that was kept last."""
    return YouTubeAccount(with_kept_token(settings, memory), memory)


def _units(now: datetime) -> str:
    return f"units of {day_of(now)}"
