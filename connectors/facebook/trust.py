"""Whether what Facebook pushes can be relied on, judged by the looks beside it. Pure.

Streams leave comments out when there are many, and webhooks may stop without a word. As long as a look
finds nothing that was not pushed, looks may be rare; else they are made at full pace.
"""

LATE_S = 5.0
"""How long a comment may be on its way to us."""
DOUBT_S = 60.0
"""How long looks are made at full pace after one has found what was not pushed."""


class Trust:
    """Is earned by the first comment pushed. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._is_proven = False
        self._doubted_until = float("-inf")
        self._awaited: dict[str, float] = {}

    def pushed(self, id: str, *, is_new: bool) -> None:
        """A comment was pushed, before a look found it (`is_new`) or just after; repeats prove nothing."""
        was_awaited = self._awaited.pop(id, None) is not None
        self._is_proven = self._is_proven or is_new or was_awaited

    def found(self, id: str, age_s: float, now: float) -> None:
        """A look found a comment of that age first."""
        if age_s > LATE_S:
            self._doubt(now)
        else:
            self._awaited[id] = now

    def lost(self) -> None:
        """Nothing is pushed any more."""
        self._is_proven = False

    def is_earned(self, now: float) -> bool:
        """True when looks may be rare."""
        late = [id for id, at in self._awaited.items() if now - at > LATE_S]
        for id in late:
            del self._awaited[id]
        if late:
            self._doubt(now)
        return self._is_proven and now >= self._doubted_until

    def _doubt(self, now: float) -> None:
        self._is_proven = False
        self._doubted_until = now + DOUBT_S
