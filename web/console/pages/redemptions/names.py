"""What things of the log are called on its page: lives, channels, products, offers; words and icons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.numbers import format_decimal

from commands.money import locale_of, say_percent
from domain.money import Money
from domain.redemption import Verdict
from domain.redemption_log import NOWHERE, ShareBy
from domain.shop import OrderState
from domain.show import Live, Mechanic, Offer
from store.unit import UnitOfWork
from web.console.desk import Desk
from web.console.pages.redemptions.asked import Asked, zone_of
from web.console.texts import console_texts

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.VALID: ("check_circle", "good"),
    Verdict.AFTER_THE_LIVE: ("schedule", "warn"),
    Verdict.NEVER_GRANTED: ("help", "bad"),
    Verdict.OVER_USED: ("content_copy", "bad"),
    Verdict.OTHER_CUSTOMER: ("switch_account", "warn"),
}
"""The icon and the tone of each verdict; its word is a text."""
STATES: Mapping[OrderState, tuple[str, str]] = {
    OrderState.PLACED: ("shopping_bag", ""),
    OrderState.CANCELLED: ("cancel", "bad"),
    OrderState.REFUNDED: ("undo", "warn"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """The lives, offers and products there are, by id; channels and SKUs that redemptions came from."""

    lives: Mapping[int, Live]
    offers: Mapping[int, Offer]
    products: Mapping[str, str]
    channels: tuple[str, ...]
    skus: tuple[str, ...]


def known(unit: UnitOfWork) -> Known:
    """What there is to be named."""
    choices = unit.redemption_log.choices()
    return Known(
        lives={live.id: live for live in unit.lives.list()},
        offers={offer.id: offer for offer in unit.offers.list()},
        products={product.sku: product.name for product in unit.products.list()},
        channels=choices.channels,
        skus=choices.skus,
    )


class Names:
    """Says them in the user's language."""

    def __init__(self, desk: Desk, there: Known) -> None:
        self._desk = desk
        self.there = there

    def zone(self, asked: Asked) -> str:
        """Whose clocks the log is told by."""
        return zone_of(asked, self.there.lives.get(asked.live or 0), self._desk.timezone)

    def live(self, id: int) -> str:
        """A live by its title and its day."""
        live = self.there.lives.get(id)
        if live is None:
            return self._desk.say("redemptions.live_number", number=id)
        at = live.opened_at or live.starts_at
        return f"{live.title} · {self.day(at, live.timezone)}" if at else live.title

    def channel(self, channel: str) -> str:
        """A channel by its platform; with its account when the platform has several."""
        if channel == NOWHERE:
            return self._desk.say("redemptions.no_channel")
        platform, _, account = channel.partition(":")
        key = f"redemptions.platform_{platform}"
        known = key in console_texts()[self._desk.language]
        name = self._desk.say(key) if known else platform.capitalize()
        alone = sum(one.startswith(f"{platform}:") for one in self.there.channels) < 2
        return name if alone else f"{name} · {account}"

    def viewer(self, name: str | None) -> str:
        """A viewer's name; what stands for none, and for one who was forgotten."""
        if name is None:
            return self._desk.say("redemptions.no_viewer")
        return name or self._desk.say("redemptions.forgotten")

    def product(self, sku: str) -> str:
        """A product by its name."""
        return self.there.products.get(sku, sku) if sku else self._desk.say("redemptions.no_product")

    def offer(self, id: int) -> str:
        """An offer by its number, its discount and its mechanic."""
        offer = self.there.offers.get(id)
        if offer is None:
            return f"n° {id}"
        return f"n° {id} · {self.discount(offer)} · {self.mechanic(offer.mechanic)}"

    def discount(self, offer: Offer) -> str:
        """What an offer takes off."""
        if offer.discount.amount is not None:
            return f"−{self._desk.money(offer.discount.amount)}"
        return f"−{say_percent(offer.discount.percent or 0, self._desk.language)}"

    def mechanic(self, mechanic: Mechanic) -> str:
        """How an offer is won."""
        return self._desk.say(f"redemptions.mechanic_{mechanic}")

    def verdict(self, verdict: Verdict) -> str:
        """Whether an order kept the rules."""
        return self._desk.say(f"redemptions.verdict_{verdict}")

    def state(self, state: OrderState) -> str:
        """How an order stands."""
        return self._desk.say(f"redemptions.state_{state}")

    def share(self, by: ShareBy, key: str) -> str:
        """What a share of the revenue is of."""
        if by is ShareBy.CHANNEL:
            return self.channel(key)
        if by is ShareBy.PRODUCT:
            return self.product(key)
        if by is ShareBy.MECHANIC:
            return self.mechanic(Mechanic(key))
        return self.offer(int(key)) if by is ShareBy.OFFER else self.live(int(key))

    def money(self, amount: int, currency: str) -> str:
        """An amount in minor units."""
        return self._desk.money(Money(amount, currency))

    def day(self, at: datetime, timezone: str) -> str:
        """The day of `at` on the clocks of `timezone`: «jeu. 26 nov.», with another year than this."""
        local = at.astimezone(ZoneInfo(timezone))
        skeleton = "MMMEd" if local.year == datetime.now(local.tzinfo).year else "yMMMEd"
        return format_skeleton(skeleton, local, locale=locale_of(self._desk.language))

    def moment(self, at: datetime, timezone: str) -> str:
        """The day and the time of `at`."""
        return f"{self.day(at, timezone)}, {self._desk.clock(at, timezone)}"

    def count(self, number: int) -> str:
        """A number as people read it."""
        return format_decimal(number, locale=locale_of(self._desk.language))
