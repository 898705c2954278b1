"""`!produit NOM`: a moderator puts a product on screen."""

from collections.abc import Sequence

from commands.scene import Asked, Scene
from commands.subject import Said, find_subject
from domain.answers import Answer, Priority
from store.unit import UnitOfWork


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """Begins a segment for the product named; changes nothing when it is not sure which one is meant."""
    return [_put_on_screen(asked, scene, unit) for asked in asks]


def _put_on_screen(asked: Asked, scene: Scene, unit: UnitOfWork) -> Answer:
    if not asked.parsed.argument:
        return scene.answer(asked, "product.usage", Priority.MODERATOR)
    if scene.live is None:
        return scene.answer(asked, "product.no_live", Priority.MODERATOR)
    subject = find_subject(asked.parsed.argument, scene)
    if isinstance(subject, Said):
        return Answer(asked.message.channel, subject.text, subject.key, asked.message, Priority.MODERATOR)
    unit.segments.put_on_screen(scene.live.id, subject.sku, scene.now)
    return scene.answer(asked, "product.on_screen", Priority.MODERATOR, product=subject.name)
