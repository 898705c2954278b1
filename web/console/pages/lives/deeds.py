"""Opening, closing and cancelling a live, once confirmed; a running show tells its chats."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from domain.errors import BateleurError
from domain.people import Right
from domain.show import Live
from store.unit import UnitOfWork
from web.console.desk import Change, Desk


class Deeds:
    """What can be done with a live in the list; `refresh` shows how it stands afterwards."""

    def __init__(self, desk: Desk, refresh: Callable[[], Awaitable[None]]) -> None:
        self.desk = desk
        self._refresh = refresh

    async def open(self, live: Live) -> None:
        """Open a planned live."""
        with self.desk.client.content:  # not in the list: it may be drawn anew while one is asked
            if await self._is_sure("begin", live) and await self._order(
                live, "live_opened", "!live on", _open
            ):
                await self._done("began", live)

    async def close(self, live: Live) -> None:
        """Close an open live: it cannot be opened again."""
        with self.desk.client.content:
            if await self._is_sure("end", live) and await self._order(
                live, "live_closed", "!live off", _close
            ):
                await self._done("ended", live)

    async def cancel(self, live: Live) -> None:
        """Close a planned live, which then is never opened. Nobody in a chat need hear of it."""
        with self.desk.client.content:
            if await self._is_sure("cancel", live) and await self._change(live, "live_cancelled", _close):
                await self._done("cancelled", live)

    async def _is_sure(self, deed: str, live: Live) -> bool:
        say = self.desk.say
        return await self.desk.confirms(say(f"lives.{deed}_ask", live=live.title), say(f"lives.{deed}"))

    async def _done(self, key: str, live: Live) -> None:
        self.desk.tell(self.desk.say(f"lives.{key}", live=live.title))
        await self._refresh()

    async def _order(
        self, live: Live, action: str, order: str, work: Callable[[UnitOfWork, Live, datetime], Live]
    ) -> bool:
        """By the running show when there is one, so that its chats are told; else in the store."""
        show = self.desk.console.show
        if show is None:
            return await self._change(live, action, work)
        if not await self.desk.may(Right.RUN_SHOW):
            return False
        try:
            ordered = await show.order(live.id, self.desk.user, order)
        except BateleurError as error:
            self.desk.failed(error)
            return False
        if not ordered.is_done:
            self.desk.complain(ordered.sentence)
            return False
        return True

    async def _change(
        self, live: Live, action: str, work: Callable[[UnitOfWork, Live, datetime], Live]
    ) -> bool:
        def change(unit: UnitOfWork, now: datetime) -> Change:
            after = work(unit, live, now)
            return Change(f"live {live.id}", {"state": live.state.value}, {"state": after.state.value})

        return bool(await self.desk.act(Right.RUN_SHOW, action, change))


def _open(unit: UnitOfWork, live: Live, now: datetime) -> Live:
    return unit.lives.open(live.id, now)


def _close(unit: UnitOfWork, live: Live, now: datetime) -> Live:
    return unit.lives.close(live.id, now)
