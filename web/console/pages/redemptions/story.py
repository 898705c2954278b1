"""The story of one redemption: asked, granted, delivered, ordered, refunded, judged."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from domain.redemption_log import LogRow, Story
from domain.shop import OrderState
from domain.show import DeliveryState, OfferKind
from web.console.desk import Desk
from web.console.pages.redemptions.drawing import draw
from web.console.pages.redemptions.names import STATES, VERDICTS, Names

Step = dict[str, Any]


def draw_story(desk: Desk, names: Names, story: Story) -> str:
    """The story as a time line, with the live's own clocks."""
    return _Telling(desk, names, story).drawn()


class _Telling:
    def __init__(self, desk: Desk, names: Names, story: Story) -> None:
        self.say = desk.say
        self.desk = desk
        self.names = names
        self.story = story
        self.zone = story.live.timezone

    def drawn(self) -> str:
        row = self.story.row
        state = row.redemption.state
        return draw(
            self.desk,
            "story",
            verdict=self._chip(row),
            state=None if state is OrderState.PLACED else _look(STATES[state], self.names.state(state)),
            why=self.say(f"redemptions.verdict_{row.verdict}_why"),
            steps=[*self._before(), *self._order()],
            facts=list(self._facts()),
            others=[self._other(one) for one in self.story.others],
            zone=self.say("redemptions.zone", zone=self.zone),
        )

    def _before(self) -> Iterator[Step]:
        """How the code came to its viewer."""
        story, live = self.story, self.story.live.title
        if story.grant is None:
            is_shared = story.offer.kind is OfferKind.SHARED
            word = (
                self.say("redemptions.story_shared", live=live)
                if is_shared
                else self.say("redemptions.story_nobody")
            )
            yield _step("campaign" if is_shared else "help", word, None)
            return
        channel = self.names.channel(story.grant.channel)
        if story.ask is not None:
            words = f"!{story.ask.command} {story.ask.argument}".strip()
            said = self.say("redemptions.story_asked_words", words=words, channel=channel)
            title = self.say("redemptions.story_asked", viewer=self.names.viewer(story.ask.viewer_name))
            yield _step("chat", title, self._at(story.ask.at), said)
        given = self.say("redemptions.story_granted_by", offer=self.names.offer(story.offer.id), live=live)
        lines = [given]
        if story.ask is None:
            lines.append(self.names.viewer(story.row.viewer))
            message = story.grant.message_id
            lines.append(self.say("redemptions.story_by_message", channel=channel, message=message))
        title = self.say("redemptions.story_granted")
        yield _step("redeem", title, self._at(story.grant.granted_at), *lines)
        yield self._delivered()

    def _delivered(self) -> Step:
        story = self.story
        if story.delivery is DeliveryState.DELIVERED:
            way = self.say(f"redemptions.story_way_{story.delivery_way}") if story.delivery_way else ""
            title = self.say("redemptions.story_delivered")
            return _step("mark_email_read", title, self._at(story.delivery_at), way)
        title = self.say(f"redemptions.story_delivery_{story.delivery}")
        return _step("schedule_send", title, self._at(story.delivery_at), tone="warn")

    def _order(self) -> Iterator[Step]:
        """What the customer and the shop did."""
        one, say = self.story.row.redemption, self.say
        who = (
            say("redemptions.story_customer", customer=one.customer)
            if one.customer
            else say("redemptions.story_guest")
        )
        amounts = say(
            "redemptions.story_ordered_for",
            total=self.desk.money(one.total),
            discount=self.desk.money(one.discount),
        )
        seen = say("redemptions.story_ordered_shop", shop=one.shop, seen=self._at(self.story.seen_at))
        ordered = _step(
            "shopping_bag", say("redemptions.story_ordered"), self._at(one.ordered_at), amounts, who, seen
        )
        ordered["later"] = self._later()
        yield ordered
        left = self.names.money(self.story.row.net, one.total.currency)
        if one.state is OrderState.CANCELLED:
            yield _step(
                "cancel",
                say("redemptions.story_cancelled"),
                None,
                say("redemptions.story_cancelled_why"),
                tone="bad",
            )
        elif one.refunded and one.refunded.amount:
            title = say("redemptions.story_refunded", amount=self.desk.money(one.refunded))
            yield _step("undo", title, None, say("redemptions.story_left", net=left), tone="warn")

    def _later(self) -> str:
        """How long after the grant the order came."""
        if self.story.grant is None:
            return ""
        minutes = int(
            (self.story.row.redemption.ordered_at - self.story.grant.granted_at).total_seconds() // 60
        )
        if minutes < 0:
            return self.say("redemptions.story_before")
        if minutes == 0:
            return self.say("redemptions.story_at_once")
        if minutes < 60:
            return self.say("redemptions.story_later", minutes=minutes)
        return self.say("redemptions.story_hours_later", hours=minutes // 60, minutes=f"{minutes % 60:02}")

    def _facts(self) -> Iterator[tuple[str, str]]:
        row = self.story.row
        product = self.story.product.name if self.story.product else self.names.product(row.sku)
        yield self.say("redemptions.story_product"), product
        code = row.redemption.code
        masked = f" · {self.say('redemptions.story_masked')}" if "•" in code else ""
        yield self.say("redemptions.story_code"), f"{code}{masked}"

    def _other(self, row: LogRow) -> dict[str, Any]:
        one = row.redemption
        return {
            "id": row.id,
            "order": one.order_id,
            "at": self._at(one.ordered_at),
            "total": self.desk.money(one.total),
            "verdict": self._chip(row),
        }

    def _chip(self, row: LogRow) -> dict[str, str]:
        return _look(VERDICTS[row.verdict], self.names.verdict(row.verdict))

    def _at(self, at: datetime | None) -> str:
        return self.names.moment(at, self.zone) if at else ""


def _step(icon: str, title: str, at: str | None, *lines: str, tone: str = "") -> Step:
    return {
        "icon": icon,
        "title": title,
        "at": at or "",
        "lines": [line for line in lines if line],
        "tone": tone,
    }


def _look(look: tuple[str, str], word: str) -> dict[str, str]:
    return {"icon": look[0], "tone": look[1], "word": word}
