"""What can go wrong on request."""

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Set a number and the next so many calls go wrong so; seconds slow every answer down.

    `reply_code` is the error that private replies meet while `reply_refused` lasts; those that hang are
    answered after a minute. Of the stream:
    `stream_refused` openings meet the error of what was removed, `stream_ends` comments end it instead of
    being sent, `stream_is_silent` lets nothing through, `stream_is_torn` sends each event byte by byte. Of
    the webhook: `hook_lost` notices are never sent, `hook_forged` ones carry a wrong signature,
    `hook_doubled` ones come twice; `hook_is_bare` leaves out who wrote; while `hook_is_held` they pile up,
    to be released in the wrong order.
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
    reply_hangs: int = 0
    reply_hangs_when_taken: int = 0
    slow_s: float = 0.0
    is_empty: bool = False
    stream_refused: int = 0
    stream_ends: int = 0
    stream_is_silent: bool = False
    stream_is_torn: bool = False
    hook_lost: int = 0
    hook_forged: int = 0
    hook_doubled: int = 0
    hook_is_bare: bool = False
    hook_is_held: bool = False

    def strikes(self, name: str) -> bool:
        """True when the fault of that name is due; uses it up by one."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
