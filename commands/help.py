"""`!aide`: what can be asked."""

from collections.abc import Sequence

from commands.scene import Asked, Scene
from domain.answers import Answer, Priority
from store.unit import UnitOfWork


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """The same short list for everyone."""
    text = scene.say("help.viewers")
    return [Answer(a.message.channel, text, "help.viewers", a.message, Priority.CHATTER) for a in asks]
