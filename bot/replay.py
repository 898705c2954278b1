"""A chat log through the same engine, no platform needed: what would have been said, and when."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from bot.bootstrap import batch_work
from bot.budget import Ledger
from bot.dispatch import KnownViewers
from bot.planner import Planner, Utterance
from bot.settings import Settings
from connectors.replay.read_log import read_log
from domain.chat import Message
from domain.errors import Refusal
from domain.ports import Capabilities, SendBudget
from domain.show import OfferKind
from shops.codes import draw_codes
from store.database import Database, open_database

CHANNEL = "replay:log"
LIKE_TWITCH = Capabilities(500, SendBudget(100, 32.0), can_thread=True)
LAST_WORDS_S = 60.0
STEP_S = 0.1


def replay(
    settings: Settings, database: Database, log: Path, say: Callable[[str], None] | None
) -> dict[str, int]:
    """Play `log` in its own time, the earliest message first; `say` gets each message we would send.

    It is played on a copy: the products, and the language and the running offers of the newest live, with
    codes drawn for the occasion. The database itself is only read.
    """
    messages = sorted(read_log(log, CHANNEL), key=lambda message: message.sent_at)
    if not messages:
        raise Refusal(f"{log} holds no message.")
    with tempfile.TemporaryDirectory(prefix="bateleur-replay-") as folder:
        copy = open_database(f"sqlite:///{Path(folder) / 'replay.db'}")
        try:
            copy.upgrade()
            live_id = _copy_live(database, copy, settings, messages[0].sent_at)
            counts = _play(settings, copy, messages, say)
            with copy.unit(read_only=True) as unit:
                grants, _ = unit.grants.count(live_id)
        finally:
            copy.close()
    return counts | {"grants": grants}


def _play(
    settings: Settings, copy: Database, messages: Sequence[Message], say: Callable[[str], None] | None
) -> dict[str, int]:
    work = batch_work(settings, copy)
    planner = Planner(LIKE_TWITCH, Ledger(LIKE_TWITCH.budget))
    start = messages[0].sent_at
    voice = _Voice(planner, start, say)
    viewers = KnownViewers()
    answered = 0
    for moment, group in groupby(messages, key=lambda message: message.sent_at):
        now = (moment - start).total_seconds()
        voice.until(now)
        batch = list(group)
        for message in batch:
            viewers.note(message)
        planner.scrolled(len(batch))
        answers = work(batch, viewers, moment)
        answered += len(answers)
        for answer in answers:
            planner.add(answer, now, now)
    voice.until((messages[-1].sent_at - start).total_seconds() + LAST_WORDS_S)
    return {"messages": len(messages), "answers": answered, "said": voice.said}


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


def _copy_live(source: Database, copy: Database, settings: Settings, start: datetime) -> int:
    """The number of a live in `copy` that is like the newest one of `source`."""
    with source.unit(read_only=True) as unit:
        products = unit.products.list()
        newest = max(unit.lives.list(), key=lambda live: live.id, default=None)
        sku = unit.segments.on_screen(newest.id) if newest else None
        offers = [o for o in unit.offers.list(newest.id) if o.ended_at is None] if newest else []
        codes = {offer.id: unit.offers.counts(offer.id).codes for offer in offers}
    with copy.unit() as unit:
        unit.products.save(products, start)
        title, language = (newest.title, newest.language) if newest else ("Replay", settings.locale)
        live = unit.lives.add(title, language, settings.timezone, (CHANNEL,), starts_at=start)
        unit.lives.open(live.id, start)
        if sku:
            unit.segments.put_on_screen(live.id, sku, start)
        for offer in offers:
            like = unit.offers.add(
                live.id,
                offer.kind,
                offer.mechanic,
                offer.discount,
                quantity=offer.quantity,
                skus=offer.skus,
                shared_code=offer.shared_code,
            )
            if offer.kind is OfferKind.UNIQUE:
                unit.codes.add(like.id, draw_codes(codes[offer.id]))
    return live.id
