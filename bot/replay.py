"""A chat log through the same engine, no platform needed: what would have been said, and when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from bot.bootstrap import batch_work
from bot.budget import Ledger
from bot.dispatch import KnownViewers
from bot.planner import Planner, Utterance
from bot.settings import Settings
from connectors.replay.read_log import read_log
from domain.errors import Refusal
from domain.ports import Capabilities, SendBudget
from domain.show import LiveState
from store.database import Database

CHANNEL = "replay:log"
LIKE_TWITCH = Capabilities(500, SendBudget(100, 32.0), can_thread=True)
LAST_WORDS_S = 60.0
STEP_S = 0.1


def replay(
    settings: Settings, database: Database, log: Path, say: Callable[[str], None] | None
) -> dict[str, int]:
    """Play `log` in its own time into a live of its own; `say` gets each message we would send.

    Grants are made under the offers of that live only: it has none unless `live open --channel replay:log`
    made it beforehand.
    """
    messages = list(read_log(log, CHANNEL))
    if not messages:
        raise Refusal(f"{log} holds no message.")
    _ensure_live(database, messages[0].sent_at, settings)
    work = batch_work(settings, database)
    planner = Planner(LIKE_TWITCH, Ledger(LIKE_TWITCH.budget))
    voice = _Voice(planner, messages[0].sent_at, say)
    viewers = KnownViewers()
    counts = {"messages": len(messages), "answers": 0}
    start = messages[0].sent_at
    for moment, group in groupby(messages, key=lambda message: message.sent_at):
        now = (moment - start).total_seconds()
        voice.until(now)
        batch = list(group)
        for message in batch:
            viewers.note(message)
        planner.scrolled(len(batch))
        answers = work(batch, viewers, moment)
        counts["answers"] += len(answers)
        for answer in answers:
            planner.add(answer, now, now)
    end = (messages[-1].sent_at - start).total_seconds() + LAST_WORDS_S
    voice.until(end)
    return counts | {"said": voice.said}


class _Voice:
    """Says what the planner decides, in the log's own time."""

    def __init__(self, planner: Planner, start: datetime, say: Callable[[str], None] | None) -> None:
        self.planner = planner
        self.start = start
        self.say = say
        self.said = 0
        self._now = 0.0

    def until(self, end: float) -> None:
        """Speak up to `end`, in seconds since the log's first line."""
        while self._now <= end:
            decision = self.planner.next(self._now)
            if isinstance(decision, Utterance):
                self._speak(decision)
            elif decision is None:
                self._now = end + STEP_S
            else:
                self._now += min(STEP_S, decision)
        self._now = end

    def _speak(self, utterance: Utterance) -> None:
        self.planner.ledger.spend(self._now)
        self.said += 1
        if self.say is not None:
            moment = self.start + timedelta(seconds=self._now)
            self.say(f"[{moment:%H:%M:%S}] {utterance.text}")


def _ensure_live(database: Database, start: datetime, settings: Settings) -> None:
    with database.unit() as unit:
        if any(CHANNEL in live.channels and live.state is LiveState.OPEN for live in unit.lives.list()):
            return
        live = unit.lives.add("Replay", settings.locale, settings.timezone, (CHANNEL,), starts_at=start)
        unit.lives.open(live.id, start)
