"""The three ways something can fail.

BateleurError
├── Refusal         a rule said no; the sentence may be shown to whoever asked
├── Fault           a platform, a shop or the database failed; may be retried
└── ActionRequired  a person must act (log in again, grant a scope, migrate)
"""

from domain.sentences import Sentence, sentence_of


class BateleurError(Exception):
    """Root of every error of ours; its text is one sentence for the person who can act on it, in English."""

    @property
    def sentence(self) -> Sentence:
        """The text, which can be told in another language."""
        return sentence_of(self)


class Refusal(BateleurError):
    """A rule said no, and nothing was changed."""


class Fault(BateleurError):
    """The outside failed. `retry_after` is in seconds; None means the caller's own back-off.

    Who asks for a wait asks it of the whole account; `is_local` says that one channel alone waits.
    """

    def __init__(
        self,
        sentence: str,
        *,
        is_retryable: bool,
        retry_after: float | None = None,
        is_local: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.is_retryable = is_retryable
        self.retry_after = retry_after
        self.is_local = is_local


class ActionRequired(BateleurError):
    """Only a person can mend this; the sentence says how."""
