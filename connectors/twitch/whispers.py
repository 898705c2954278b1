"""How many whispers may still be sent.

Source: Twitch «Send Whisper»: 40 unique recipients a day, 3 a second, 100 a minute (read 2026-10).
"""

import json
from collections import deque

from domain.errors import Fault
from domain.sentences import sentence

DAY_S = 86_400.0
NEW_A_DAY = 40
# Windows are padded: what left us evenly may arrive in a bunch.
WINDOWS = ((3, 1.25), (100, 62.0))


class WhisperQuota:
    """One account's whispers, those of the runs before too.

    `now` is monotonic, `moment` seconds since the epoch: days outlive a run, seconds do not.
    """

    def __init__(self) -> None:
        self._recipients: dict[str, float] = {}
        self._sent: deque[float] = deque(maxlen=100)

    def spend(self, recipient: str, now: float, moment: float) -> bool:
        """Count a whisper before it is sent; raises `Fault` when it would be one too many.

        True for a recipient who is new today.
        """
        self._recipients = {id: at for id, at in self._recipients.items() if moment - at < DAY_S}
        is_new = recipient not in self._recipients
        if is_new and len(self._recipients) >= NEW_A_DAY:
            wait = min(self._recipients.values()) + DAY_S - moment
            why = sentence(
                "Twitch lets the bot whisper to {most} people a day, and they are reached.", most=NEW_A_DAY
            )
            raise Fault(why, is_retryable=True, retry_after=wait)
        wait = max(self._wait(count, window_s, now) for count, window_s in WINDOWS)
        if wait > 0:
            raise Fault(
                "Twitch takes 3 whispers a second and 100 a minute.", is_retryable=True, retry_after=wait
            )
        self._recipients.setdefault(recipient, moment)
        self._sent.append(now)
        return is_new

    def written(self) -> str:
        """The recipients of the last day, for the runs to come."""
        return json.dumps(self._recipients)

    def read(self, text: str | None) -> None:
        """Count what a run before has `written`."""
        if text:
            self._recipients = {**json.loads(text), **self._recipients}

    def _wait(self, count: int, window_s: float, now: float) -> float:
        return self._sent[-count] + window_s - now if len(self._sent) >= count else 0.0
