"""How the lives stand, counted for who watches the program; no viewer and no code among it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from domain.redemption import Verdict
from domain.show import CodeState, DeliveryState, LiveState
from store.lives import Lives
from store.tables import CodeRow, GrantRow, NoticeRow, OfferRow, RedemptionRow, table_of

_offers = table_of(OfferRow)
_codes = table_of(CodeRow)
_grants = table_of(GrantRow)
_redemptions = table_of(RedemptionRow)
_notices = table_of(NoticeRow)

WATCHED = timedelta(days=2)
"""How long a live that is over is still counted."""


@dataclass(slots=True)
class LiveGauge:
    """One live: its grants by how far they are, its orders by verdict. `leased_until`: when the first of the
    codes that viewers may hold or get stops working in the shop, None without a shop."""

    live_id: int
    is_open: bool
    grants: dict[DeliveryState, int] = field(default_factory=dict)
    redemptions: dict[Verdict, int] = field(default_factory=dict)
    leased_until: datetime | None = None


class Gauges:
    """The gauges of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lives(self, now: datetime) -> list[LiveGauge]:
        """The lives that are planned, on, or were of late, the newest first."""
        lives = Lives(self._connection).list()
        recent = [live for live in lives if live.closed_at is None or live.closed_at > now - WATCHED]
        found = {live.id: LiveGauge(live.id, live.state is LiveState.OPEN) for live in recent}
        self._count_grants(found)
        self._count_redemptions(found)
        self._find_leases({id: one for id, one in found.items() if one.is_open})
        return list(found.values())

    def webhooks_waiting(self) -> int:
        """How many of the shop's webhooks are kept and not yet worked on."""
        waiting = select(func.count()).select_from(_notices).where(_notices.c.done_at.is_(None))
        return int(self._connection.execute(waiting).scalar_one())

    def _count_grants(self, found: dict[int, LiveGauge]) -> None:
        what = (_offers.c.live_id, _grants.c.delivery)
        joined = select(*what, func.count()).join(_offers, _offers.c.id == _grants.c.offer_id)
        for live_id, state, count in self._connection.execute(
            joined.where(_offers.c.live_id.in_(found)).group_by(*what)
        ):
            found[live_id].grants[state] = count

    def _count_redemptions(self, found: dict[int, LiveGauge]) -> None:
        what = (_offers.c.live_id, _redemptions.c.verdict)
        joined = select(*what, func.count()).join(_offers, _offers.c.id == _redemptions.c.offer_id)
        for live_id, verdict, count in self._connection.execute(
            joined.where(_offers.c.live_id.in_(found)).group_by(*what)
        ):
            found[live_id].redemptions[verdict] = count

    def _find_leases(self, found: dict[int, LiveGauge]) -> None:
        ends = (func.min(_codes.c.leased_until), func.min(_offers.c.leased_until))
        living = (_codes.c.offer_id == _offers.c.id) & _codes.c.state.in_(
            (CodeState.CREATED, CodeState.GRANTED)
        )
        statement = select(_offers.c.live_id, *ends).outerjoin(_codes, living)
        running = statement.where(_offers.c.live_id.in_(found), _offers.c.ended_at.is_(None))
        for live_id, unique, shared in self._connection.execute(running.group_by(_offers.c.live_id)):
            found[live_id].leased_until = min((end for end in (unique, shared) if end), default=None)
