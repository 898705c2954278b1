"""How a crowd is answered: pending answers become the few messages that a channel's budget allows.

Pure but for its own memory: no clock, no socket. Times are monotonic seconds.
"""

from collections import deque
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import islice

from bot.budget import Ledger
from bot.fit import fit, length, mention, named
from domain.answers import Answer, Priority
from domain.ports import Capabilities

CALM = 3
GATHER_S = 0.25
AT_EASE = 0.3
THRIFTY_GATHER_S = 6.0
CROWD = 50
CROWD_GATHER_S = 1.5
NO_REPEAT_S = 30.0
SCREEN_S = 30.0
SCREEN_LINES = 120
CROWD_APART_S = 8.0
USEFUL_S = {Priority.MODERATOR: 120.0, Priority.CODE: 120.0, Priority.PRICE: 45.0, Priority.CHATTER: 30.0}
SIGNS = ("📣", "🔔", "✨", "👉")


@dataclass(frozen=True, slots=True)
class Pending:
    """One answer that waits to be said, and when it was added (monotonic seconds)."""

    answer: Answer
    asked_at: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """What to say next in a channel, and whom it answers."""

    text: str
    reply_to: str | None
    priority: Priority
    serves: tuple[Pending, ...]


@dataclass(slots=True)
class _Group:
    """Pending answers that say the same thing."""

    priority: Priority
    pending: deque[Pending] = field(default_factory=deque)


@dataclass(slots=True)
class _OnScreen:
    """A message to all, as long as the chat can still read it."""

    said_at: float
    line: int
    sign: int


