"""What can go wrong on request."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """Set a number and the next so many calls go wrong so; the others last until they are unset.

    `broken_after_taking`: a write is done, and its answer lost. `stops_after`: a write with several entities
    ends after so many with a server error, what came before being saved. `before_put` are called one by one,
    each just before a PUT is worked on: something happens between a read and a write.
    """

    broken: int = 0
    broken_after_taking: int = 0
    is_down: bool = False
    is_html: bool = False
    is_off: bool = False
    slow_s: float = 0.0
    stops_after: int | None = None
    before_put: list[Callable[[], object]] = field(default_factory=list)

    def strikes(self, name: str) -> bool:
        """True when the fault of that name is due; uses it up by one."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
