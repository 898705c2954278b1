"""A log as a marketer finds it: three evenings of orders in two chats, told by the shop."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.chat import Role
from domain.money import Money
from domain.shop import CodeUse, Order, OrderState
from domain.show import Ask, Claim, DeliveryState, DeliveryWay, Discount, Mechanic, Offer, OfferKind, Product
from store.database import Database
from store.unit import UnitOfWork

PARIS = ZoneInfo("Europe/Paris")
GRACE = timedelta(minutes=5)
CHANNELS = ("twitch:100", "youtube:UCsoirees", "facebook:1789")
PRODUCTS = (
    Product("XBOX", "Console Xbox Series X", Money(49_999, "EUR")),
    Product("CASQUE", "Casque sans fil Aurora", Money(12_990, "EUR")),
    Product("ROBOT", "Robot pâtissier", Money(34_900, "EUR")),
)
NAMES = ("Chloé_92", "JeanDupont42", "marie.l", "Ωmega", "<b>Bob</b>", "Zoë du Nord")
FAR = "مشاهد " * 33 + "ال"
"""A viewer's name of 200 characters, written from right to left."""


def evening(day: date) -> datetime:
    """When the live of a day begins: half past seven in Paris."""
    return datetime.combine(day, time(19, 30), PARIS).astimezone(UTC)


def fill(database: Database, days: Sequence[date], per_live: int = 60) -> None:
    """A live each day with a unique offer, a drop and a shared code, and orders that used them."""
    dice = random.Random(11)
    with database.unit() as unit:
        unit.products.save(PRODUCTS, evening(days[0]))
        for number, day in enumerate(days):
            _live(unit, number, evening(day), per_live, dice)


def _live(unit: UnitOfWork, number: int, at: datetime, count: int, dice: random.Random) -> None:
    ends_at = at + timedelta(hours=2)
    title = ("La grande soirée", "Soirée jeux", "Before de Noël")[number % 3]
    live = unit.lives.add(title, "fr", "Europe/Paris", CHANNELS, at, ends_at)
    unit.lives.open(live.id, at)
    for place, product in enumerate(PRODUCTS):
        unit.segments.put_on_screen(live.id, product.sku, at + timedelta(minutes=40 * place))
    twenty = Discount(percent=20)
    unique = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, twenty)
    drop = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.DROP, Discount(amount=Money(1_500, "EUR")))
    shared = f"LIVE{number}"
    unit.offers.add(live.id, OfferKind.SHARED, Mechanic.OPEN, Discount(percent=10), shared_code=shared)
    codes = [*_granted(unit, unique, at, count, dice), *_granted(unit, drop, at, count // 4, dice)]
    codes += [(shared, at + timedelta(minutes=30))] * (count // 8) + [(f"NEVER{number}", at)]
    unit.codes.add(unique.id, [f"NEVER{number}"])
    orders = [
        _order(f"{number + 1}{place:04}", code, given_at, dice)
        for place, (code, given_at) in enumerate(codes)
    ]
    unit.redemptions.record("woocommerce", orders, ends_at, GRACE)
    unit.lives.close(live.id, ends_at)


def _granted(
    unit: UnitOfWork, offer: Offer, at: datetime, count: int, dice: random.Random
) -> list[tuple[str, datetime]]:
    """Codes given to viewers who asked, with the moment of each."""
    unit.codes.add(offer.id, [f"SECRET{offer.id}X{place:03}" for place in range(count)])
    given = []
    for place in range(count):
        name = FAR if place == 3 else f"{dice.choice(NAMES)}{place if place > 9 else ''}"
        channel = dice.choices(CHANNELS, (5, 3, 2))[0]
        then, message = at + timedelta(minutes=dice.randrange(1, 110)), f"m{offer.id}-{place}"
        platform, viewer = channel.partition(":")[0], f"{offer.id}-{place}"
        (outcome,) = unit.grants.grant(offer, [Claim(platform, viewer, name, channel, message)], then)
        assert outcome.grant is not None
        asked = (offer.live_id, channel, message, platform, viewer, name, Role.VIEWER, "code", "", then)
        unit.asks.record([Ask(*asked)])
        at_last = then + timedelta(minutes=1)
        unit.grants.mark([outcome.grant.id], DeliveryState.DELIVERED, at_last, DeliveryWay.PAGE)
        given.append((outcome.grant.code, then))
    return given


def _order(id: str, code: str, given_at: datetime, dice: random.Random) -> Order:
    product = dice.choice(PRODUCTS)
    total = product.price.amount * 8 // 10
    state = dice.choices([OrderState.PLACED, OrderState.CANCELLED, OrderState.REFUNDED], (20, 1, 2))[0]
    refunded = {OrderState.REFUNDED: total, OrderState.PLACED: dice.choice([0] * 9 + [2_000])}.get(state, 0)
    return Order(
        id=id,
        uses=(CodeUse(code, Money(product.price.amount - total, "EUR")),),
        total=Money(total, "EUR"),
        refunded=Money(refunded, "EUR"),
        state=state,
        ordered_at=given_at + timedelta(minutes=dice.choice([1, 2, 3, 5, 8, 13, 45, 95])),
        version=1,
        customer=f"c{dice.randrange(10**8):08x}",
    )
