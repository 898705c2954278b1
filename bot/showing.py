"""The running evening as the console sees it."""

import time
from datetime import UTC, datetime

from bot.evening import Evening
from bot.health import Health
from bot.speaker import Speaker
from bot.troubles import channel_trouble, shop_trouble
from bot.work import Order
from commands.deeds import DEEDS
from domain.answers import Priority
from domain.people import User
from domain.ports import Check
from web.console.show import ChannelSight, HealthSight, Line, Ordered, PartSight, Sight, Waiting


class Showing:
    """Looks at an evening, and hands it the console's orders."""

    def __init__(self, evening: Evening) -> None:
        self._evening = evening
        self._health = Health(evening)

    def sight(self) -> Sight:
        """How the evening stands now."""
        evening, now = self._evening, time.monotonic()
        attached = tuple(self._channel(*one, now) for one in sorted(evening.speakers.items()))
        missing = tuple(
            _missing(channel, channel_trouble(evening, channel))
            for channel in sorted(evening.refused)
            if channel not in evening.speakers
        )
        return Sight(
            channels=attached + missing,
            minutes=evening.feed.minutes(datetime.now(UTC)),
            dropped=evening.inbox.dropped_chatter + evening.inbox.dropped_commands,
            shop_trouble=shop_trouble(evening),
        )

    async def health(self) -> HealthSight:
        """Whether all works, and what last did not."""
        found = await self._health.ready()
        return HealthSight(found.is_ready, tuple(map(self._part, found.checks)))

    def lines(self, after: int, limit: int) -> tuple[Line, ...]:
        """The newest lines of all chats."""
        return self._evening.feed.lines(after, limit)

    def orders(self, limit: int) -> tuple[Line, ...]:
        """The moderators' newest orders."""
        return self._evening.feed.orders(limit)

    def waiting(self, limit: int) -> tuple[Waiting, ...]:
        """Who waits for an answer, the longest waiting first."""
        now = time.monotonic()
        pending = [
            Waiting(channel, one.answer.message.author.name, one.answer.message.text, now - one.asked_at)
            for channel, speaker in self._evening.speakers.items()
            for one in speaker.planner.pending(limit)
        ]
        return tuple(sorted(pending, key=lambda one: -one.seconds)[:limit])

    async def order(self, live_id: int, user: User, text: str, channel: str = "") -> Ordered:
        """Carry out a moderator's order."""
        answer = await self._evening.order(Order(live_id, user.login, user.name, text, channel))
        return Ordered(answer.text, is_done=answer.key in DEEDS)

    def _part(self, check: Check) -> PartSight:
        kind, _, name = check.name.partition(" ")
        last = self._evening.troubles.last(check.name)
        return PartSight(
            kind=kind,
            name=name,
            why="" if check.ok else check.sentence,
            last_trouble=last.sentence if last else "",
            trouble_at=last.at if last else None,
            well_again_at=last.well_again_at if last else None,
        )

    def _channel(self, channel: str, speaker: Speaker, now: float) -> ChannelSight:
        tally, budget = self._evening.tally.of(channel), speaker.planner.ledger.budget
        pending = speaker.planner.pending(1)
        return ChannelSight(
            channel=channel,
            is_attached=True,
            trouble=channel_trouble(self._evening, channel),
            messages=tally.messages,
            questions=tally.commands,
            said=tally.said,
            answered=tally.asked,
            waiting=speaker.planner.waiting(),
            lag_s=now - pending[0].asked_at if pending else 0.0,
            budget_left=speaker.planner.ledger.left(now, Priority.MODERATOR),
            budget=budget.messages,
            window_s=budget.window_s,
        )


def _missing(channel: str, trouble: str) -> ChannelSight:
    return ChannelSight(channel, False, trouble, 0, 0, 0, 0, 0, 0.0, 0, 0, 0.0)
