"""One batch of messages, one transaction: read, recorded, answered, committed."""

import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from commands.deeds import FOR_A_VIEWER, FOR_ALL
from commands.engine import Engine
from commands.money import say_money, say_percent
from commands.scene import Asked, Scene, ViewerLookup
from commands.search import ProductIndex
from commands.texts import Catalogue
from domain.answers import Answer
from domain.chat import CONSOLE, Message, Role, Viewer
from domain.errors import Refusal
from domain.money import Money
from domain.sentences import sentence
from domain.show import Ask, DeliveryWay, Grant, Live, LiveState
from store.database import Database
from store.unit import UnitOfWork
from web.links import ClaimLinks

PRODUCTS_S = 2.0
AFTERWARDS = timedelta(minutes=5)
"""How long after the close we still tell who asks that the live is over."""
BACKLOG = timedelta(minutes=5)
"""How old a question may be that is answered after a restart."""
_ORDER = {LiveState.OPEN: 0, LiveState.CLOSING: 1, LiveState.CLOSED: 2, LiveState.PLANNED: 3}


@dataclass(frozen=True, slots=True)
class Order:
    """A moderator's order that no chat brought: `!drop 50 10m` and the like, for one live.

    `channel` is where it belongs, for one that is about a viewer; empty: the live's first.
    """

    live_id: int
    login: str
    name: str
    text: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of an order: the answer to who gave it, and what its channels are told."""

    answer: Answer
    announced: tuple[Answer, ...]


class BatchWork:
    """What the dispatcher calls with a batch; orders from elsewhere wait for it, and it for them.

    `ways` is how each channel delivers unique codes, by channel; channels that cannot are not in it.
    """

    def __init__(
        self,
        database: Database,
        engine: Engine,
        catalogue: Catalogue,
        ways: dict[str, DeliveryWay],
        links: ClaimLinks | None = None,
    ) -> None:
        self.database = database
        self.engine = engine
        self.catalogue = catalogue
        self.ways = ways
        self.links = links
        self._index: ProductIndex | None = None
        self._index_at = 0.0
        self._one_at_a_time = threading.Lock()

    def __call__(self, batch: Sequence[Message], viewers: ViewerLookup, now: datetime) -> list[Answer]:
        """The answers to `batch`, all that is owed in them already durable."""
        asked = [found for message in batch if (found := self.engine.read(message)) is not None]
        if not asked:
            return []
        with self._one_at_a_time, self.database.unit() as unit:
            return self._answer(asked, viewers, now, unit)

    def order(self, order: Order, viewers: ViewerLookup, now: datetime) -> Carried:
        """Carry out an order, durable when this returns. Raises `Refusal` when a rule says no."""
        with self._one_at_a_time, self.database.unit() as unit:
            live = unit.lives.get(order.live_id)
            if live is None:
                raise Refusal(sentence("There is no live {id}.", id=order.live_id))
            asked = self.engine.read(_order_message(order, live, now))
            if asked is None:
                raise Refusal(sentence("«{text}» is no order.", text=order.text))
            unit.asks.record([_ask(asked, live)])
            answers = self.engine.answer_asked([asked], self._scene(live, viewers, now, unit), unit)
            unit.asks.mark_answered([(asked.message.channel, asked.message.id)], now)
        if not answers:
            raise Refusal("The order could not be carried out; the log says why.")
        (answer,) = answers
        if answer.refusal:
            raise Refusal(answer.refusal)
        return Carried(answer, tuple(_announced(answer, live)))

    def word(self, live: Live, grant: Grant) -> str:
        """The private text that carries a grant's code, and the viewer's own link to the claim page."""
        words = {"live": live.title, "code": grant.code}
        if self.links is None:
            return self.catalogue.say(live.language, "code.private", **words)
        link = self.links.personal(live.id, grant.platform, grant.viewer_id)
        return self.catalogue.say(live.language, "code.private_page", **words, link=link)

    def way_of(self, channel: str, private: DeliveryWay | None) -> DeliveryWay | None:
        """How codes reach viewers of `channel`: in private if it can, else by the claim page if they can
        sign in there, else not at all."""
        platform = channel.partition(":")[0]
        is_on_page = self.links is not None and platform in self.links.platforms
        return private or (DeliveryWay.PAGE if is_on_page else None)

    def warm_up(self) -> None:
        """Load what the first question would have to wait for: the products, and the languages' numbers."""
        with self.database.unit(read_only=True) as unit:
            self._products(unit)
            for live in unit.lives.list():
                if live.state is not LiveState.CLOSED:
                    say_money(Money(0, "EUR"), live.language)
                    say_percent(0, live.language)

    def backlog(self, now: datetime) -> list[Answer]:
        """The answers to what was asked in open lives lately and never answered: we were killed before.

        Orders are not among them: they were carried out when they were recorded.
        """
        with self.database.unit() as unit:
            answers: list[Answer] = []
            for live in unit.lives.list():
                if live.state is LiveState.OPEN:
                    asks = unit.asks.unanswered(live.id, now - BACKLOG)
                    messages = [_message(ask) for ask in asks if ask.role < Role.MODERATOR]
                    asked = [one for message in messages if (one := self.engine.read(message))]
                    if asked:
                        answers += self._settled(asked, self._scene(live, {}, now, unit), unit)
            return answers

    def _answer(
        self, asked: Sequence[Asked], viewers: ViewerLookup, now: datetime, unit: UnitOfWork
    ) -> list[Answer]:
        lives = unit.lives.list()
        by_live: dict[int | None, tuple[Live | None, list[Asked]]] = {}
        for one in asked:
            live = live_of(lives, one.message.channel, now)
            by_live.setdefault(live.id if live else None, (live, []))[1].append(one)
        answers: list[Answer] = []
        for live, asks in by_live.values():
            fresh = unit.asks.record([_ask(one, live) for one in asks])
            new = [one for one in asks if (one.message.channel, one.message.id) in fresh]
            if new:
                answers += self._settled(new, self._scene(live, viewers, now, unit), unit)
        return answers

    def _settled(self, asked: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
        """The answers to `asked`; those that get none, such as a viewer's hasty repeats, wait no more."""
        answers = self.engine.answer_asked(asked, scene, unit)
        if len(answers) < len(asked):
            answered = {(answer.channel, answer.message.id) for answer in answers}
            keys = ((one.message.channel, one.message.id) for one in asked)
            unit.asks.mark_answered([key for key in keys if key not in answered], scene.now)
        return answers

    def _scene(self, live: Live | None, viewers: ViewerLookup, now: datetime, unit: UnitOfWork) -> Scene:
        return Scene(
            live=live,
            products=self._products(unit),
            on_screen=unit.segments.on_screen(live.id) if live else None,
            offers=tuple(unit.offers.list(live.id)) if live else (),
            now=now,
            catalogue=self.catalogue,
            viewers=viewers,
            ways=self.ways,
            claim_link=self.links.public(live.id) if self.links and live else "",
        )

    def _products(self, unit: UnitOfWork) -> ProductIndex:
        if self._index is None or time.monotonic() - self._index_at > PRODUCTS_S:
            products = unit.products.list()
            if self._index is None or list(self._index.products) != products:
                self._index = ProductIndex(products)
            self._index_at = time.monotonic()
        return self._index


def live_of(lives: Sequence[Live], channel: str, now: datetime) -> Live | None:
    """The live of a message on `channel`: the open one, else one just over, else the planned one."""
    here = [live for live in lives if channel in live.channels and not is_over(live, now)]
    return min(here, key=lambda live: (_ORDER[live.state], -live.id), default=None)


def is_over(live: Live, now: datetime) -> bool:
    """True when the live closed so long ago that its chat is no longer ours."""
    return live.closed_at is not None and now - live.closed_at > AFTERWARDS


def _ask(one: Asked, live: Live | None) -> Ask:
    author = one.message.author
    return Ask(
        live_id=live.id if live else None,
        channel=one.message.channel,
        message_id=one.message.id,
        platform=author.platform,
        viewer_id=author.id,
        viewer_name=author.name,
        role=author.role,
        command=one.parsed.name,
        argument=one.parsed.argument,
        at=one.message.sent_at,
    )


def _order_message(order: Order, live: Live, now: datetime) -> Message:
    channel = order.channel or live.channels[0]
    author = Viewer(
        channel.partition(":")[0], f"{CONSOLE}{order.login}", order.name, order.name, Role.MODERATOR
    )
    return Message(f"console-{uuid.uuid4()}", channel, author, order.text, now)


def _announced(answer: Answer, live: Live) -> Iterator[Answer]:
    """What the chats are told of an order: all of them what concerns all, one of them what concerns a viewer;
    what only helps who gave it is said to nobody else."""
    if answer.key in FOR_ALL:
        for channel in live.channels:
            yield replace(answer, channel=channel, is_announcement=True)
    elif answer.key in FOR_A_VIEWER:
        yield replace(answer, is_announcement=True)


def _message(ask: Ask) -> Message:
    """The message that an ask was read from, as far as it is kept."""
    author = Viewer(ask.platform, ask.viewer_id, ask.viewer_name, ask.viewer_name, ask.role)
    return Message(ask.message_id, ask.channel, author, f"!{ask.command} {ask.argument}".strip(), ask.at)
