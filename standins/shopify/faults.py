"""What can go wrong on request."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """Set a number and the next so many calls go wrong so; the others last until they are unset.

    `broken_after_taking`: the next operation of
    that name is done, and its answer lost. `throttled`: another program has spent all
    points. `lost_jobs`: a bulk job is not known any more. `lost_webhooks` are never sent. `updated_first`:
    `orders/updated` of a new order comes before its `orders/create`. `twice`: each webhook comes again, as it
    was. `failing_codes` (lower case) fail alone in a bulk job. `is_index_behind`: searches find no new
    discount. `keeps_end`: a discount that is switched off keeps its end. `keeps_edited_codes`: an order whose
    code was taken off still names it.
    """

    broken: int = 0
    throttled: int = 0
    lost_jobs: int = 0
    lost_webhooks: int = 0
    broken_after_taking: str = ""
    is_down: bool = False
    is_html: bool = False
    slow_s: float = 0.0
    updated_first: bool = False
    twice: bool = False
    is_index_behind: bool = False
    keeps_end: bool = False
    keeps_edited_codes: bool = False
    failing_codes: set[str] = field(default_factory=set)

    def strikes(self, name: str) -> bool:
        """True when the fault of that name is due; uses it up by one."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
