"""Ending an offer, and killing its codes."""

import asyncio
from datetime import datetime
from typing import Any

from nicegui import ui

from domain.errors import BateleurError, Refusal
from domain.people import Right
from domain.show import Offer
from store.unit import UnitOfWork
from web.console.desk import Change, Desk
from web.console.progress import progress


async def end_offer(desk: Desk, offer: Offer) -> bool:
    """Ask, then end the offer: nobody is granted it any more. Whether it was done."""
    question = desk.say("offers.end_question", number=offer.id)
    if not await desk.confirms(question, desk.say("offers.end_deed")):
        return False

    def end(unit: UnitOfWork, now: datetime) -> Change:
        try:
            unit.offers.end(offer.id, now)
        except Refusal:
            raise Refusal(desk.say("offers.already_ended", number=offer.id)) from None
        return Change(f"offer {offer.id}", {"ended": False}, {"ended": True})

    if not await desk.act(_right(desk), "offer_ended", end):
        return True  # somebody else did: the card is to show it
    desk.tell(desk.say("offers.end_done", number=offer.id))
    return True


async def kill_codes(desk: Desk, offer: Offer) -> bool:
    """Ask for the offer's number, then end the offer and its codes in the shop. Whether it was done."""
    if not await _asked_for_number(desk, offer.id):
        return False

    def kill(unit: UnitOfWork, now: datetime) -> Change:
        try:
            was = unit.offers.get(offer.id)
            unit.offers.kill(offer.id, now)
        except Refusal:
            raise Refusal(desk.say("offers.already_dead", number=offer.id)) from None
        before: dict[str, Any] = {"ended": was is not None and was.ended_at is not None, "dead": False}
        return Change(f"offer {offer.id}", before, {"ended": True, "dead": True})

    if await desk.act(_right(desk), "offer_killed", kill):
        await _end_in_shop(desk, offer)
    return True


async def _end_in_shop(desk: Desk, offer: Offer) -> None:
    keeper = desk.console.shop
    if keeper is None:
        desk.tell(desk.say("offers.killed_without_shop", number=offer.id))
        return
    try:
        with progress(desk.say("offers.killing")):
            await asyncio.to_thread(keeper.end_codes)
    except BateleurError as error:
        desk.complain(desk.say("offers.killed_shop_down", number=offer.id, why=desk.told(error.sentence)))
        return
    desk.tell(desk.say("offers.killed", number=offer.id))


async def _asked_for_number(desk: Desk, number: int) -> bool:
    with ui.dialog() as dialog, ui.card().classes("ask"):
        question = dialog.props["aria-label"] = desk.say("offers.kill_question", number=number)
        ui.label(question).props("role=heading aria-level=2")
        ui.label(desk.say("offers.kill_warning")).classes("small")
        typed = ui.input(desk.say("offers.kill_type", number=number)).props("outlined dense autofocus")
        with ui.row().classes("buttons"):
            ui.button(desk.say("frame.cancel"), on_click=lambda: dialog.submit(False)).props("flat")
            deed = ui.button(desk.say("offers.kill_deed"), on_click=lambda: dialog.submit(True))
            deed.classes("costs").bind_enabled_from(
                typed, "value", backward=lambda text: (text or "").strip() == str(number)
            )
    answer = bool(await dialog)
    dialog.delete()
    return answer


def _right(desk: Desk) -> Right:
    """Whoever runs the show or plans it may end an offer."""
    return Right.RUN_SHOW if desk.user.may(Right.RUN_SHOW) else Right.PLAN
