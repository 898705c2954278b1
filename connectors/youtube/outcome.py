"""What YouTube's errors mean, and what to do about each.

Source: YouTube Live Streaming API «Errors» (read 2026-10).
"""

from domain.errors import ActionRequired, BateleurError, Fault
from domain.sentences import sentence

OUT_OF_UNITS = frozenset({"quotaExceeded", "dailyLimitExceeded"})
TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "userRequestsExceedRateLimit"})
ENDED = "liveChatEnded"
GONE = frozenset({"liveChatNotFound", "videoNotFound", "liveBroadcastNotFound"})
BAD_TOKEN = frozenset({"pageTokenInvalid", "invalidPageToken"})
PAUSE_S = 5.0


class Refused(Exception):
    """YouTube answered with an error."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__((message or reason or f"HTTP {status}")[:200])

    @property
    def is_open(self) -> bool:
        """Whether a call that changes something may have been carried out."""
        return self.status >= 500


class Unclear(Exception):
    """A call was sent and its outcome is not known."""


class StreamFailed(Exception):
    """A stream was refused or broke off.

    `is_missing`: nobody there speaks it; `is_login`: the access token was refused; `is_out_of_units`: so the
    day's units are known to be used up.
    """

    def __init__(
        self,
        why: str,
        *,
        is_missing: bool = False,
        is_login: bool = False,
        is_out_of_units: bool = False,
    ) -> None:
        self.is_missing = is_missing
        self.is_login = is_login
        self.is_out_of_units = is_out_of_units
        super().__init__(why[:200])


def in_our_words(error: Refused, reset_s: float) -> BateleurError:
    """The failure of a call, for whoever can mend it; `reset_s`: seconds until the day's units come back."""
    if error.status == 401 or error.reason == "authError":
        return ActionRequired("YouTube no longer takes the login: run `bateleur login youtube` again.")
    if error.reason in OUT_OF_UNITS:
        hours, minutes = divmod(int(reset_s) // 60, 60)
        why = sentence(
            "YouTube's units for today are used up; they come back in {hours} h {minutes} min.",
            hours=hours,
            minutes=f"{minutes:02}",
        )
        return Fault(why, is_retryable=True, retry_after=reset_s)
    if error.reason in TOO_FAST or error.status == 429:
        return Fault("YouTube asks us to go slower.", is_retryable=True, retry_after=PAUSE_S)
    if error.reason == "liveChatDisabled":
        return ActionRequired("The chat of this broadcast is disabled: switch it on in YouTube Studio.")
    if error.reason == ENDED or error.reason in GONE:
        return Fault("The YouTube chat is over or gone.", is_retryable=True)
    if error.status >= 500:
        return Fault(sentence("YouTube fails for now ({error}).", error=error), is_retryable=True)
    if error.status == 403:
        return ActionRequired(
            sentence("YouTube does not allow it ({error}): check the account's rights there.", error=error)
        )
    return Fault(sentence("YouTube refuses: {error}.", error=error), is_retryable=False)
