"""Twitch on loopback: id, Helix and EventSub in one server that enforces the limits and counts breaches."""

import uuid
from collections import Counter, OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from standins.loopback import Loopback
from standins.people import Chatter
from standins.twitch.eventsub import EventSub
from standins.twitch.faults import Faults
from standins.twitch.frames import Parent, chat_event, stamp
from standins.twitch.helix import Helix
from standins.twitch.limits import SendLimits, WhisperLimits
from standins.twitch.oauth import IdServer

REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a client posted, and whether the chat saw it."""

    channel_id: str
    text: str
    reply_to: str | None
    sender_id: str
    is_sent: bool


class TwitchStandin(Loopback):
    """Speaks Twitch's protocol as Twitch's reference describes it.

    The bot is a moderator where `moderated` says, and may neither read nor write where it is `banned`.
    Channels that have `consented` to the application cost nothing to follow; whispers do not reach who is
    `unwhispered`. `calls` counts what was asked of Helix, as `GET streams`.
    """

    def __init__(
        self,
        *,
        client_id: str = "client",
        bot_id: str = "900",
        bot_login: str = "bateleur",
        channels: Mapping[str, str] | None = None,
        bot_is_moderator: bool = True,
    ) -> None:
        super().__init__()
        self.channels = dict(channels or {"100": "shop"})
        self.bot = Chatter(bot_id, bot_login, bot_login.title())
        self.moderated: set[str] = set(self.channels) if bot_is_moderator else set()
        self.banned: set[str] = set()
        self.consented: set[str] = set()
        self.unwhispered: set[str] = set()
        self.violations: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.faults = Faults()
        self.said: list[Said] = []
        self.whispers: list[tuple[str, str]] = []
        self.online: set[str] = set(self.channels)
        self.messages: OrderedDict[str, Parent] = OrderedDict()
        self.id = IdServer(client_id, {**self.channels, bot_id: bot_login})
        self.bot_token, self.bot_refresh_token = self.id.issue(bot_id)
        self.eventsub = EventSub(self.faults)
        self._limits: dict[str, SendLimits] = {}
        self._whisper_limits: dict[str, WhisperLimits] = {}
        self.id_url = self.api_url = self.eventsub_url = ""

    def app(self) -> web.Application:
        """id, Helix and EventSub."""
        app = web.Application()
        self.id.add_routes(app)
        Helix(self).add_routes(app)
        app.router.add_get("/ws", self.eventsub.serve)
        return app

    def addressed(self, place: str) -> None:
        """The three addresses, on one server."""
        self.id_url = self.id.sign_in.root = f"http://{place}"
        self.api_url = f"{self.id_url}/helix"
        self.eventsub_url = self.eventsub.url = f"ws://{place}/ws"

    async def stop(self) -> None:
        """Close every socket and stop listening."""
        await self.eventsub.stop()
        await super().stop()

    async def chat(
        self,
        channel_id: str,
        author: Chatter,
        text: str,
        *,
        message_id: str | None = None,
        reply_to: str | None = None,
        source: Chatter | None = None,
        age_s: float = 0.0,
    ) -> str:
        """Someone writes, or wrote `age_s` seconds ago; returns the message's id. `source` is the channel of
        a Shared Chat where it was written. A reply's text begins with whom it replies to."""
        id = message_id or str(uuid.uuid4())
        login = self.channels[channel_id]
        channel = Chatter(channel_id, login, login.title())
        parent = self.messages.get(reply_to) if reply_to else None
        if parent is not None:
            text = f"@{parent.author.login} {text}"
        self.messages[id] = Parent(id, author, text)
        if len(self.messages) > REMEMBERED:
            self.messages.popitem(last=False)
        event = chat_event(channel, author, text, id, parent=parent, source=source)
        await self.eventsub.notify("channel.chat.message", event, age_s=age_s)
        return id

    async def delete(self, channel_id: str, message_id: str) -> None:
        """A moderator takes a message away: it cannot be replied to any more."""
        gone = self.messages.pop(message_id)
        event = {
            **self._broadcaster(channel_id),
            "target_user_id": gone.author.id,
            "target_user_login": gone.author.login,
            "target_user_name": gone.author.name,
            "message_id": message_id,
        }
        await self.eventsub.notify("channel.chat.message_delete", event)

    async def stream(self, channel_id: str, *, is_online: bool) -> None:
        """The broadcast of a channel starts or ends."""
        event = {"id": "40" + channel_id, **self._broadcaster(channel_id)}
        if is_online:
            self.online.add(channel_id)
            await self.eventsub.notify("stream.online", {**event, "type": "live", "started_at": stamp()})
        else:
            self.online.discard(channel_id)
            await self.eventsub.notify("stream.offline", event)

    async def rename(self, user: Chatter) -> None:
        """A user has a new name; the id stays."""
        event = {
            "user_id": user.id,
            "user_login": user.login,
            "user_name": user.name,
            "email": None,
            "email_verified": None,
            "description": "",
        }
        await self.eventsub.notify("user.update", event)

    def bot_in(self, channel_id: str) -> Chatter:
        """The bot, with the badges it has in a channel."""
        return replace(self.bot, badges=("moderator",) if channel_id in self.moderated else ())

    def limits_of(self, user_id: str) -> SendLimits:
        """What a sender may still say."""
        return self._limits.setdefault(user_id, SendLimits(self.violations))

    def whispers_of(self, user_id: str) -> WhisperLimits:
        """What a sender may still whisper."""
        return self._whisper_limits.setdefault(user_id, WhisperLimits(self.violations))

    def note_said(
        self, channel_id: str, text: str, reply_to: str | None, sender_id: str, *, is_sent: bool
    ) -> None:
        """Keep a message that a client posted."""
        self.said.append(Said(channel_id, text, reply_to, sender_id, is_sent))

    def leaks(self, codes: Collection[str]) -> int:
        """How many of `codes` were posted in public, whatever the case."""
        text = "\n".join(said.text for said in self.said).upper()
        return sum(code.upper() in text for code in codes)

    def _broadcaster(self, channel_id: str) -> dict[str, Any]:
        login = self.channels[channel_id]
        return {
            "broadcaster_user_id": channel_id,
            "broadcaster_user_login": login,
            "broadcaster_user_name": login.title(),
        }
