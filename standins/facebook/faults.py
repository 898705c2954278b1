"""What can go wrong on request."""

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Set a number and the next so many calls go wrong so; seconds slow every answer down.

    `reply_code` is the error that private replies meet while `reply_refused` lasts.
    """

    dead_token: int = 0
    no_permission: int = 0
    transient: int = 0
    broken: int = 0
    broken_after_taking: int = 0
    throttled: int = 0
    policy_block: int = 0
    authorless: int = 0
    reply_refused: int = 0
    reply_code: int = 10903
    slow_s: float = 0.0
    is_empty: bool = False

    def strikes(self, name: str) -> bool:
        """True when the fault of that name is due; uses it up by one."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
