"""Any order of claims, repeats, imports, ends and restarts, against a model of a few lines."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from domain.errors import Refusal
from domain.show import Claim, ClaimResult, CodeState, DeliveryState, Discount, Mechanic, Offer, OfferKind
from store import open_database

NOW = datetime(2026, 11, 23, 20, tzinfo=UTC)
VIEWERS = st.lists(st.tuples(st.sampled_from(["twitch", "youtube"]), st.sampled_from("abcdefg")), max_size=6)


class Grants(RuleBasedStateMachine):
    """The model: per offer its free codes in order, who holds what, and how many more may."""

    template: Path
    offers = Bundle("offers")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp(prefix="bateleur-machine-")
        shutil.copy(self.template, f"{self.folder}/bateleur.db")
        self.open()
        with self.database.unit() as unit:
            self.live = unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"])
        self.free: dict[int, list[str]] = {}
        self.held: dict[int, dict[tuple[str, str], str]] = {}
        self.room: dict[int, int | None] = {}
        self.ended: set[int] = set()

    def open(self) -> None:
        self.database = open_database(f"sqlite:///{self.folder}/bateleur.db")

    @rule(target=offers, is_shared=st.booleans(), quantity=st.none() | st.integers(1, 8))
    def add_offer(self, is_shared: bool, quantity: int | None) -> Offer:
        kind, code = (OfferKind.SHARED, "TONIGHT") if is_shared else (OfferKind.UNIQUE, None)
        with self.database.unit() as unit:
            offer = unit.offers.add(
                self.live.id, kind, Mechanic.OPEN, Discount(percent=5), quantity=quantity, shared_code=code
            )
        self.free[offer.id], self.held[offer.id], self.room[offer.id] = [], {}, quantity
        return offer

    @rule(offer=offers, count=st.integers(1, 5), is_undone=st.booleans())
    def import_codes(self, offer: Offer, count: int, is_undone: bool) -> None:
        codes = [
            f"CODE{offer.id}-{len(self.held[offer.id]) + len(self.free[offer.id]) + n}" for n in range(count)
        ]
        if offer.kind is OfferKind.SHARED:
            with pytest.raises(Refusal), self.database.unit() as unit:
                unit.codes.add(offer.id, codes)
        elif is_undone:
            with pytest.raises(InterruptedError), self.database.unit() as unit:
                unit.codes.add(offer.id, codes)
                raise InterruptedError
        else:
            with self.database.unit() as unit:
                assert count == unit.codes.add(offer.id, codes)
            self.free[offer.id] += codes

    @rule(offer=offers, viewers=VIEWERS, is_undone=st.booleans())
    def claim(self, offer: Offer, viewers: list[tuple[str, str]], is_undone: bool) -> None:
        claims = [
            Claim(platform, id, id, f"{platform}:1", str(n)) for n, (platform, id) in enumerate(viewers)
        ]
        if is_undone:
            with pytest.raises(InterruptedError), self.database.unit() as unit:
                unit.grants.grant(offer, claims, NOW)
                raise InterruptedError
            return
        with self.database.unit() as unit:
            outcomes = unit.grants.grant(offer, claims, NOW)
        told = [(o.result, o.grant.code if o.grant else None) for o in outcomes]
        assert [self.expected(offer, viewer) for viewer in viewers] == told

    def expected(self, offer: Offer, viewer: tuple[str, str]) -> tuple[ClaimResult, str | None]:
        held = self.held[offer.id]
        if viewer in held:
            return ClaimResult.HELD, held[viewer]
        is_unique = offer.kind is OfferKind.UNIQUE
        if offer.id in self.ended or self.room[offer.id] == 0 or (is_unique and not self.free[offer.id]):
            return ClaimResult.EXHAUSTED, None
        held[viewer] = self.free[offer.id].pop(0) if is_unique else "TONIGHT"
        room = self.room[offer.id]
        self.room[offer.id] = None if room is None else room - 1
        return ClaimResult.GRANTED, held[viewer]

    @rule(offer=offers)
    def end(self, offer: Offer) -> None:
        if offer.id in self.ended:
            with pytest.raises(Refusal), self.database.unit() as unit:
                unit.offers.end(offer.id, NOW)
            return
        with self.database.unit() as unit:
            unit.offers.end(offer.id, NOW)
        self.ended.add(offer.id)

    @rule(target=offers, offer=offers)
    def deliver_all(self, offer: Offer) -> object:
        with self.database.unit() as unit:
            owed = [grant.id for grant in unit.grants.owed() if grant.offer_id == offer.id]
            unit.grants.mark(owed, DeliveryState.DELIVERED, NOW)
            assert 0 == unit.offers.counts(offer.id).owed
        return multiple()

    @rule()
    def restart(self) -> None:
        self.database.close()
        self.open()

    @invariant()
    def everything_adds_up(self) -> None:
        with self.database.unit(read_only=True) as unit:
            for id, held in self.held.items():
                grants = unit.grants.list(id)
                assert held == {(grant.platform, grant.viewer_id): grant.code for grant in grants}
                assert len(held) == len(grants)
                states = unit.codes.list(id)
                assert self.free[id] == [code for code, state in states if state is CodeState.CREATED]
                assert self.left(id) == unit.offers.left(id)

    def left(self, id: int) -> int | None:
        if id in self.ended:
            return 0
        bounds = [] if self.room[id] is None else [self.room[id]]
        with self.database.unit(read_only=True) as unit:
            offer = unit.offers.get(id)
        assert offer is not None
        if offer.kind is OfferKind.UNIQUE:
            bounds.append(len(self.free[id]))
        return min((bound for bound in bounds if bound is not None), default=None)

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)


def test_grants_keep_their_promises_in_any_order_of_events(sqlite_template: Path) -> None:
    Grants.template = sqlite_template
    run_state_machine_as_test(
        Grants,
        settings=settings(
            max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
