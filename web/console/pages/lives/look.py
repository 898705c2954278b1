"""What the list of lives reads from the store, as one value that can be compared with the last."""

from dataclasses import dataclass

from domain.money import Money
from domain.report import Brief
from domain.show import Live, LiveState
from store.unit import UnitOfWork


@dataclass(frozen=True, slots=True)
class Listed:
    """A live and what it came to."""

    live: Live
    brief: Brief

    @property
    def state(self) -> str:
        """Its state; one that was closed without ever having been opened was cancelled."""
        is_cancelled = self.live.state is LiveState.CLOSED and self.live.opened_at is None
        return "cancelled" if is_cancelled else self.live.state.value

    @property
    def is_reported(self) -> bool:
        """Whether there may be something to report: it was opened."""
        return self.live.opened_at is not None

    @property
    def net(self) -> list[Money]:
        """What its valid orders left after refunds."""
        return [Money(amount, currency) for currency, amount in self.brief.net.items()]


@dataclass(frozen=True, slots=True)
class Lives:
    """The newest lives first, the planned ones in the order in which they start."""

    listed: tuple[Listed, ...]
    has_more: bool


def look(unit: UnitOfWork, most: int) -> Lives:
    """All lives that are on or planned, and at most `most` past ones."""
    briefs, lives = unit.reports.briefs(), unit.lives.list()
    past = sorted(
        (live for live in lives if live.state is LiveState.CLOSED),
        key=lambda live: _begun(live),
        reverse=True,
    )
    others = sorted((live for live in lives if live.state is not LiveState.CLOSED), key=_begun)
    shown = (*others, *past[:most])
    listed = tuple(Listed(live, briefs.get(live.id, Brief())) for live in shown)
    return Lives(listed, len(past) > most)


def _begun(live: Live) -> tuple[float, int]:
    at = live.opened_at or live.starts_at or live.closed_at
    return (at.timestamp() if at else 0.0, live.id)
