"""What can go wrong on request."""

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Set a number and the next so many of that kind go wrong; seconds slow every Helix answer down.

    `unauthorized`, `throttled` and `broken` strike any Helix call, `broken_after_taking`, `not_sent` (with
    `drop_code`) a chat message, `whispers_dropped` a whisper that is answered as if it had been sent,
    `duplicated` and `reordered` a notification. While `is_silent` the sockets are open and say nothing.
    """

    unauthorized: int = 0
    throttled: int = 0
    broken: int = 0
    broken_after_taking: int = 0
    not_sent: int = 0
    drop_code: str = "msg_rejected"
    whispers_dropped: int = 0
    duplicated: int = 0
    reordered: int = 0
    slow_s: float = 0.0
    is_silent: bool = False

    def strikes(self, name: str) -> bool:
        """True when the fault of that name is due; uses it up by one."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
