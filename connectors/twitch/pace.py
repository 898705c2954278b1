"""How long the connector waits for what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. The defaults notice a dead socket within 13 s of its last frame, at keepalive 10."""

    answer_s: float = 10.0
    """An HTTP answer, or the welcome on a socket."""
    echo_s: float = 3.0
    """Our own message on EventSub, after Twitch left its fate open."""
    join_s: float = 15.0
    """The first subscription of a channel."""
    tick_s: float = 0.5
    """Between two looks at the socket."""
    silence_factor: float = 1.2
    silence_margin_s: float = 1.0
    linger_s: float = 1.0
    """How long the old socket is still read after the new one was welcomed."""
    first_pause_s: float = 0.25
    longest_pause_s: float = 15.0
    refused_s: float = 30.0
    """Before a channel or a token that Twitch refused is tried again."""
    validate_s: float = 3600.0
    """Source: Twitch «Validating tokens»: hourly, or the app may be cut off (read 2026-10)."""
