"""What adding an offer or codes changes in the store; each is one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

from commands.planning import offer_told
from domain.errors import Refusal
from domain.show import CodeState, Live, LiveState, Offer
from shops.codes import draw_codes
from store.unit import UnitOfWork
from web.console.desk import Change, Desk
from web.console.pages.offers.plan import OfferPlan
from web.console.progress import Told

AT_A_TIME = 2_000
Work = Callable[[UnitOfWork, datetime], Change]


def state_of_new(desk: Desk) -> CodeState:
    """The state of new codes: those of a shop are still to be put there, and are given to nobody before."""
    return CodeState.CREATED if desk.console.shop is None else CodeState.DRAWN


def adding_offer(desk: Desk, live: Live, plan: OfferPlan, told: Told) -> Work:
    """Adds an offer with the codes drawn for it."""
    codes = draw_codes(plan.count, prefix=plan.prefix)

    def add(unit: UnitOfWork, now: datetime) -> Change:
        _must_be_going_on(desk, unit, live.id)
        missing = [sku for sku in plan.skus if unit.products.get(sku) is None]
        if missing:
            raise Refusal(desk.say("offers.slip_skus", skus=", ".join(missing)))
        offer = unit.offers.add(
            live.id,
            plan.kind,
            plan.mechanic,
            plan.discount,
            quantity=plan.quantity,
            skus=plan.skus,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            shared_code=plan.shared_code,
            is_due=plan.shared_code is not None and desk.console.shop is not None,
        )
        _add(unit, offer.id, codes, state_of_new(desk), told)
        return Change(f"offer {offer.id}", {}, offer_told(offer, len(codes)), offer)

    return add


def adding_codes(
    desk: Desk, live: Live, offer: Offer, codes: Sequence[str], state: CodeState, told: Told
) -> Work:
    """Adds codes to a unique offer; the result is how many were new to it."""

    def add(unit: UnitOfWork, now: datetime) -> Change:
        _must_be_going_on(desk, unit, live.id)
        found = unit.offers.get(offer.id)
        if found is None or found.ended_at is not None:
            raise Refusal(desk.say("offers.already_ended", number=offer.id))
        added = _add(unit, offer.id, codes, state, told)
        return Change(f"offer {offer.id}", {}, {"codes": added}, added)

    return add


def _must_be_going_on(desk: Desk, unit: UnitOfWork, live_id: int) -> None:
    live = unit.lives.get(live_id)
    if live is None or live.state is LiveState.CLOSED:
        raise Refusal(desk.say("offers.live_is_closed"))


def _add(unit: UnitOfWork, offer_id: int, codes: Sequence[str], state: CodeState, told: Told) -> int:
    added = 0
    for start in range(0, len(codes), AT_A_TIME):
        told(start / len(codes))
        added += unit.codes.add(offer_id, codes[start : start + AT_A_TIME], state)
    return added
