"""What can go wrong on request."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """Set a number and the next so many calls go wrong so; seconds slow every answer down.

    `hidden`: a message is taken and never shown. `token_refused`: a page token is no longer taken.
    `stream_refused`: a stream is forbidden; `stream_cut`: one breaks off in the middle of a page; a mute one
    says nothing after its first page. `refusals` are the reasons why the next calls that read are refused.
    """

    unauthorized: int = 0
    rate_limited: int = 0
    forbidden: int = 0
    broken: int = 0
    broken_after_taking: int = 0
    hidden: int = 0
    token_refused: int = 0
    duplicated: int = 0
    stream_refused: int = 0
    stream_cut: int = 0
    is_stream_mute: bool = False
    is_grpc_missing: bool = False
    is_http_stream_missing: bool = False
    slow_s: float = 0.0
    is_disabled: bool = False
    refusals: list[str] = field(default_factory=list)

    def strikes(self, name: str) -> bool:
        """True when the fault of that name is due; uses it up by one."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0
