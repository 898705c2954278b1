"""What ends by itself, on both engines: lives past their planned end, drops whose time is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.closing import end_what_is_over
from commands.planning import change_live, planned_live
from domain.show import Claim, Discount, Live, LiveState, Mechanic, Offer, OfferKind
from store import Database

OPENED = datetime(2026, 11, 26, 19, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def open_live(database: Database, channel: str = "twitch:100") -> Live:
    with database.unit() as unit:
        live = unit.lives.add("Soirée", "fr", "Europe/Paris", (channel,), OPENED, OPENED + 60 * MINUTE)
        return unit.lives.open(live.id, OPENED)


def offer_and_drop(database: Database, live: Live) -> tuple[Offer, Offer]:
    """An offer with two codes in hand, and a drop of three for ten minutes."""
    with database.unit() as unit:
        source = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.HAND, Discount(percent=20))
        unit.codes.add(source.id, ["A1", "A2", "A3", "A4", "A5"])
        drop = unit.offers.add(
            live.id, OfferKind.UNIQUE, Mechanic.DROP, Discount(percent=20), quantity=3,
            starts_at=OPENED, ends_at=OPENED + 10 * MINUTE,
        )  # fmt: skip
        unit.codes.move(source.id, drop.id, 3)
        unit.grants.grant(drop, [Claim("twitch", "1", "ann", "twitch:100", "m1")], OPENED)
    return source, drop


def left(database: Database, offer: Offer) -> int | None:
    with database.unit(read_only=True) as unit:
        return unit.offers.left(offer.id)


def test_codes_of_a_drop_that_nobody_won_are_given_again_when_its_time_is_over(database: Database) -> None:
    source, drop = offer_and_drop(database, open_live(database))
    end_what_is_over(database, OPENED + 9 * MINUTE)
    assert (2, 2) == (left(database, source), left(database, drop))
    end_what_is_over(database, OPENED + 10 * MINUTE)
    assert (4, 0) == (left(database, source), left(database, drop))
    end_what_is_over(database, OPENED + 11 * MINUTE)
    assert 4 == left(database, source)


def test_a_live_is_closed_at_its_planned_end_and_the_others_go_on(database: Database) -> None:
    live = open_live(database)
    with database.unit() as unit:
        other = unit.lives.add("Autre", "fr", "Europe/Paris", ("twitch:2",), OPENED, None)
        unit.lives.open(other.id, OPENED)
    early = {one.id: one.state for one in end_what_is_over(database, OPENED + 59 * MINUTE)}
    assert {live.id: LiveState.OPEN, other.id: LiveState.OPEN} == early
    late = {one.id: one.state for one in end_what_is_over(database, OPENED + 60 * MINUTE)}
    assert {live.id: LiveState.CLOSED, other.id: LiveState.OPEN} == late


def test_the_codes_of_one_live_never_go_to_an_offer_of_another(database: Database) -> None:
    first, second = open_live(database), open_live(database, "twitch:2")
    source, drop = offer_and_drop(database, first)
    with database.unit() as unit:
        elsewhere = unit.offers.add(second.id, OfferKind.UNIQUE, Mechanic.HAND, Discount(percent=20))
        unit.offers.end(source.id, OPENED + MINUTE)
    end_what_is_over(database, OPENED + 10 * MINUTE)
    assert (0, 0, 0) == (left(database, source), left(database, drop), left(database, elsewhere))


def test_an_open_live_whose_end_is_moved_closes_at_the_new_end_and_not_at_the_old_one(
    database: Database,
) -> None:
    later, earlier = open_live(database), open_live(database, "twitch:2")
    for live, minutes in ((later, 90), (earlier, 30)):
        with database.unit() as unit:
            seen = planned_live(unit, live)
            plan = replace(seen.plan, ends_at=OPENED + minutes * MINUTE)
            change_live(unit, live.id, seen, plan, OPENED, platforms=("twitch",), languages=("fr",))

    def state(live: Live, minutes: int) -> LiveState:
        lives = end_what_is_over(database, OPENED + minutes * MINUTE)
        return next(one.state for one in lives if one.id == live.id)

    assert LiveState.OPEN is state(earlier, 29)
    assert LiveState.CLOSED is state(earlier, 30)
    assert LiveState.OPEN is state(later, 89)
    assert LiveState.CLOSED is state(later, 90)
