"""Says in one channel what its planner decides, and survives what the platform answers."""

import asyncio
import time
from collections.abc import Callable, Iterable

import structlog

from bot.feed import Feed
from bot.planner import Pending, Planner, Utterance
from bot.tally import Tally
from bot.voice import Voice
from domain.answers import Answer
from domain.errors import ActionRequired, Fault
from domain.ports import Connector

HOLD_S = 2.0
LONGEST_HOLD_S = 60.0
log = structlog.get_logger()


class Speaker:
    """One task per channel: a channel that fails stops nobody else."""

    def __init__(
        self,
        connector: Connector,
        planner: Planner,
        voice: Voice,
        tally: Tally,
        answered: Callable[[Answer], None],
        feed: Feed | None = None,
    ) -> None:
        self.connector = connector
        self.planner = planner
        self.voice = voice
        self.tally = tally
        self.answered = answered
        self.feed = feed if feed is not None else Feed()
        self.is_speaking = False
        self.trouble: str = ""
        """Why the last message could not be said, as a sentence; empty when it was."""
        self._wake = asyncio.Event()
        self._failures = 0

    def hear(self, answer: Answer, asked_at: float) -> None:
        """Take an answer to be said; `asked_at` is monotonic seconds."""
        now = time.monotonic()
        if self.planner.add(answer, asked_at, now):
            self._note([Pending(answer, asked_at)], now)
        self._wake.set()

    async def run(self) -> None:
        """Speak until cancelled."""
        while True:
            await self.step()

    async def step(self) -> None:
        """Say the next thing, or wait for one."""
        self._wake.clear()
        # What the platform allows may change while we run: the bot is made a moderator.
        self.planner.capabilities = self.connector.capabilities
        self.planner.ledger.budget = self.connector.capabilities.budget
        decision = self.planner.next(time.monotonic())
        self._note(self.planner.take_already_said(), time.monotonic())
        if isinstance(decision, Utterance):
            self.is_speaking = True
            try:
                await self._say(decision)
            finally:
                self.is_speaking = False
            return
        try:
            # Not wait_for: in Python 3.11 it may swallow a cancellation that comes with the event.
            async with asyncio.timeout(decision):
                await self._wake.wait()
        except TimeoutError:
            return
        await asyncio.sleep(0.02)

    async def _say(self, utterance: Utterance) -> None:
        try:
            await self.voice.about_to_say(self.connector.channel, utterance.text)
            sent = await self.connector.send(utterance.text, reply_to=utterance.reply_to)
        except (Fault, ActionRequired) as error:
            self._stumble(utterance, error)
            return
        finally:
            self.planner.ledger.arrived(time.monotonic())
        now = time.monotonic()
        self._failures = 0
        self.trouble = ""
        for tally in self._tallies():
            tally.said += 1
        self.feed.say(self.connector.channel, utterance.text)
        if not sent.is_sure:
            self.tally.unsure += 1
            self.planner.doubt(utterance)
        self._note(utterance.serves, now)

    def _note(self, served: Iterable[Pending], now: float) -> None:
        for pending in served:
            for tally in self._tallies():
                tally.answered(now - pending.asked_at)
            self.answered(pending.answer)

    def _tallies(self) -> tuple[Tally, Tally]:
        return self.tally, self.tally.of(self.connector.channel)

    def _stumble(self, utterance: Utterance, error: Fault | ActionRequired) -> None:
        self._failures += 1
        self.trouble = error.sentence
        for tally in self._tallies():
            tally.failures += 1
        hold = min(LONGEST_HOLD_S, HOLD_S * 2 ** min(self._failures, 5))
        is_retryable = isinstance(error, ActionRequired) or error.is_retryable
        if isinstance(error, Fault) and error.retry_after is not None:
            hold = error.retry_after
        if is_retryable:
            self.planner.put_back(utterance)
            is_asked = isinstance(error, Fault) and error.retry_after is not None and not error.is_local
            resting = self.planner.ledger if is_asked else self.planner
            resting.hold(time.monotonic() + hold)
            for tally in self._tallies():
                tally.holds += is_asked
        log.warning(
            "message_not_said", channel=self.connector.channel, why=str(error), is_retried=is_retryable
        )
