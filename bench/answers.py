"""3,000 viewers type `!code` within one second: how long until each can read their answer?

    python -m bench.answers

A simulated clock; the planner as it runs in production, its sends checked by an independent count of each
platform's rule. The baseline answers each viewer with a message of their own, as fast as the rule allows.
On Twitch and YouTube the one answer leads to the claim page, where each viewer's code is already; on
Facebook the private replies come on top, at Facebook's own pace, and are not measured here.
"""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.table import print_table
from bot.budget import Ledger
from bot.planner import Planner, Utterance
from connectors.facebook.connector import BUDGET as FACEBOOK_BUDGET
from connectors.twitch.sending import FOR_MODERATORS
from connectors.youtube.quota import MESSAGE, plan
from domain.answers import Answer, Priority
from domain.chat import Message, Viewer
from domain.ports import Capabilities
from domain.show import DeliveryWay

VIEWERS = 3_000
TICK_S = 0.01
NEEDED_S = 10.0
NEEDED_MESSAGES = {"YouTube": 2}
LIVE_S = 4 * 3600.0
UNITS = 10_000


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform's rule, and how a message for each viewer would fare under it.

    `exceeded` counts the breaches in the times of what was said.
    """

    name: str
    capabilities: Capabilities
    exceeded: Callable[[list[float]], int]
    one_each: str
    one_each_s: float


def platforms() -> list[Platform]:
    """The three, each by its own rule."""
    youtube = plan(UNITS, LIVE_S, 2.0).budget
    days = VIEWERS * MESSAGE / UNITS
    return [
        Platform(
            "Twitch",
            Capabilities(500, FOR_MODERATORS, can_thread=True),
            lambda said: _over(said, 100, 30.0),
            f"{VIEWERS / 100 * 30 - 30:.0f} s",
            VIEWERS / 100 * 30 - 30,
        ),
        Platform(
            "YouTube",
            Capabilities(200, youtube),
            lambda said: max(0, len(said) * MESSAGE - UNITS),
            f"{math.ceil(days)} days of units",
            days * 86_400,
        ),
        Platform(
            "Facebook",
            Capabilities(1_000, FACEBOOK_BUDGET, can_thread=True, private=DeliveryWay.REPLY),
            lambda said: _over(said, 1, 2.0),
            f"{VIEWERS * 2:.0f} s",
            VIEWERS * 2.0,
        ),
    ]


def main() -> int:
    """Print the table; 1 when a needed figure is missed."""
    rows, is_missed = [], False
    for platform in platforms():
        seconds, said = ours(platform.capabilities)
        exceeded = platform.exceeded(said)
        most = NEEDED_MESSAGES.get(platform.name, VIEWERS)
        is_missed |= seconds > NEEDED_S or exceeded > 0 or len(said) > most
        rows.append((f"{platform.name}, a message each", platform.one_each, str(VIEWERS), "", "1 ×"))
        faster = f"{platform.one_each_s / seconds:,.0f} ×"
        what = "Bateleur, in public" if platform.capabilities.private else "Bateleur"
        rows.append((f"{platform.name}, {what}", f"{seconds:.1f} s", str(len(said)), str(exceeded), faster))
    rows.append(("needed", f"{NEEDED_S:.0f} s", "YouTube: 2", "0", ""))
    title = f"answers: {VIEWERS} viewers within a second, simulated clock"
    print_table(title, ("", "until everyone can read theirs", "messages", "limits exceeded", "faster"), rows)
    return int(is_missed)


def ours(capabilities: Capabilities) -> tuple[float, list[float]]:
    """When the last viewer could read the answer, and when we spoke."""
    planner = Planner(capabilities, Ledger(capabilities.budget))
    asks = [(index / VIEWERS, _answer(index)) for index in range(VIEWERS)]
    said: list[float] = []
    answered: dict[str, float] = {}
    now, place = 0.0, 0
    while len(answered) < VIEWERS:
        while place < VIEWERS and asks[place][0] <= now:
            at, answer = asks[place]
            place += 1
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


def _over(said: list[float], limit: int, window_s: float) -> int:
    """How many messages found the window already full."""
    return sum(index - bisect_right(said, when - window_s + 1e-6) >= limit for index, when in enumerate(said))


def _answer(index: int) -> Answer:
    viewer = Viewer("any", str(index), f"viewer{index}", f"viewer{index}")
    message = Message(f"m{index}", "any:100", viewer, "!code", datetime(2026, 11, 23, 20, tzinfo=UTC))
    text = "Votre code personnel est réservé et vous attend ici : https://live.example/c/1"
    return Answer("any:100", text, "code.kept_page", message, Priority.CODE)


if __name__ == "__main__":
    raise SystemExit(main())
