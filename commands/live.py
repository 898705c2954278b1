"""`!live on|off`: a moderator opens or closes the live."""

from collections.abc import Sequence

from commands.scene import Asked, Scene
from domain.answers import Answer, Priority
from domain.show import Live, LiveState
from store.unit import UnitOfWork

_ON = frozenset({"on", "open", "start"})
_OFF = frozenset({"off", "close", "end", "stop"})


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """Opens or closes the live of the scene; a live that is already so is said to be, and left alone."""
    return [scene.answer(asked, _switch(asked, scene, unit), Priority.MODERATOR) for asked in asks]


def _switch(asked: Asked, scene: Scene, unit: UnitOfWork) -> str:
    word = asked.parsed.argument.casefold()
    if word not in _ON | _OFF:
        return "live.usage"
    if scene.live is None:
        return "live.none"
    return _open(scene.live, scene, unit) if word in _ON else _close(scene.live, scene, unit)


def _open(live: Live, scene: Scene, unit: UnitOfWork) -> str:
    if live.state is LiveState.OPEN:
        return "live.already_open"
    if live.state is not LiveState.PLANNED:
        return "live.over"
    unit.lives.open(live.id, scene.now)
    return "live.opened"


def _close(live: Live, scene: Scene, unit: UnitOfWork) -> str:
    if live.state is not LiveState.OPEN:
        return "live.not_open"
    unit.lives.close(live.id, scene.now)
    return "live.closed"
