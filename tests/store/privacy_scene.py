"""A past evening and one that is on, with viewers who asked, were given codes, bought, and were named."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from domain.chat import Role, Said
from domain.money import Money
from domain.report import LiveReport
from domain.shop import CodeUse, Order, OrderState
from domain.show import Ask, Claim, ClaimOutcome, DeliveryState, Discount, Mechanic, OfferKind
from store import Database
from store.tables import Row

NOW = datetime(2026, 11, 23, 20, tzinfo=UTC)
GRACE = timedelta(minutes=5)
HERE = "twitch:100"
PEOPLE = {"5010001": "Annabelle", "5010002": "Bobbylou", "5010003": "Chloé Du Pont"}
ANN = "5010001"


@dataclass
class Evening:
    """One live of the database."""

    database: Database
    live_id: int
    offer_id: int
    at: datetime

    def ask(self, viewer_id: str, words: str = "", command: str = "code", id: str = "") -> None:
        message = id or f"{self.live_id}-{viewer_id}-{command}-{len(words)}"
        who = ("twitch", viewer_id, PEOPLE[viewer_id], Role.VIEWER)
        one = Ask(self.live_id, HERE, message, *who, command, words, self.at)
        with self.database.unit() as unit:
            unit.asks.record([one])

    def claim(self, viewer_id: str, by: str = "first") -> ClaimOutcome:
        claim = Claim("twitch", viewer_id, PEOPLE[viewer_id], HERE, f"{self.live_id}-{viewer_id}-{by}")
        with self.database.unit() as unit:
            offer = unit.offers.get(self.offer_id)
            assert offer is not None
            (outcome,) = unit.grants.grant(offer, [claim], self.at)
        return outcome

    def buy(self, code: str, number: str) -> None:
        use, total = CodeUse(code, Money(1000, "EUR")), Money(9000, "EUR")
        at, nothing = self.at + timedelta(minutes=1), Money(0, "EUR")
        order = Order(number, (use,), total, nothing, OrderState.PLACED, at, 1, f"customer {number}")
        with self.database.unit() as unit:
            unit.redemptions.record("shop", [order], self.at, GRACE)

    def say(self, words: str) -> None:
        with self.database.unit() as unit:
            unit.said.record("twitch:bot", Said(HERE, words, self.at))

    def report(self) -> LiveReport:
        with self.database.unit(read_only=True) as unit:
            return unit.reports.of(self.live_id)

    def close(self) -> None:
        with self.database.unit() as unit:
            unit.lives.close(self.live_id, self.at + timedelta(hours=1))

    def held_code(self, viewer_id: str) -> str | None:
        """What the claim page shows the viewer."""
        with self.database.unit(read_only=True) as unit:
            found = unit.grants.of_viewer(self.live_id, "twitch", viewer_id)
        return found[0].code if found else None


def an_evening(database: Database, at: datetime, *, is_closed: bool = True) -> Evening:
    """A live at `at` with questions, codes for three viewers, an order, and what we said."""
    with database.unit() as unit:
        live = unit.lives.add("Evening", "fr", "Europe/Paris", [HERE], starts_at=at)
        unit.lives.open(live.id, at)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, [f"CODE{live.id}{n:06}" for n in range(20)])
    evening = Evening(database, live.id, offer.id, at)
    for viewer_id in PEOPLE:
        evening.ask(viewer_id)
        evening.ask(viewer_id, "xbox please", "prix")
        assert evening.claim(viewer_id).grant is not None
    code = evening.held_code(ANN)
    assert code is not None
    evening.buy(code, f"order-{live.id}")
    evening.say("@Annabelle @Bobbylou @ChloéDuPont : un code vous attend")
    evening.say("@Annabelle 499,99 €")
    evening.say("📣 un prix pour tous")
    with database.unit() as unit:
        unit.links.bind(live.id, "twitch", ANN, "browser-of-ann")
        grant = unit.grants.of_viewer(live.id, "twitch", "5010002")[0]
        unit.grants.mark([grant.id], DeliveryState.DELIVERED, at)
    if is_closed:
        evening.close()
    return evening


def everything(database: Database) -> str:
    """All that the database holds, as one text."""
    held: list[Any] = []
    with database._connect() as connection:
        for table in Row.metadata.sorted_tables:
            held += [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table.name}"))]
    return "\n".join(repr(row) for row in held)


def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database._connect() as connection:
        return {
            table.name: connection.execute(text(f"SELECT count(*) FROM {table.name}")).scalar_one()
            for table in Row.metadata.sorted_tables
        }
