"""`!drop 50 10m`: the first 50 who ask within ten minutes get a code of the live's offer."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from commands.money import say_time
from commands.scene import Asked, Scene
from domain.answers import Answer, Priority
from domain.claim_rules import drop_source, expired_drops, is_source_of, live_refusal, running_drops
from domain.drop_rules import DropOrder, read_drop
from domain.errors import Refusal
from domain.show import Live, Mechanic, Offer, OfferKind
from store.unit import UnitOfWork


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """Starts the drop each of `asks` orders, or says why not and changes nothing."""
    return [_drop(asked, scene, unit) for asked in asks]


def give_back(drops: Iterable[Offer], offers: Iterable[Offer], unit: UnitOfWork, now: datetime) -> int:
    """End `drops`, of the live with these `offers`; how many unclaimed unique codes went back to the offer
    they came from, as long as it runs."""
    given_back = 0
    for drop in drops:
        source = next((offer for offer in offers if is_source_of(offer, drop)), None)
        if source is not None and drop.kind is OfferKind.UNIQUE and drop.quantity is not None:
            # Before the end: ending an offer is the death of the codes it still holds.
            given_back += unit.codes.move(drop.id, source.id, drop.quantity)
        unit.offers.end(drop.id, now)
    return given_back


def _drop(asked: Asked, scene: Scene, unit: UnitOfWork) -> Answer:
    order = read_drop(asked.parsed.argument)
    if order is None:
        return scene.answer(asked, "drop.usage", Priority.MODERATOR)
    if scene.live is None or live_refusal(scene.live, scene.now) is not None:
        return scene.answer(asked, "drop.not_open", Priority.MODERATOR)
    running = running_drops(scene.live, scene.offers, scene.now)
    if any(unit.offers.left(drop.id) != 0 for drop in running):
        return scene.answer(asked, "drop.running", Priority.MODERATOR)
    source = drop_source(scene.live, scene.offers, scene.now)
    if source is None:
        return scene.answer(asked, "drop.no_offer", Priority.MODERATOR)
    give_back(expired_drops(scene.offers, scene.now), scene.offers, unit, scene.now)
    return _start(asked, scene, unit, scene.live, source, order)


def _start(
    asked: Asked, scene: Scene, unit: UnitOfWork, live: Live, source: Offer, order: DropOrder
) -> Answer:
    left = unit.offers.left(source.id)
    if left is not None and left < order.quantity:
        return scene.answer(asked, "drop.too_few", Priority.MODERATOR, left=left)
    ends_at = scene.now + order.duration
    drop = unit.offers.add(
        live.id,
        source.kind,
        Mechanic.DROP,
        source.discount,
        quantity=order.quantity,
        skus=source.skus,
        starts_at=scene.now,
        ends_at=ends_at,
        shared_code=source.shared_code,
    )
    if source.kind is OfferKind.UNIQUE:
        moved = unit.codes.move(source.id, drop.id, order.quantity)
        if moved < order.quantity:
            # Someone else took them since they were counted; the savepoint takes the new offer back.
            raise Refusal(scene.say("drop.too_few", left=moved))
    until = say_time(ends_at, live.timezone, live.language)
    return scene.answer(asked, "drop.started", Priority.MODERATOR, quantity=order.quantity, until=until)
