"""How many whispers may still be sent.

Source: Twitch «Send Whisper»: 40 unique recipients a day, 3 a second, 100 a minute (read 2026-10).
"""

from collections import deque

from domain.errors import Fault

DAY_S = 86_400.0
NEW_A_DAY = 40


class WhisperQuota:
    """One account's whispers. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._recipients: dict[str, float] = {}
        self._sent: deque[float] = deque(maxlen=100)

    def spend(self, recipient: str, now: float) -> None:
        """Count a whisper before it is sent; raises `Fault` when it would be one too many."""
        self._recipients = {id: at for id, at in self._recipients.items() if now - at < DAY_S}
        if recipient not in self._recipients and len(self._recipients) >= NEW_A_DAY:
            wait = min(self._recipients.values()) + DAY_S - now
            why = f"Twitch lets the bot whisper to {NEW_A_DAY} people a day, and they are reached."
            raise Fault(why, is_retryable=True, retry_after=wait)
        wait = max(self._wait(3, 1.0, now), self._wait(100, 60.0, now))
        if wait > 0:
            raise Fault(
                "Twitch takes 3 whispers a second and 100 a minute.", is_retryable=True, retry_after=wait
            )
        self._recipients.setdefault(recipient, now)
        self._sent.append(now)

    def _wait(self, count: int, window_s: float, now: float) -> float:
        return self._sent[-count] + window_s - now if len(self._sent) >= count else 0.0
