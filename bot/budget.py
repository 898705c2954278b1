"""A send budget as a ledger: what was said when, and how long to wait before the next word."""

from collections import deque

from domain.answers import Priority
from domain.ports import SendBudget

RESERVE = {Priority.MODERATOR: 0.0, Priority.CODE: 0.2, Priority.PRICE: 0.3, Priority.CHATTER: 0.5}


class Ledger:
    """What one account said lately. Several channels of an account share one ledger.

    Times are monotonic seconds. A share of the window is kept for the higher priorities.
    """

    def __init__(self, budget: SendBudget) -> None:
        self.budget = budget
        self._spent: deque[float] = deque()
        self._held_until = 0.0

    def left(self, now: float, priority: Priority) -> int:
        """How many messages this priority may still say in the window."""
        self._forget(now)
        usable = int(self.budget.messages * (1 - RESERVE[priority]))
        return max(0, usable - len(self._spent))

    def used(self, now: float, priority: Priority) -> float:
        """How much of what this priority may say in the window is said, 0 to 1."""
        self._forget(now)
        usable = self.budget.messages * (1 - RESERVE[priority])
        return min(1.0, len(self._spent) / usable) if usable else 1.0

    def wait_s(self, now: float, priority: Priority) -> float:
        """Seconds until a message of this priority may be said; 0.0 means now."""
        waits = [self._held_until - now]
        if self._spent:
            waits.append(self._spent[-1] + self.budget.gap_s - now)
        if self.left(now, priority) == 0:
            usable = max(1, int(self.budget.messages * (1 - RESERVE[priority])))
            waits.append(self._spent[len(self._spent) - usable] + self.budget.window_s - now)
        return max(0.0, *waits)

    def spend(self, now: float) -> None:
        """Write down one message, before it is sent: an attempt counts whatever becomes of it."""
        self._spent.append(now)

    def arrived(self, now: float) -> None:
        """The last message was with the platform by `now`: its clock may begin as late as that."""
        if self._spent:
            self._spent[-1] = max(self._spent[-1], now)

    def hold(self, until: float) -> None:
        """Say nothing before `until`: the platform asked us to wait."""
        self._held_until = max(self._held_until, until)

    def held_s(self, now: float) -> float:
        """Seconds for which the platform still wants us to say nothing."""
        return max(0.0, self._held_until - now)

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0] <= now - self.budget.window_s:
            self._spent.popleft()
