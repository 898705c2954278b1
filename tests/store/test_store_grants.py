"""Grants on both engines: the contract, without races."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Refusal
from domain.show import (
    Claim,
    ClaimOutcome,
    ClaimResult,
    CodeState,
    DeliveryState,
    Discount,
    LiveState,
    Mechanic,
    Offer,
    OfferKind,
)
from store import Database

NOW = datetime(2026, 11, 23, 20, 0, 0, 123456, tzinfo=UTC)
GRANTED, HELD, EXHAUSTED = ClaimResult.GRANTED, ClaimResult.HELD, ClaimResult.EXHAUSTED


def claim(viewer: str, message: str = "m") -> Claim:
    return Claim("twitch", viewer, f"Name of {viewer}", "twitch:100", f"{message}-{viewer}")


def unique_offer(
    database: Database, codes: int, quantity: int | None = None, ends_at: datetime | None = None
) -> Offer:
    with database.unit() as unit:
        live = unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"])
        offer = unit.offers.add(
            live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20), quantity=quantity, ends_at=ends_at
        )
        unit.codes.add(offer.id, [f"LIVE{offer.id:03}{n:05}" for n in range(codes)])
        return offer


def shared_offer(database: Database, quantity: int | None) -> Offer:
    with database.unit() as unit:
        live = unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"])
        return unit.offers.add(
            live.id,
            OfferKind.SHARED,
            Mechanic.OPEN,
            Discount(percent=20),
            quantity=quantity,
            shared_code="TONIGHT",
        )


def grant(database: Database, offer: Offer, *viewers: str, now: datetime = NOW) -> list[ClaimOutcome]:
    with database.unit() as unit:
        return unit.grants.grant(offer, [claim(viewer) for viewer in viewers], now)


def results(outcomes: Sequence[ClaimOutcome]) -> list[ClaimResult]:
    return [outcome.result for outcome in outcomes]


def code_of(outcome: ClaimOutcome) -> str:
    assert outcome.grant is not None
    return outcome.grant.code


def test_codes_are_given_in_their_order_to_claims_in_theirs(database: Database) -> None:
    offer = unique_offer(database, codes=5)
    outcomes = grant(database, offer, "zoe", "ann", "bob")
    assert [GRANTED] * 3 == results(outcomes)
    assert ["LIVE00100000", "LIVE00100001", "LIVE00100002"] == [code_of(o) for o in outcomes]
    assert ["zoe", "ann", "bob"] == [o.claim.viewer_id for o in outcomes]
    with database.unit() as unit:
        states = [state for _, state in unit.codes.list(offer.id)]
    assert [CodeState.GRANTED] * 3 + [CodeState.CREATED] * 2 == states


def test_a_grant_reads_back_as_it_was_returned(database: Database) -> None:
    offer = unique_offer(database, codes=1)
    (outcome,) = grant(database, offer, "ann")
    with database.unit(read_only=True) as unit:
        assert [outcome.grant] == unit.grants.of_viewer(offer.live_id, "twitch", "ann")
        assert [outcome.grant] == unit.grants.list(offer.id)
        assert [outcome.grant] == unit.grants.owed(offer.live_id)
        assert [outcome.grant] == unit.grants.owed()
        assert [] == unit.grants.of_viewer(offer.live_id, "youtube", "ann")
    assert outcome.grant is not None
    assert (NOW, DeliveryState.OWED) == (outcome.grant.granted_at, outcome.grant.delivery)


def test_a_viewer_repeated_in_one_batch_is_held_with_the_same_grant(database: Database) -> None:
    offer = unique_offer(database, codes=5)
    first, second, third = grant(database, offer, "ann", "bob", "ann")
    assert [GRANTED, GRANTED, HELD] == results([first, second, third])
    assert first.grant == third.grant


def test_a_viewer_who_comes_back_is_held_with_the_first_grant(database: Database) -> None:
    offer = unique_offer(database, codes=5)
    (first,) = grant(database, offer, "ann")
    bob, again = grant(database, offer, "bob", "ann", now=NOW + timedelta(hours=1))
    assert [GRANTED, HELD] == results([bob, again])
    assert first.grant == again.grant


def test_the_first_to_claim_get_the_last_codes_and_the_others_nothing(database: Database) -> None:
    offer = unique_offer(database, codes=2)
    outcomes = grant(database, offer, "a", "b", "c", "a", "c")
    assert [GRANTED, GRANTED, EXHAUSTED, HELD, EXHAUSTED] == results(outcomes)
    assert [None, None] == [outcomes[2].grant, outcomes[4].grant]
    assert [EXHAUSTED] == results(grant(database, offer, "d"))


def test_the_quantity_bounds_a_unique_offer_before_its_codes_do(database: Database) -> None:
    offer = unique_offer(database, codes=10, quantity=3)
    assert [GRANTED, GRANTED] == results(grant(database, offer, "a", "b"))
    assert [HELD, GRANTED, EXHAUSTED] == results(grant(database, offer, "a", "c", "d"))
    with database.unit() as unit:
        assert 0 == unit.offers.left(offer.id)
        assert 7 == [state for _, state in unit.codes.list(offer.id)].count(CodeState.CREATED)


def test_the_codes_bound_a_unique_offer_before_its_quantity_does(database: Database) -> None:
    offer = unique_offer(database, codes=1, quantity=3)
    assert [GRANTED, EXHAUSTED] == results(grant(database, offer, "a", "b"))
    with database.unit() as unit:
        unit.codes.add(offer.id, ["LATECODE1", "LATECODE2", "LATECODE3"])
        assert 2 == unit.offers.left(offer.id)
    assert [GRANTED, GRANTED, EXHAUSTED] == results(grant(database, offer, "b", "c", "d"))


def test_a_shared_offer_gives_its_one_code_to_as_many_as_its_quantity(database: Database) -> None:
    offer = shared_offer(database, quantity=2)
    outcomes = grant(database, offer, "a", "b", "a", "c")
    assert [GRANTED, GRANTED, HELD, EXHAUSTED] == results(outcomes)
    assert {"TONIGHT"} == {code_of(outcome) for outcome in outcomes[:3]}
    with database.unit() as unit:
        assert ["TONIGHT"] * 2 == [held.code for held in unit.grants.list(offer.id)]


def test_a_shared_offer_without_quantity_has_no_bound(database: Database) -> None:
    offer = shared_offer(database, quantity=None)
    assert {GRANTED} == set(results(grant(database, offer, *[str(n) for n in range(300)])))
    with database.unit() as unit:
        assert unit.offers.left(offer.id) is None


@pytest.mark.parametrize("make", [lambda d: unique_offer(d, 9), lambda d: shared_offer(d, None)])
def test_an_ended_offer_gives_nothing_more_but_shows_what_is_held(database: Database, make) -> None:
    offer = make(database)
    grant(database, offer, "ann")
    with database.unit() as unit:
        assert NOW == unit.offers.end(offer.id, NOW).ended_at
    # `offer` is what another process still believes: not ended.
    assert [HELD, EXHAUSTED] == results(grant(database, offer, "ann", "bob"))
    with database.unit() as unit:
        assert 0 == unit.offers.left(offer.id)


def test_nothing_is_granted_outside_the_window(database: Database) -> None:
    offer = unique_offer(database, codes=2, ends_at=NOW)
    assert [GRANTED] == results(grant(database, offer, "a", now=NOW - timedelta(microseconds=1)))
    assert [EXHAUSTED] == results(grant(database, offer, "b", now=NOW))


@pytest.mark.parametrize("state", [LiveState.CLOSING, LiveState.CLOSED])
def test_nothing_is_granted_once_the_live_is_closing(database: Database, state: LiveState) -> None:
    offer = unique_offer(database, codes=2)
    with database.unit() as unit:
        unit.lives.set_state(offer.live_id, state)
    assert [EXHAUSTED] == results(grant(database, offer, "a"))


def test_a_viewer_holds_one_grant_per_offer_and_platform(database: Database) -> None:
    one, other = unique_offer(database, codes=2), unique_offer(database, codes=2)
    with database.unit() as unit:
        elsewhere = Claim("youtube", "ann", "Ann", "youtube:UC1", "y-1")
        assert [GRANTED, GRANTED] == results(unit.grants.grant(one, [claim("ann"), elsewhere], NOW))
        assert [GRANTED] == results(unit.grants.grant(other, [claim("ann")], NOW))


def test_a_unit_that_raises_grants_nothing(database: Database) -> None:
    offer = unique_offer(database, codes=1)
    with pytest.raises(RuntimeError), database.unit() as unit:
        unit.grants.grant(offer, [claim("ann")], NOW)
        raise RuntimeError
    assert [GRANTED] == results(grant(database, offer, "bob"))


def test_a_savepoint_that_raises_undoes_its_own_part_only(database: Database) -> None:
    offer = unique_offer(database, codes=2)
    with database.unit() as unit:
        unit.grants.grant(offer, [claim("ann")], NOW)
        with pytest.raises(RuntimeError), unit.savepoint():
            unit.grants.grant(offer, [claim("bob")], NOW)
            raise RuntimeError
    with database.unit() as unit:
        assert ["ann"] == [held.viewer_id for held in unit.grants.list(offer.id)]


def test_no_claims_are_no_outcomes(database: Database) -> None:
    assert [] == grant(database, unique_offer(database, codes=1))


def test_an_unknown_offer_is_refused(database: Database) -> None:
    offer = unique_offer(database, codes=1)
    unknown = Offer(99, offer.live_id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=5))
    with pytest.raises(Refusal, match="no offer 99"):
        grant(database, unknown, "ann")


def test_strange_names_do_not_fail_the_batch(database: Database) -> None:
    offer = unique_offer(database, codes=4)
    names = ["a\x00b", "half \ud800 a pair", "=HYPERLINK(1)", "\u202egnp.exe \U0001f600"]
    claims = [Claim("twitch", str(n), name, "twitch:100", str(n)) for n, name in enumerate(names)]
    with database.unit() as unit:
        assert [GRANTED] * 4 == results(unit.grants.grant(offer, claims, NOW))
    with database.unit() as unit:
        stored = [held.viewer_name for held in unit.grants.list(offer.id)]
    assert ["ab", "half ? a pair", *names[2:]] == stored


def test_a_thousand_claims_fit_in_one_batch(database: Database) -> None:
    offer = unique_offer(database, codes=2000)
    outcomes = grant(database, offer, *[str(n) for n in range(1500)])
    assert {GRANTED} == set(results(outcomes))
    assert 1500 == len({code_of(outcome) for outcome in outcomes})
    with database.unit() as unit:
        assert (1500, 1500) == unit.grants.count(offer.live_id)
        unit.grants.mark((o.grant.id for o in outcomes if o.grant), DeliveryState.DELIVERED, NOW)
        assert (1500, 0) == unit.grants.count(offer.live_id)
        assert [] == unit.grants.owed()


def test_what_was_delivered_is_never_owed_again(database: Database) -> None:
    offer = unique_offer(database, codes=2)
    ids = [o.grant.id for o in grant(database, offer, "a", "b") if o.grant]
    with database.unit() as unit:
        unit.grants.mark(ids[:1], DeliveryState.DELIVERED, NOW)
        unit.grants.mark(ids, DeliveryState.UNSURE, NOW)
        unit.grants.mark([], DeliveryState.OWED, NOW)
        states = [held.delivery for held in unit.grants.list(offer.id)]
    assert [DeliveryState.DELIVERED, DeliveryState.UNSURE] == states


def test_owed_grants_come_oldest_first_and_at_most_so_many(database: Database) -> None:
    one, other = unique_offer(database, codes=3), unique_offer(database, codes=3)
    grant(database, one, "a", "b")
    grant(database, other, "c")
    with database.unit() as unit:
        assert ["a", "b"] == [held.viewer_id for held in unit.grants.owed(limit=2)]
        assert ["c"] == [held.viewer_id for held in unit.grants.owed(other.live_id, limit=2)]


def test_a_grant_does_not_show_its_code(database: Database) -> None:
    (outcome,) = grant(database, unique_offer(database, codes=1), "ann")
    assert code_of(outcome) not in repr(outcome)
