"""`!stop`: ends the running drop; without one, ends the live's running offers."""

from collections.abc import Sequence

from commands.drop import give_back
from commands.scene import Asked, Scene
from domain.answers import Answer, Priority
from domain.chat import Role
from domain.claim_rules import claimable, running_drops
from store.unit import UnitOfWork


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """No code of what was ended is granted any more; those granted stay valid."""
    return [_stop(asked, scene, unit) for asked in asks]


def _stop(asked: Asked, scene: Scene, unit: UnitOfWork) -> Answer:
    drops = running_drops(scene.live, scene.offers, scene.now)
    if drops:
        give_back(drops, scene.offers, unit, scene.now)
        return scene.answer(asked, "stop.drops", Priority.MODERATOR)
    offers = claimable(scene.live, scene.offers, scene.now, Role.MODERATOR)
    for offer in offers:
        unit.offers.end(offer.id, scene.now)
    return scene.answer(asked, "stop.offers" if offers else "stop.nothing", Priority.MODERATOR)
