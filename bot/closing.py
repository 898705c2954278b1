"""What ends by itself: lives whose planned end has passed, drops whose time is over."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import structlog

from commands.drop import give_back
from domain.claim_rules import expired_drops
from domain.errors import Refusal
from domain.show import Live, LiveState, Offer
from store.database import Database

log = structlog.get_logger()


def end_what_is_over(database: Database, now: datetime) -> list[Live]:
    """Close the lives that should have ended, and end the drops whose time is over: the codes that nobody
    won are given again. Every live as it then stands, the newest first."""
    with database.unit(read_only=True) as unit:
        lives = unit.lives.list()
        offers = {live.id: unit.offers.list(live.id) for live in lives if live.state is LiveState.OPEN}
    return [
        _ended(database, live, offers[live.id], now) if live.state is LiveState.OPEN else live
        for live in lives
    ]


def _ended(database: Database, live: Live, offers: Sequence[Offer], now: datetime) -> Live:
    with suppress(Refusal):  # a moderator, or another process, was faster
        return _end(database, live, offers, now)
    return live


def _end(database: Database, live: Live, offers: Sequence[Offer], now: datetime) -> Live:
    if live.ends_at and live.ends_at <= now:
        with database.unit() as unit:
            live = unit.lives.close(live.id, now)
        log.info("live_closed", live=live.id, why="its planned end has passed")
    elif drops := expired_drops(offers, now):
        with database.unit() as unit:
            given_back = give_back(drops, offers, unit, now)
        log.info("drops_ended", live=live.id, drops=len(drops), codes_given_back=given_back)
    return live
