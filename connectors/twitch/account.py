"""One bot account on Twitch: its token, its channels, and what it says."""

import asyncio
import logging
import time
from typing import Any

import aiohttp
import structlog

from connectors.twitch.connector import TwitchConnector
from connectors.twitch.helix import Helix
from connectors.twitch.id_server import IdServer
from connectors.twitch.intake import Intake
from connectors.twitch.kept import keep_in, with_kept_tokens
from connectors.twitch.outcome import Answered
from connectors.twitch.pace import Pace
from connectors.twitch.place import Place
from connectors.twitch.settings import TwitchSettings
from connectors.twitch.supervision import Supervision
from connectors.twitch.tokens import SaveToken, Tokens, save_nowhere
from connectors.twitch.whispers import WhisperQuota
from domain.errors import ActionRequired, Fault
from domain.ports import Memory
from domain.sentences import sentence

WHISPERED = "whispered"
log = structlog.get_logger()


class TwitchAccount:
    """`channel(id)` gives connectors; the first that connects opens the socket, the last closes it.

    `save_token` keeps a renewed token pair before it is used, `memory` whom we whispered to.
    """

    def __init__(
        self,
        settings: TwitchSettings,
        save_token: SaveToken = save_nowhere,
        *,
        pace: Pace | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.settings = settings
        self.pace = pace or Pace()
        self._whispers: WhisperQuota | None = None
        self._whispering = asyncio.Lock()
        self._memory = memory
        self.intake = Intake(self._find)
        self._tokens = Tokens(settings, save_token, self.pace.refused_s)
        self._places: dict[str, Place] = {}
        self._refusals: dict[str, tuple[float, str]] = {}
        self._moderates: dict[str, bool] = {}
        self._session: aiohttp.ClientSession | None = None
        self._supervision: Supervision | None = None
        self._lock = asyncio.Lock()
        if logging.getLogger("twitchio").level == logging.NOTSET:
            logging.getLogger("twitchio").setLevel(logging.ERROR)  # what it warns of is supervised here

    @property
    def user_id(self) -> str:
        """The bot's own id; empty until it is known."""
        return self._tokens.identity.user_id if self._tokens.identity else ""

    @property
    def name(self) -> str:
        """Names the account, and so its send budget, once it is connected."""
        return f"twitch:{self.user_id}"

    def channel(self, channel_id: str) -> TwitchConnector:
        """A connector for the channel of that broadcaster id."""
        return TwitchConnector(self, channel_id)

    def problem(self, channel_id: str) -> str | None:
        """What keeps a channel from being read or written, as a sentence; None when nothing does."""
        place = self._places.get(channel_id)
        general = self._supervision.problem if self._supervision else None
        return (place.refusal if place else None) or general

    def is_moderator(self, channel_id: str) -> bool:
        """True when the bot is the broadcaster, or has been seen with a moderator's badge."""
        return channel_id == self.user_id or self._moderates.get(channel_id, False)

    def learn_moderator(self, channel_id: str, *, is_moderator: bool) -> None:
        """What the badges of our own message say."""
        if self._moderates.get(channel_id) != is_moderator:
            self._moderates[channel_id] = is_moderator
            log.info("twitch_role_learnt", channel=f"twitch:{channel_id}", is_moderator=is_moderator)

    async def join(self, connector: TwitchConnector) -> None:
        """Read a channel; raises `ActionRequired` for what a person must mend, else `Fault`."""
        until, refusal = self._refusals.get(connector.id, (0.0, ""))
        if time.monotonic() < until:
            raise ActionRequired(refusal)
        try:
            async with self._lock:
                supervision = await self._start()
                place = self._places[connector.id] = Place(connector)
                supervision.wake.set()
            async with asyncio.timeout(self.pace.join_s):
                await place.joined
        except BaseException as error:
            why = self._supervision.last_failure if self._supervision else ""
            await self.leave(connector)
            if isinstance(error, TimeoutError):
                why = why or sentence("no answer")
                cannot = sentence("Twitch's chat cannot be read yet: {why}.", why=why)
                raise Fault(cannot, is_retryable=True) from None
            if isinstance(error, ActionRequired):
                self._refusals[connector.id] = (time.monotonic() + self.pace.refused_s, error.sentence)
            raise

    async def leave(self, connector: TwitchConnector) -> None:
        """Stop reading a channel."""
        async with self._lock:
            place = self._places.get(connector.id)
            if place is not None and place.connector is connector:
                del self._places[connector.id]
            if not self._places:
                await self._stop()

    async def say(self, channel_id: str, line: str, reply_to: str | None) -> Any:
        """Twitch's answer to a message; a parent that cannot be replied to is left out."""
        user_id = self.user_id
        words = {"broadcaster_id": channel_id, "sender_id": user_id, "message": line, "token_for": user_id}
        if reply_to is None:
            return await self._helix.post_chat_message(**words)
        try:
            return await self._helix.post_chat_message(**words, reply_to_message_id=reply_to)
        except Answered as error:
            if error.status != 400:
                raise
            return await self._helix.post_chat_message(**words)

    async def whisper(self, viewer_id: str, line: str) -> None:
        """Whisper to a viewer; raises `Fault` when Twitch's limits leave no room for it."""
        await self._count_whisper(viewer_id)
        user_id = self.user_id
        await self._helix.post_whisper(
            from_user_id=user_id, to_user_id=viewer_id, token_for=user_id, message=line
        )

    async def _count_whisper(self, viewer_id: str) -> None:
        """Written down before it is sent: Twitch counts what a run before us whispered too."""
        async with self._whispering:
            if self._whispers is None:
                quota = WhisperQuota()
                if self._memory is not None:
                    quota.read(await self._memory.recall(WHISPERED))
                self._whispers = quota
            is_new = self._whispers.spend(viewer_id, time.monotonic(), time.time())
            if is_new and self._memory is not None:
                await self._memory.remember(WHISPERED, self._whispers.written())

    @property
    def _helix(self) -> Helix:
        if self._supervision is None:
            raise Fault("The Twitch account is not connected.", is_retryable=True)
        return self._supervision.helix

    def _find(self, channel_id: str) -> TwitchConnector | None:
        place = self._places.get(channel_id)
        return place.connector if place else None

    async def _start(self) -> Supervision:
        if self._supervision is not None:
            return self._supervision
        self._session = aiohttp.ClientSession()
        self._tokens.ids = IdServer(self._session, self.settings, self.pace.answer_s)
        self.intake.user_id = (await self._tokens.check()).user_id
        helix = Helix(self._session, self.settings, self._tokens, self.pace.answer_s)
        self._supervision = Supervision(
            self.settings, self.pace, helix, self._tokens, self._places, self.intake.take
        )
        self._supervision.start()
        return self._supervision

    async def _stop(self) -> None:
        if self._supervision is not None:
            await self._supervision.stop()
            self._supervision = None
        if self._session is not None:
            await self._session.close()
            self._session = None


def open_account(settings: TwitchSettings, memory: Memory) -> TwitchAccount:
    """The account of `settings`, with the tokens of its last login or renewal."""
    return TwitchAccount(with_kept_tokens(settings, memory), keep_in(memory), memory=memory)
