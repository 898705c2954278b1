"""Lives and the channels they are broadcast on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from domain.errors import Refusal
from domain.plan_rules import Plan
from domain.sentences import sentence
from domain.show import Live, LiveState
from store.refusals import refusing
from store.tables import LiveChannelRow, LiveRow, table_of

_lives = table_of(LiveRow)
_channels = table_of(LiveChannelRow)
_ALREADY = {
    LiveState.PLANNED: "Live {id} is already planned.",
    LiveState.OPEN: "Live {id} is already open.",
    LiveState.CLOSING: "Live {id} is already closing.",
    LiveState.CLOSED: "Live {id} is already closed.",
}


class Lives:
    """The lives of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        title: str,
        language: str,
        timezone: str,
        channels: Sequence[str],
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Live:
        """A new planned live. Raises `Refusal` for no channel, or one that is not `platform:id`."""
        _check_channels(channels)
        values = {
            "title": title,
            "language": language,
            "timezone": timezone,
            "state": LiveState.PLANNED,
            "starts_at": starts_at,
            "ends_at": ends_at,
        }
        live_id = self._connection.execute(insert(_lives).returning(_lives.c.id), values).scalar_one()
        self._add_channels(live_id, channels)
        return self._must_get(live_id)

    def change(self, id: int, plan: Plan) -> Live:
        """The live with another plan, its products aside; its state is untouched. Only a planned live may be
        given other channels. Raises `Refusal` as `add` does."""
        _check_channels(plan.channels)
        live = self.lock(id)
        values = {
            "title": plan.title,
            "language": plan.language,
            "timezone": plan.timezone,
            "starts_at": plan.starts_at,
            "ends_at": plan.ends_at,
        }
        self._connection.execute(update(_lives).where(_lives.c.id == id).values(values))
        if plan.channels != live.channels:
            self._connection.execute(delete(_channels).where(_channels.c.live_id == id))
            self._add_channels(id, plan.channels)
        return self._must_get(id)

    def lock(self, id: int) -> Live:
        """The live as it stands; nobody else opens, closes or changes it before this unit is over."""
        mine = select(_lives.c.id).where(_lives.c.id == id)
        self._connection.execute(mine.with_for_update(key_share=True))
        return self._must_get(id)

    def get(self, id: int) -> Live | None:
        """The live, or None."""
        return next(iter(self._where(_lives.c.id == id)), None)

    def current(self, channel: str) -> Live | None:
        """The open live of `channel`, else the planned one that starts first, else None."""
        on_channel = select(_channels.c.live_id).where(_channels.c.channel == channel)
        found = self._where(
            _lives.c.id.in_(on_channel), _lives.c.state.in_([LiveState.OPEN, LiveState.PLANNED])
        )
        return min(found, key=_soonest, default=None)

    def open(self, id: int, now: datetime) -> Live:
        """The live, open. Raises `Refusal` unless it was planned and its channels are free."""
        with refusing(self._connection):
            opened = update(_lives).where(_lives.c.id == id, _lives.c.state == LiveState.PLANNED)
            if self._changed(opened.values(state=LiveState.OPEN, opened_at=now)):
                self._show_open(id, is_open=True)
                return self._must_get(id)
        raise Refusal(sentence(_ALREADY[self._must_get(id).state], id=id))

    def close(self, id: int, now: datetime) -> Live:
        """The live, closed. Raises `Refusal` if it is already."""
        closed = update(_lives).where(_lives.c.id == id, _lives.c.state != LiveState.CLOSED)
        if not self._changed(closed.values(state=LiveState.CLOSED, closed_at=now)):
            self._must_get(id)
            raise Refusal(sentence(_ALREADY[LiveState.CLOSED], id=id))
        self._show_open(id, is_open=False)
        return self._must_get(id)

    def set_state(self, id: int, state: LiveState) -> Live:
        """The live in `state`, its times untouched. Raises `Refusal` when a channel is taken."""
        with refusing(self._connection):
            self._connection.execute(update(_lives).where(_lives.c.id == id).values(state=state))
            self._show_open(id, is_open=state is LiveState.OPEN)
        return self._must_get(id)

    def _add_channels(self, live_id: int, channels: Sequence[str]) -> None:
        rows = [{"live_id": live_id, "channel": c, "is_open": False} for c in dict.fromkeys(channels)]
        self._connection.execute(insert(_channels), rows)

    def _changed(self, statement: Any) -> bool:
        return self._connection.execute(statement).rowcount == 1

    def _show_open(self, id: int, *, is_open: bool) -> None:
        statement = update(_channels).where(_channels.c.live_id == id).values(is_open=is_open)
        self._connection.execute(statement)

    def _must_get(self, id: int) -> Live:
        live = self.get(id)
        if live is None:
            raise Refusal(sentence("There is no live {id}.", id=id))
        return live

    def _where(self, *conditions: ColumnElement[bool]) -> list[Live]:
        rows = self._connection.execute(select(_lives).where(*conditions).order_by(_lives.c.id)).all()
        named = select(_channels.c.live_id, _channels.c.channel).order_by(_channels.c.id)
        if conditions:
            named = named.where(_channels.c.live_id.in_([row.id for row in rows]))
        channels: dict[int, list[str]] = {}
        for live_id, channel in self._connection.execute(named):
            channels.setdefault(live_id, []).append(channel)
        return [_live(row, channels.get(row.id, [])) for row in rows]

    def list(self) -> list[Live]:
        """Every live, the newest first."""
        return self._where()[::-1]


def _check_channels(channels: Sequence[str]) -> None:
    if not channels:
        raise Refusal("A live needs at least one channel.")
    for channel in channels:
        platform, _, account = channel.partition(":")
        if not platform or not account:
            raise Refusal(
                sentence(
                    "{channel} is no channel; write platform:id, for example twitch:100.",
                    channel=repr(channel),
                )
            )


def _live(row: Row[Any], channels: list[str]) -> Live:
    return Live(
        id=row.id,
        title=row.title,
        language=row.language,
        timezone=row.timezone,
        state=row.state,
        channels=tuple(channels),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def _soonest(live: Live) -> tuple[bool, bool, float, int]:
    starts = live.starts_at.timestamp() if live.starts_at else 0.0
    return (live.state is not LiveState.OPEN, live.starts_at is None, starts, live.id)