class Planner:
    """The pending answers of one channel, and what its screen shows."""

    def __init__(self, capabilities: Capabilities, ledger: Ledger) -> None:
        self.capabilities = capabilities
        self.ledger = ledger
        self.lines = 0
        self.dropped = 0
        self._groups: dict[str, _Group] = {}
        self._screen: dict[str, _OnScreen] = {}
        self._said: deque[tuple[float, str]] = deque()
        self._already_said: list[Pending] = []
        self._held_until = 0.0

    def said_before(self, text: str, at: float) -> None:
        """`text` was said at `at`, by a run before this one: it is not said again word for word."""
        self._said.append((at, text))

    def scrolled(self, lines: int) -> None:
        """`lines` more lines of chat have pushed what was said off the screen."""
        self.lines += lines

    def add(self, answer: Answer, asked_at: float, now: float) -> bool:
        """Take an answer; True when the screen already gives it, so that nothing need be said."""
        screen = self._screen.get(answer.text)
        if screen is not None and self._is_readable(screen, now):
            return True
        group = self._groups.setdefault(answer.text, _Group(answer.priority))
        group.priority = min(group.priority, answer.priority)
        group.pending.append(Pending(answer, asked_at))
        return False

    def put_back(self, utterance: Utterance) -> None:
        """What could not be said waits again, first in its line."""
        for waiting in reversed(utterance.serves):
            group = self._groups.setdefault(waiting.answer.text, _Group(utterance.priority))
            group.pending.appendleft(waiting)
        self._screen.pop(utterance.serves[0].answer.text, None)
        self._said = deque(entry for entry in self._said if entry[1] != utterance.text)

    def hold(self, until: float) -> None:
        """Say nothing here before `until`; the account's other channels go on."""
        self._held_until = max(self._held_until, until)

    def doubt(self, utterance: Utterance) -> None:
        """Nobody knows whether this was shown: it is not said again, but who asks again is answered."""
        self._screen.pop(utterance.serves[0].answer.text, None)

    def take_already_said(self) -> list[Pending]:
        """Answers that `next` found word for word on the screen already, and so did not say again."""
        taken, self._already_said = self._already_said, []
        return taken

    def waiting(self) -> int:
        """How many answers wait to be said."""
        return sum(len(group.pending) for group in self._groups.values())

    def pending(self, limit: int) -> list[Pending]:
        """Who waits, the longest waiting first; at most `limit` of them."""
        firsts = (one for group in self._groups.values() for one in islice(group.pending, limit))
        return nsmallest(limit, firsts, key=lambda one: one.asked_at)

    def next(self, now: float) -> Utterance | float | None:
        """What to say now, the seconds to wait before asking again, or None: nothing waits."""
        self._drop_stale(now)
        if not self._groups:
            return None
        soonest = SCREEN_S
        for text, group in sorted(self._groups.items(), key=lambda item: _urgency(item[1])):
            wait = max(self._wait_s(text, group, now), self.ledger.wait_s(now, group.priority))
            if wait > 0:
                soonest = min(soonest, wait)
                continue
            utterance = self._utter(text, group, now)
            if utterance is not None:
                return utterance
        return soonest if self._groups else None

    def _wait_s(self, text: str, group: _Group, now: float) -> float:
        # The more of the window is spent, the longer questions are gathered, so that the rest of it lasts.
        thrift = max(0.0, self.ledger.used(now, group.priority) - AT_EASE) / (1 - AT_EASE)
        gathering = group.pending[0].asked_at + GATHER_S + thrift * THRIFTY_GATHER_S - now
        if len(group.pending) > CROWD:
            # A wave still rising: one message after it serves more than one in its middle,
            # which the wave itself would push off the screen.
            crest = group.pending[-1].asked_at + GATHER_S
            gathering = min(group.pending[0].asked_at + CROWD_GATHER_S, crest) - now
        screen = self._screen.get(text)
        apart = screen.said_at + CROWD_APART_S - now if screen else 0.0
        return max(0.0, gathering, apart, self._held_until - now)

    def _utter(self, text: str, group: _Group, now: float) -> Utterance | None:
        utterance = self._compose(text, group, now)
        for _ in utterance.serves:
            group.pending.popleft()
        if not group.pending:
            del self._groups[text]
        while self._said and self._said[0][0] <= now - NO_REPEAT_S:
            self._said.popleft()
        if any(said == utterance.text for _, said in self._said):
            self._already_said.extend(utterance.serves)
            return None
        self._said.append((now, utterance.text))
        return utterance

    def _compose(self, text: str, group: _Group, now: float) -> Utterance:
        limit = self.capabilities.max_characters
        waiting = tuple(group.pending)
        first = waiting[0].answer.message
        left = self.ledger.left(now, group.priority)
        if waiting[0].answer.is_announcement:
            return Utterance(fit(text, limit), None, group.priority, waiting)
        is_calm = self.waiting() <= min(CALM, left // 4)
        if len(waiting) == 1 or is_calm:
            name = mention(first.author.handle)
            reply = f"{name} {text}" if length(f"{name} {text}") <= limit else fit(text, limit)
            reply_to = first.id if self.capabilities.can_thread else None
            return Utterance(reply, reply_to, group.priority, waiting[:1])
        handles = list(dict.fromkeys(pending.answer.message.author.handle for pending in waiting))
        words, count = named(handles, text, limit)
        if count == len(handles):
            return Utterance(words, None, group.priority, waiting)
        return self._to_all(text, group, waiting, now)

    def _to_all(self, text: str, group: _Group, waiting: tuple[Pending, ...], now: float) -> Utterance:
        before = self._screen.get(text)
        sign = (before.sign + 1) % len(SIGNS) if before else 0
        self._screen[text] = _OnScreen(now, self.lines, sign)
        words = fit(f"{SIGNS[sign]} {text}", self.capabilities.max_characters)
        return Utterance(words, None, group.priority, waiting)

    def _is_readable(self, screen: _OnScreen, now: float) -> bool:
        return now - screen.said_at < SCREEN_S and self.lines - screen.line < SCREEN_LINES

    def _drop_stale(self, now: float) -> None:
        for text, group in list(self._groups.items()):
            useful = USEFUL_S[group.priority]
            while group.pending and now - group.pending[0].asked_at > useful:
                group.pending.popleft()
                self.dropped += 1
            if not group.pending:
                del self._groups[text]
        for text, screen in list(self._screen.items()):
            if now - screen.said_at > 2 * SCREEN_S:
                del self._screen[text]


def _urgency(group: _Group) -> tuple[int, float]:
    return (group.priority, group.pending[0].asked_at)
