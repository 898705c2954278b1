"""One Twitch channel as a `Connector`."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.twitch.broadcast import Broadcast
from connectors.twitch.outcome import Answered, Unclear, Unreached
from connectors.twitch.sending import capabilities, read_sent, refused, sayable
from connectors.twitch.wire import read_role
from domain.chat import Gap, LiveEvent, Message, Role
from domain.errors import ActionRequired, Fault
from domain.ports import Capabilities, Sent
from domain.sentences import sentence

if TYPE_CHECKING:
    from connectors.twitch.account import TwitchAccount


@dataclass(frozen=True, slots=True)
class _Expected:
    """A message of ours that should come back on EventSub, and the future of its id."""

    text: str
    id: "asyncio.Future[str]"


class TwitchConnector:
    """The channel `twitch:<broadcaster id>`, read and written by a `TwitchAccount`."""

    def __init__(self, account: "TwitchAccount", channel_id: str) -> None:
        self.id = channel_id
        self.channel = f"twitch:{channel_id}"
        self._account = account
        self._waiting: deque[Message | Gap | LiveEvent] = deque()
        self._arrived = asyncio.Event()
        self._is_closed = False
        self._expected: list[_Expected] = []
        self._broadcast = Broadcast(self.channel, account.settings.debounce_s, self.give)

    @property
    def account(self) -> str:
        """The same for all channels that share one send budget."""
        return self._account.name

    @property
    def problem(self) -> str | None:
        """The sentence for whoever can mend it while the channel is not read; None while it is."""
        return self._account.problem(self.id)

    @property
    def capabilities(self) -> Capabilities:
        """A moderator's budget once Twitch has shown that the bot is one."""
        is_moderator = self._account.is_moderator(self.id)
        return capabilities(is_moderator=is_moderator, may_whisper=self._account.settings.whispers)

    async def connect(self) -> None:
        """Check the token and read this channel; raises `ActionRequired`, or `Fault` to try again."""
        self._is_closed = False
        await self._account.join(self)

    async def close(self) -> None:
        """Leave the channel; the last channel of an account closes its socket."""
        self._is_closed = True
        self._arrived.set()
        self._broadcast.forget()
        await self._account.leave(self)

    async def messages(self) -> AsyncIterator[Message | Gap | LiveEvent]:
        """What the channel brings, until it is closed. For one reader."""
        waiting = self._waiting
        while True:
            while waiting:
                yield waiting.popleft()
            if self._is_closed:
                return
            self._arrived.clear()
            await self._arrived.wait()

    def look_now(self) -> None:
        """Nothing is waited with: Twitch sends what is written."""

    async def send(self, text: str, *, reply_to: str | None = None) -> Sent:
        """Say `text` once. When Twitch leaves its fate open, our own echo is waited for; without one
        the answer is not sure, and the text is not said again."""
        line = sayable(text)
        expected = _Expected(line, asyncio.get_running_loop().create_future())
        self._expected.append(expected)
        try:
            sent = read_sent(await self._account.say(self.id, line, reply_to))
            return sent or await self._confirmed(expected)
        except Unclear:
            return await self._confirmed(expected)
        except Unreached as error:
            raise Fault(sentence("Twitch: {error}.", error=error), is_retryable=True) from None
        except Answered as error:
            if error.status >= 500:
                return await self._confirmed(expected)
            raise refused(error, self.channel) from None
        finally:
            self._expected.remove(expected)

    def plan_until(self, ends_at: datetime | None) -> None:
        """Nothing to spread: Twitch counts by the half minute."""

    async def send_private(self, message: Message, text: str) -> Sent:
        """Whisper to the author of `message`. Never sure: Twitch says yes to whispers that it then drops."""
        if not self._account.settings.whispers:
            raise ActionRequired("Twitch whispers are switched off: set BATELEUR_TWITCH__WHISPERS=true.")
        line = sayable(text)
        try:
            await self._account.whisper(message.author.id, line)
        except Unreached as error:
            raise Fault(sentence("Twitch: {error}.", error=error), is_retryable=True) from None
        except Unclear:
            pass
        except Answered as error:
            if error.status in (401, 403):
                why = sentence(
                    "Twitch does not let the bot whisper ({error}): verify its phone number there.",
                    error=error.message,
                )
                raise ActionRequired(why) from None
            if error.status < 500:
                raise refused(error, "a whisper") from None
        return Sent("", is_sure=False)

    def give(self, item: Message | Gap | LiveEvent) -> None:
        """Put something where `messages` finds it."""
        self._waiting.append(item)
        self._arrived.set()

    hear = give

    def hear_echo(self, event: Mapping[str, Any]) -> None:
        """Our own line came back: it is on the screen, and its badges say what we are there."""
        is_moderator = read_role(event.get("badges") or ()) >= Role.MODERATOR
        self._account.learn_moderator(self.id, is_moderator=is_moderator)
        text = event["message"]["text"]
        for expected in self._expected:
            is_it = text == expected.text or (event.get("reply") and text.endswith(expected.text))
            if is_it and not expected.id.done():
                expected.id.set_result(event["message_id"])
                return

    def hear_broadcast(self, is_on: bool, at: datetime) -> None:
        """An event says that the broadcast started or ended."""
        self._broadcast.told(is_on, at)

    def find_broadcast(self, is_on: bool, at: datetime) -> None:
        """Twitch was asked whether the channel broadcasts."""
        self._broadcast.found(is_on, at)

    async def _confirmed(self, expected: _Expected) -> Sent:
        try:
            async with asyncio.timeout(self._account.pace.echo_s):
                return Sent(await expected.id)
        except TimeoutError:
            return Sent("", is_sure=False)
