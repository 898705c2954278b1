"""What a handler is given: who asked what, and how the live stands at that moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from commands.parsing import Parsed
from commands.search import ProductIndex
from commands.texts import Catalogue
from domain.answers import Answer, Priority
from domain.chat import LastSeen, Message
from domain.show import DeliveryWay, Grant, Live, Offer
from store.unit import UnitOfWork


class ViewerLookup(Protocol):
    """Who wrote lately, by casefolded handle or name; a mapping will do."""

    def get(self, key: str, /) -> LastSeen | None:
        """The viewer and their last message, or None when nobody of that name wrote."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One message and the command that was read in it."""

    message: Message
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Scene:
    """How one live stands at `now` (aware UTC). `ways`: how a channel, by its name, delivers unique codes.

    `claim_link` is the public address of the live's claim page, empty without one.
    """

    live: Live | None
    products: ProductIndex
    on_screen: str | None
    offers: tuple[Offer, ...]
    now: datetime
    catalogue: Catalogue
    viewers: ViewerLookup
    ways: Mapping[str, DeliveryWay] = field(default_factory=dict)
    claim_link: str = ""

    @property
    def language(self) -> str:
        """The live's language, or the retailer's when there is no live."""
        return self.live.language if self.live else self.catalogue.default

    def say(self, key: str, **values: str | int) -> str:
        """The text of `key` in the live's language."""
        return self.catalogue.say(self.language, key, **values)

    def answer(
        self,
        asked: Asked,
        key: str,
        priority: Priority,
        *,
        grants: tuple[Grant, ...] = (),
        delivers: bool = False,
        **values: str | int,
    ) -> Answer:
        """The text of `key` as the answer to `asked`."""
        message = asked.message
        return Answer(message.channel, self.say(key, **values), key, message, priority, grants, delivers)

    def reread(self, unit: UnitOfWork) -> "Scene":
        """The scene after a moderator changed something in `unit`."""
        if self.live is None:
            return self
        live = unit.lives.get(self.live.id)
        offers = tuple(unit.offers.list(self.live.id))
        return replace(self, live=live, offers=offers, on_screen=unit.segments.on_screen(self.live.id))


Handler = Callable[[Sequence[Asked], Scene, UnitOfWork], list[Answer]]
