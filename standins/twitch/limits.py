"""Twitch's send limits, enforced, and each breach counted.

Source: Twitch «Chat rate limits», «Send Chat Message», «Send Whisper» and «Twitch API rate limits» (read
2026-10): 20 messages in 30 s, 100 for a moderator or the broadcaster; one a second in a channel for others;
the same text within 30 s is dropped; 3 whispers a second, 100 a minute, 40 new recipients a day; 800 points
a minute.
"""

import time
from collections import Counter, deque

WINDOW_S = 30.0
ORDINARY, MODERATED = 20, 100
CHARACTERS = 500
WHISPERS_A_DAY = 40
POINTS = 800


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


class WhisperLimits:
    """What one sender whispered lately. Times are monotonic seconds; the day does not end."""

    def __init__(self, violations: Counter[str]) -> None:
        self.recipients: set[str] = set()
        self._violations = violations
        self._sent: deque[float] = deque(maxlen=100)

    def is_too_fast(self, now: float) -> bool:
        """True, and counted, when this whisper comes too soon after the others."""
        is_breach = any(
            len(self._sent) >= count and now - self._sent[-count] < window_s
            for count, window_s in ((3, 1.0), (100, 60.0))
        )
        if is_breach:
            self._violations["whisper_rate"] += 1
        else:
            self._sent.append(now)
        return is_breach

    def is_one_too_many(self, recipient: str) -> bool:
        """True, and counted, when this would be the 41st recipient."""
        if len({*self.recipients, recipient}) > WHISPERS_A_DAY:
            self._violations["whisper_recipients"] += 1
            return True
        self.recipients.add(recipient)
        return False


class Points:
    """Helix's bucket of one client and user: 800 points, refilled evenly within a minute."""

    def __init__(self, violations: Counter[str]) -> None:
        self.left = float(POINTS)
        self._violations = violations
        self._at = time.monotonic()

    def spend(self) -> bool:
        """Take one point; False, and counted, when there is none."""
        now = time.monotonic()
        self.left = min(float(POINTS), self.left + (now - self._at) * POINTS / 60.0)
        self._at = now
        if self.left < 1.0:
            self._violations["points"] += 1
            return False
        self.left -= 1.0
        return True

    def headers(self) -> dict[str, str]:
        """What every answer of Helix tells: the limit, what is left, and when it is full again."""
        full_in_s = (POINTS - self.left) * 60.0 / POINTS
        return {
            "Ratelimit-Limit": str(POINTS),
            "Ratelimit-Remaining": str(int(self.left)),
            "Ratelimit-Reset": str(int(time.time() + full_in_s) + 1),
        }
