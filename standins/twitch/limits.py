"""Twitch's send limits, enforced, and each breach counted.

Source: Twitch «Chat rate limits» and «Send Chat Message» (read 2026-10): 20 messages in 30 s, 100 for a
moderator or the broadcaster; one a second in a channel for others; the same text within 30 s is dropped.
"""

from collections import Counter, deque

WINDOW_S = 30.0
ORDINARY, MODERATED = 20, 100
CHARACTERS = 500


class SendLimits:
    """What one sender said lately. Times are monotonic seconds.

    `one_a_second` off: the window alone counts.
    """

    def __init__(self, violations: Counter[str]) -> None:
        self.one_a_second = True
        self._violations = violations
        self._sent: deque[float] = deque()
        self._by_channel: dict[str, deque[tuple[float, str]]] = {}

    def refuse(self, channel: str, text: str, now: float, *, is_moderator: bool) -> str | None:
        """Why this message is refused (`rate`, `slow`, `duplicate`, `long`, `command`)."""
        reason = self._reason(channel, text, now, is_moderator=is_moderator)
        if reason:
            self._violations[reason] += 1
            return reason
        self._sent.append(now)
        self._by_channel.setdefault(channel, deque(maxlen=200)).append((now, text))
        return None

    def _reason(self, channel: str, text: str, now: float, *, is_moderator: bool) -> str | None:
        while self._sent and self._sent[0] <= now - WINDOW_S:
            self._sent.popleft()
        said = self._by_channel.get(channel, ())
        if len(text) > CHARACTERS:
            return "long"
        if text.startswith(("/", ".")):
            return "command"
        if len(self._sent) >= (MODERATED if is_moderator else ORDINARY):
            return "rate"
        if self.one_a_second and not is_moderator and said and now - said[-1][0] < 1.0:
            return "slow"
        if any(text == other and now - at < WINDOW_S for at, other in said):
            return "duplicate"
        return None
