from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chat import Role
from domain.claim_rules import (
    claim_refusal,
    claimable,
    drop_source,
    expired_drops,
    is_source_of,
    may_claim,
    running_drops,
)
from domain.show import Discount, Live, LiveState, Mechanic, Offer, OfferKind

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
LIVE = Live(1, "La soirée", "fr", "Europe/Paris", LiveState.OPEN, ("twitch:100",), opened_at=NOW)
OFFER = Offer(1, 1, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("live", "refusal"),
    [
        (None, "code.before"),
        (replace(LIVE, state=LiveState.PLANNED), "code.before"),
        (LIVE, None),
        (replace(LIVE, ends_at=NOW + MINUTE), None),
        (replace(LIVE, ends_at=NOW), "code.after"),
        (replace(LIVE, state=LiveState.CLOSING), "code.after"),
        (replace(LIVE, state=LiveState.CLOSED), "code.after"),
    ],
)
def test_codes_are_given_while_the_live_is_open_only(live: Live | None, refusal: str | None) -> None:
    assert may_claim(live, OFFER, NOW, Role.OWNER) == refusal


@pytest.mark.parametrize(
    ("offer", "refusal"),
    [
        (None, "code.none"),
        (replace(OFFER, live_id=2), "code.none"),
        (replace(OFFER, starts_at=NOW + MINUTE), "code.soon"),
        (replace(OFFER, starts_at=NOW), None),
        (replace(OFFER, ends_at=NOW), "code.over"),
        (replace(OFFER, ends_at=NOW + MINUTE), None),
        (replace(OFFER, ended_at=NOW - MINUTE), "code.over"),
        (replace(OFFER, mechanic=Mechanic.HAND), "code.hand"),
        (replace(OFFER, mechanic=Mechanic.DROP), None),
    ],
)
def test_an_offer_is_claimed_in_its_window_by_its_mechanic(offer: Offer | None, refusal: str | None) -> None:
    assert may_claim(LIVE, offer, NOW, Role.VIEWER) == refusal


def test_a_moderator_may_give_by_hand() -> None:
    assert may_claim(LIVE, replace(OFFER, mechanic=Mechanic.HAND), NOW, Role.MODERATOR) is None


def test_viewers_claim_from_drops_first_and_moderators_give_from_the_hand_first() -> None:
    offers = [
        OFFER,
        replace(OFFER, id=2, mechanic=Mechanic.DROP),
        replace(OFFER, id=3, mechanic=Mechanic.HAND),
        replace(OFFER, id=4),
    ]
    assert [offer.id for offer in claimable(LIVE, offers, NOW, Role.VIEWER)] == [2, 4, 1]
    assert [offer.id for offer in claimable(LIVE, offers, NOW, Role.MODERATOR)] == [3, 4, 1, 2]
    assert [offer.id for offer in running_drops(LIVE, offers, NOW)] == [2]


def test_the_refusal_nearest_to_a_yes_is_told() -> None:
    over = replace(OFFER, ended_at=NOW)
    soon = replace(OFFER, starts_at=NOW + MINUTE)
    assert claim_refusal(LIVE, [], NOW, Role.VIEWER) == "code.none"
    assert claim_refusal(LIVE, [over], NOW, Role.VIEWER) == "code.over"
    assert claim_refusal(LIVE, [over, soon], NOW, Role.VIEWER) == "code.soon"
    assert claim_refusal(None, [], NOW, Role.VIEWER) == "code.before"
    assert claim_refusal(replace(LIVE, state=LiveState.CLOSED), [soon], NOW, Role.VIEWER) == "code.after"


def test_a_drop_takes_from_the_hand_before_the_open_and_from_unique_before_shared() -> None:
    hand = replace(OFFER, id=2, mechanic=Mechanic.HAND)
    shared = replace(OFFER, id=3, mechanic=Mechanic.HAND, kind=OfferKind.SHARED)
    drop = replace(OFFER, id=4, mechanic=Mechanic.DROP)
    assert drop_source(LIVE, [OFFER, shared, hand, drop], NOW) == hand
    assert drop_source(LIVE, [OFFER, drop], NOW) == OFFER
    assert drop_source(LIVE, [drop, replace(OFFER, ended_at=NOW)], NOW) is None
    assert is_source_of(hand, drop)
    assert not is_source_of(replace(hand, discount=Discount(percent=30)), drop)
    assert not is_source_of(replace(hand, ended_at=NOW), drop)


def test_a_drop_expires_by_its_time_until_someone_ends_it() -> None:
    drop = replace(OFFER, mechanic=Mechanic.DROP, ends_at=NOW)
    assert expired_drops([drop], NOW) == [drop]
    assert expired_drops([drop], NOW - MINUTE) == []
    assert expired_drops([replace(drop, ended_at=NOW), OFFER], NOW) == []


_moments = st.none() | st.integers(-5, 5).map(lambda minutes: NOW + minutes * MINUTE)
_offers = st.builds(
    Offer, st.integers(1, 9), st.sampled_from([1, 2]), st.sampled_from(OfferKind), st.sampled_from(Mechanic),
    st.just(Discount(percent=10)), starts_at=_moments, ends_at=_moments, ended_at=_moments,
)  # fmt: skip
_lives = st.none() | st.builds(replace, st.just(LIVE), state=st.sampled_from(LiveState), ends_at=_moments)


@given(_lives, st.lists(_offers, max_size=5), st.sampled_from(Role))
def test_nothing_is_ever_claimable_outside_the_window(
    live: Live | None, offers: list[Offer], role: Role
) -> None:
    for offer in claimable(live, offers, NOW, role):
        assert live is not None
        assert live.state is LiveState.OPEN
        assert live.ends_at is None or live.ends_at > NOW
        assert offer.live_id == live.id
        assert offer.ended_at is None
        assert offer.starts_at is None or offer.starts_at <= NOW
        assert offer.ends_at is None or offer.ends_at > NOW
        assert offer.mechanic is not Mechanic.HAND or role >= Role.MODERATOR
    if not claimable(live, offers, NOW, role):
        assert claim_refusal(live, offers, NOW, role).startswith("code.")
