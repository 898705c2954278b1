"""One EventSub socket and those that follow it on Twitch's request, until the last is dead."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from connectors.twitch.outcome import Unreached
from connectors.twitch.place import Place
from connectors.twitch.reader import Reader
from connectors.twitch.subscribing import follow_broadcast, subscribe_chat

if TYPE_CHECKING:
    from connectors.twitch.supervision import Supervision

T = TypeVar("T")
log = structlog.get_logger()


class SocketWatch:
    """Subscribes the channels that want it, and notices silence, closing, reconnects and revocations."""

    def __init__(self, owner: "Supervision") -> None:
        self._owner = owner
        self._readers: list[Reader] = []
        self._errands: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Returns when the socket is dead or no channel may be read on it; raises `Unreached`."""
        try:
            await self._watch(await self._fresh())
        finally:
            for place in self._owner.places.values():
                place.lose(place.on.silent_s() if place.on else 0.0)
            for errand in self._errands:
                errand.cancel()
            await asyncio.gather(*self._errands, return_exceptions=True)
            for reader in self._readers:
                await reader.close()

    async def _watch(self, reader: Reader) -> None:
        handover: asyncio.Task[Reader] | None = None
        while True:
            if handover is None and reader.reconnect_url:
                handover = self._run(self._hand_over(reader))
            if handover is not None and handover.done():
                reader, handover = handover.result(), None
            if handover is None:
                self._take_back(reader)
                await self._owner.validate_when_due()
                await self._subscribe(reader)
                if self._is_useless() or self._is_dead(reader):
                    return
            await self._owner.look_later()

    def _is_useless(self) -> bool:
        return not any(place.on or place.refusal is None for place in self._owner.places.values())

    def _is_dead(self, reader: Reader) -> bool:
        pace = self._owner.pace
        keepalive_s = reader.keepalive_s or self._owner.settings.keepalive_s
        silent_s = reader.silent_s()
        if not reader.has_ended and silent_s <= keepalive_s * pace.silence_factor + pace.silence_margin_s:
            return False
        log.warning("twitch_socket_lost", code=reader.ended_code, silent_s=round(silent_s, 1))
        return True

    async def _fresh(self) -> Reader:
        settings = self._owner.settings
        return await self._open(settings.eventsub_url, settings.keepalive_s)

    async def _open(self, url: str, keepalive_s: int | None) -> Reader:
        reader = self._owner.reader()
        self._readers.append(reader)
        await reader.open(url, keepalive_s, self._owner.pace.answer_s)
        return reader

    async def _hand_over(self, old: Reader) -> Reader:
        """The socket that follows `old`. Until it is welcomed, and a little longer, `old` is read too.

        When Twitch refuses the reconnect (4007), a fresh socket is subscribed beside `old`. When `old` ended
        before the welcome (4004), what was written in between is a gap.
        """
        try:
            new = await self._open(old.reconnect_url or "", None)
        except Unreached as error:
            log.warning("twitch_reconnect_failed", why=str(error))
            new = await self._fresh()
            for place in self._owner.places.values():
                place.lose(0.0)
        for place in self._owner.places.values():
            if place.on is old and old.has_ended:
                place.lose(old.silent_s())
            elif place.on is old:
                place.on = new
                self._follow(place, new)
        self._run(self._close_later(old))
        log.info("twitch_socket_replaced")
        return new

    async def _close_later(self, old: Reader) -> None:
        await asyncio.sleep(self._owner.pace.linger_s)
        await old.close()
        self._readers.remove(old)

    def _take_back(self, reader: Reader) -> None:
        """Twitch revoked subscriptions: those channels are lost, and the token is looked at first."""
        for subscription in reader.revoked:
            channel_id = (subscription.get("condition") or {}).get("broadcaster_user_id", "")
            log.warning("twitch_subscription_revoked", channel=channel_id, why=subscription.get("status"))
            place = self._owner.places.get(channel_id)
            if place is not None and subscription.get("type") == "channel.chat.message":
                place.revoke()
                self._owner.suspect_token()
        reader.revoked.clear()

    async def _subscribe(self, reader: Reader) -> None:
        wanting = [place for place in self._owner.places.values() if place.wants()]
        await asyncio.gather(*(self._subscribe_one(place, reader) for place in wanting))

    async def _subscribe_one(self, place: Place, reader: Reader) -> None:
        owner = self._owner
        failure = await subscribe_chat(owner.helix, place, reader, owner.user_id, owner.pace.refused_s)
        if failure:
            owner.last_failure = failure
            log.info("twitch_channel_not_subscribed", channel=place.connector.channel, why=failure)
        else:
            self._follow(place, reader)

    def _follow(self, place: Place, reader: Reader) -> None:
        """Also after a reconnect: what was being asked of the old socket then may not have moved along."""
        self._run(follow_broadcast(self._owner.helix, place, reader, self._owner.user_id))

    def _run(self, errand: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._errands.discard(task)
        self._owner.wake.set()
