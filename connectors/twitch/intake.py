"""From EventSub frames to the channels they belong to: once each, and not too old."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog

from connectors.seen import Seen
from connectors.twitch.wire import read_message, read_moment
from domain.chat import Message

OLDEST = timedelta(minutes=10)
"""Source: Twitch «Handling WebSocket Events», replay attacks (read 2026-10)."""
log = structlog.get_logger()


class Hearer(Protocol):
    """One channel, as far as frames concern it."""

    channel: str

    def hear(self, message: Message) -> None:
        """A line of chat."""

    def hear_echo(self, event: Mapping[str, Any]) -> None:
        """Our own line."""

    def hear_broadcast(self, is_on: bool, at: datetime) -> None:
        """The broadcast started or ended."""


class Intake:
    """Every reader of an account pours into one intake, so that what comes twice is seen."""

    def __init__(self, find: Callable[[str], Hearer | None]) -> None:
        self.user_id = ""
        self.repeated = 0
        self.stale = 0
        self._find = find
        self._frames = Seen()
        self._messages = Seen()
        self._latest = datetime.min.replace(tzinfo=UTC)

    def take(self, frame: Mapping[str, Any]) -> None:
        """Pass a notification on. Never raises: a frame that cannot be read is dropped and logged."""
        try:
            self._take(frame)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            log.warning("twitch_event_not_read", missing=str(error)[:60])

    def _take(self, frame: Mapping[str, Any]) -> None:
        about, payload = frame["metadata"], frame["payload"]
        id = about.get("message_id")
        if id and not self._frames.is_new(id):
            self.repeated += 1
            return
        sent_at = read_moment(about.get("message_timestamp")) or datetime.now(UTC)
        # Twitch's own clock, as far as it was heard: ours may be wrong. A moment far ahead of both is not
        # believed: all that follows would look old.
        if sent_at > self._latest:
            if sent_at - datetime.now(UTC) < OLDEST:
                self._latest = sent_at
        elif self._latest - sent_at > OLDEST:
            self.stale += 1
            return
        kind = about.get("subscription_type") or payload["subscription"]["type"]
        if kind == "channel.chat.message":
            self._take_message(payload, sent_at)
        elif kind in ("stream.online", "stream.offline"):
            hearer = self._find(payload["event"]["broadcaster_user_id"])
            if hearer is not None:
                hearer.hear_broadcast(kind == "stream.online", sent_at)

    def _take_message(self, payload: Mapping[str, Any], sent_at: datetime) -> None:
        event = payload["event"]
        channel_id = (
            event.get("broadcaster_user_id") or payload["subscription"]["condition"]["broadcaster_user_id"]
        )
        hearer = self._find(channel_id)
        if hearer is None:
            return
        if not self._messages.is_new(event["message_id"]):
            self.repeated += 1
            return
        if event["chatter_user_id"] == self.user_id:
            hearer.hear_echo(event)
            return
        message = read_message(event, hearer.channel, self.user_id, sent_at)
        if message is not None:
            hearer.hear(message)
