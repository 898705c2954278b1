"""3,000 viewers type `!code` within one second on Twitch: how long until each can read the answer?

A simulated clock; the planner as it runs in production, its sends checked by an independent count of
Twitch's rule (100 messages in any 30 seconds). The baseline answers each viewer with one message.
The code is a shared one: what a unique code adds, its private delivery, is not measured here.

    python -m bench.answers
"""

from bisect import bisect_right
from datetime import UTC, datetime

from bench.table import print_table
from bot.budget import Ledger
from bot.planner import Planner, Utterance
from domain.answers import Answer, Priority
from domain.chat import Message, Viewer
from domain.ports import Capabilities, SendBudget

VIEWERS = 3_000
LIMIT, WINDOW_S = 100, 30.0
TICK_S = 0.01


def main() -> None:
    """Run both in one go and print the table."""
    ours, ours_said = _ours()
    base, base_said = _baseline()
    rows = [
        _row("one message a viewer", base, base_said, base),
        _row("Bateleur", ours, ours_said, base),
    ]
    print_table(
        f"answers: {VIEWERS} viewers, Twitch",
        ("", "until everyone is answered", "messages", "limit violations", "faster"),
        rows,
    )


def _row(name: str, seconds: float, said: list[float], base: float) -> tuple[str, ...]:
    return name, f"{seconds:.1f} s", str(len(said)), str(_violations(said)), f"{base / seconds:.0f} ×"


def _ours() -> tuple[float, list[float]]:
    capabilities = Capabilities(500, SendBudget(LIMIT, 32.0), can_thread=True)
    planner = Planner(capabilities, Ledger(capabilities.budget))
    asks = [(index / VIEWERS, _answer(index)) for index in range(VIEWERS)]
    said: list[float] = []
    answered: dict[str, float] = {}
    now = 0.0
    while len(answered) < VIEWERS:
        while asks and asks[0][0] <= now:
            at, answer = asks.pop(0)
            planner.scrolled(1)
            if planner.add(answer, at, now):
                answered[answer.message.author.id] = now
        decision = planner.next(now)
        if isinstance(decision, Utterance):
            planner.ledger.spend(now)
            said.append(now)
            answered |= {pending.answer.message.author.id: now for pending in decision.serves}
        now += TICK_S
    return max(answered.values()), said


def _baseline() -> tuple[float, list[float]]:
    said = [(index // LIMIT) * WINDOW_S + (index % LIMIT) * 0.01 for index in range(VIEWERS)]
    return said[-1], said


def _violations(said: list[float]) -> int:
    """How many messages found the window already full."""
    return sum(index - bisect_right(said, when - WINDOW_S + 1e-6) >= LIMIT for index, when in enumerate(said))


def _answer(index: int) -> Answer:
    viewer = Viewer("twitch", str(index), f"viewer{index}", f"viewer{index}")
    message = Message(f"m{index}", "twitch:100", viewer, "!code", datetime(2026, 11, 23, 20, tzinfo=UTC))
    return Answer("twitch:100", "Le code du live : LIVE20", "code", message, Priority.CODE)


if __name__ == "__main__":
    main()
