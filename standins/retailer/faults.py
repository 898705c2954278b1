"""What can go wrong on request."""

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Set a number and the next so many calls go wrong so; the others last until they are unset.

    `broken_after_taking`: the call is done, and the answer lost. `throttled`: 429, to wait `pause_s` seconds.
    `refused_codes` codes are not taken, though the call succeeds. `lost_webhooks` are never sent.
    """

    broken: int = 0
    broken_after_taking: int = 0
    throttled: int = 0
    refused_codes: int = 0
    lost_webhooks: int = 0
    is_down: bool = False
    is_html: bool = False
    slow_s: float = 0.0
    pause_s: float = 1.0

    def strikes(self, name: str) -> bool:
        """True when the fault of that name is due; uses it up by one."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
