"""A filled log, and what a naive reading of its rows in Python finds."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.beginnings import beginnings, sought
from domain.money import Money
from domain.redemption_log import (
    LogFilter,
    LogRow,
    MaySee,
    Sums,
)
from domain.shop import CodeUse, Order, OrderState
from domain.show import Claim, Discount, Mechanic, OfferKind, Product
from store import Database

OPENED = datetime(2026, 11, 26, 19, tzinfo=UTC)
GRACE = timedelta(minutes=5)
ALL = MaySee(codes=True)
CHANNELS = ("twitch:100", "youtube:UC1")
NAMES = ("Ann", "JeanDupont42", "Chloé du Pont", "ann_martin", "ل" * 200)


def filled(database: Database) -> Database:
    """Two lives with 60 orders: two channels, three products, each verdict and state, two currencies."""
    dice = random.Random(7)
    with database.unit() as unit:
        unit.products.save([Product(sku, sku, Money(1_000, "EUR")) for sku in ("A", "B", "C")], OPENED)
        for day, currency in enumerate(("EUR", "CHF")):
            fill_live(unit, OPENED + timedelta(days=day), currency, dice)
    return database


def fill_live(unit: Any, at: datetime, currency: str, dice: random.Random) -> None:
    ends_at = at + timedelta(hours=2)
    live = unit.lives.add(f"Evening in {currency}", "fr", "Europe/Paris", CHANNELS, at, ends_at)
    unit.lives.open(live.id, at)
    unit.segments.put_on_screen(live.id, "A", at)
    unit.segments.put_on_screen(live.id, "B", at + timedelta(minutes=30))
    discount = Discount(percent=20)
    unique = [
        unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, discount),
        unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.DROP, discount, skus=("C",)),
    ]
    shared = unit.offers.add(
        live.id, OfferKind.SHARED, Mechanic.OPEN, discount, shared_code=f"LIVE{currency}", quantity=8
    )
    codes = [f"LIVE{currency}"] * 12
    for offer in unique:
        codes += [f"{currency}{offer.id}SECRET{number}" for number in range(10)]
        unit.codes.add(offer.id, codes[-10:])
        for number in range(8):
            name, channel = dice.choice(NAMES), dice.choice(CHANNELS)
            who = Claim(channel.split(":")[0], f"{offer.id}-{number}", name, channel, f"m{offer.id}-{number}")
            unit.grants.grant(offer, [who], at + timedelta(minutes=5 * number))
    assert shared.quantity == 8
    for number in range(30):
        orders = [an_order(f"{currency}-{100 + number}", codes, at, currency, dice)]
        unit.redemptions.record("woocommerce", orders, at, GRACE)
    unit.lives.close(live.id, ends_at)


def an_order(id: str, codes: Sequence[str], at: datetime, currency: str, dice: random.Random) -> Order:
    total = dice.randrange(1_000, 90_000, 1_000)
    state = dice.choice([OrderState.PLACED] * 3 + [OrderState.CANCELLED, OrderState.REFUNDED])
    refunded = {OrderState.REFUNDED: total, OrderState.PLACED: dice.choice([0, 500])}.get(state, 0)
    used = dice.sample(codes, dice.choice([1, 1, 2]))
    return Order(
        id=id,
        uses=tuple(CodeUse(code, Money(dice.randrange(900), currency)) for code in used),
        total=Money(total, currency),
        refunded=Money(refunded, currency),
        state=state,
        ordered_at=at + timedelta(minutes=dice.randrange(200)),
        version=1,
    )


def everything(database: Database) -> list[LogRow]:
    with database.unit(read_only=True) as unit:
        return list(unit.redemption_log.rows(LogFilter(), ALL))


def naive(rows: Sequence[LogRow], wanted: LogFilter) -> list[LogRow]:
    """Those of `rows` that are wanted, by nothing but Python."""
    return [row for row in rows if all(is_so(row, wanted))]


def is_so(row: LogRow, wanted: LogFilter) -> list[bool]:
    one = row.redemption
    texts = [one.order_id, *([row.viewer] if row.viewer and wanted.is_by_name else [])]
    words = [word for text in texts for word in beginnings(text)]
    return [
        wanted.live_id in (None, row.live_id),
        wanted.channel in (None, row.channel),
        wanted.sku in (None, row.sku),
        wanted.offer_id in (None, row.offer_id),
        wanted.mechanic in (None, row.mechanic),
        wanted.verdict in (None, row.verdict),
        wanted.state in (None, one.state),
        wanted.since is None or one.ordered_at >= wanted.since,
        wanted.until is None or one.ordered_at < wanted.until,
        not wanted.search or any(word.startswith(sought(wanted.search)) for word in words),
    ]


def sums_of(rows: Sequence[LogRow]) -> Sums:
    """What rows of one currency come to, each order once."""
    standing = [row for row in rows if row.redemption.state is not OrderState.CANCELLED]
    orders = {row.redemption.order_id: row for row in standing}.values()
    total = sum(row.redemption.total.amount for row in orders)
    refunded = sum(row.redemption.refunded.amount for row in orders if row.redemption.refunded)
    return Sums(
        rows=len(rows),
        orders=len({row.redemption.order_id for row in rows}),
        discount=sum(row.redemption.discount.amount for row in standing),
        total=total,
        refunded=refunded,
        net=total - refunded,
    )


def grouped(rows: Sequence[LogRow], key: Any) -> dict[Any, Sums]:
    groups: dict[Any, list[LogRow]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: sums_of(group) for name, group in groups.items()}
