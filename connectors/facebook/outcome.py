"""What Graph's errors mean, and what to do about each.

Source: Meta «Handling errors», «Rate limits», «Private replies» (read 2026-10).
"""

from typing import Any

from domain.errors import ActionRequired, BateleurError, Fault
from domain.sentences import sentence

THROTTLED = frozenset({4, 17, 32, 341, 613, 80001, 80002, 80006})
DEAD_TOKEN = frozenset({102, 190})
LEAST_WAIT_S = 60.0
BLOCKED_S = 3600.0
UNREACHABLE_VIEWER = frozenset({551, 10902, 10903})
ALREADY_REPLIED = 10900
DUPLICATE = 506
POLICY = 368
GONE = 33
BAD_COMMENT, TOO_LATE = 2018292, 2018278


class Refused(Exception):
    """Graph answered with an error. `wait_s`: when access comes back, if it said so."""

    def __init__(self, status: int, body: Any, wait_s: float | None) -> None:
        error = body.get("error") if isinstance(body, dict) else None
        error = error if isinstance(error, dict) else {}
        self.status = status
        self.code = int(error.get("code") or 0)
        self.subcode = int(error.get("error_subcode") or 0)
        self.is_transient = bool(error.get("is_transient")) or status >= 500 or self.code in (1, 2)
        self.wait_s = wait_s
        super().__init__(str(error.get("message") or f"HTTP {status}")[:200])


class Unclear(Exception):
    """A call was sent and its outcome is not known."""


class Gone(Fault):
    """The live video, or whatever was asked for, is no longer there, or no longer ours to see."""


def in_our_words(error: Refused) -> BateleurError:
    """The failure of a call, for whoever can mend it."""
    if error.code in DEAD_TOKEN:
        return ActionRequired(
            sentence(
                "Facebook no longer takes the Page's token ({error}): set "
                "BATELEUR_FACEBOOK__PAGE_TOKEN anew.",
                error=error,
            )
        )
    if error.code in (3, 10) or 200 <= error.code <= 299:
        return ActionRequired(
            sentence(
                "Facebook refuses ({error}): the Page's token needs pages_read_engagement, "
                "pages_read_user_content, pages_manage_engagement and pages_messaging.",
                error=error,
            )
        )
    if error.code in THROTTLED:
        wait = max(LEAST_WAIT_S, error.wait_s or 0.0)
        why = "Facebook asks the Page to wait: its calls are used up."
        return Fault(why, is_retryable=True, retry_after=wait)
    if error.code == POLICY:
        why = "Facebook has stopped the Page from writing for a while: it repeated itself too often."
        return Fault(why, is_retryable=True, retry_after=BLOCKED_S)
    if error.code == DUPLICATE:
        return Fault("Facebook shows the same comment already.", is_retryable=False)
    if error.code == 100 and error.subcode == GONE:
        return Gone("Facebook no longer knows the live video.", is_retryable=True)
    if error.is_transient:
        return Fault(sentence("Facebook fails for now ({error}).", error=error), is_retryable=True)
    return Fault(sentence("Facebook refuses: {error}.", error=error), is_retryable=False)


def unreachable(error: Refused) -> bool:
    """Whether this viewer can never be reached by this comment: the claim page is left to them."""
    return (
        error.code in UNREACHABLE_VIEWER
        or (error.code == 100 and error.subcode == BAD_COMMENT)
        or (error.code == 10 and error.subcode == TOO_LATE)
    )
