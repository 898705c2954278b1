"""An evening of which every figure is known, told minute by minute."""

from datetime import UTC, datetime, timedelta

from domain.chat import Role
from domain.money import Money
from domain.report import LiveReport
from domain.shop import CodeUse, Order, OrderState
from domain.show import Ask, Claim, Discount, Mechanic, OfferKind, Product
from store import Database

START = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
GRACE = timedelta(minutes=5)
TWITCH, YOUTUBE = "twitch:100", "youtube:UC1"


class Evening:
    """A live on two channels, with two products and as many offers as a test adds."""

    def __init__(self, database: Database, title: str = "Evening") -> None:
        self.database = database
        self.count = 0
        with database.unit() as unit:
            products = [
                Product("X1", "Xbox", Money(49999, "EUR")),
                Product("P5", "PlayStation", Money(44999, "EUR")),
            ]
            unit.products.save(products, START)
            live = unit.lives.add(title, "fr", "Europe/Paris", [TWITCH, YOUTUBE], starts_at=START)
            self.live = unit.lives.open(live.id, START).id

    def renames(self, sku: str, name: str) -> None:
        with self.database.unit() as unit:
            unit.products.save([Product(sku, name, Money(44999, "EUR"))], START)

    def shows(self, sku: str, minute: float) -> None:
        with self.database.unit() as unit:
            unit.segments.put_on_screen(self.live, sku, at(minute))

    def offers(
        self, mechanic: Mechanic = Mechanic.OPEN, shared_code: str | None = None, codes: int = 9
    ) -> int:
        kind = OfferKind.SHARED if shared_code else OfferKind.UNIQUE
        with self.database.unit() as unit:
            offer = unit.offers.add(self.live, kind, mechanic, Discount(percent=20), shared_code=shared_code)
            if not shared_code:
                unit.codes.add(offer.id, [f"O{offer.id}-{number}" for number in range(codes)])
            return offer.id

    def asks(
        self, viewer: str, command: str, minute: float, channel: str = TWITCH, role: Role = Role.VIEWER
    ) -> None:
        self.count += 1
        platform = channel.partition(":")[0]
        ask = Ask(
            self.live,
            channel,
            f"{self.live}-{self.count}",
            platform,
            viewer,
            viewer,
            role,
            command,
            "",
            at(minute),
        )
        with self.database.unit() as unit:
            unit.asks.record([ask])

    def gives(self, offer_id: int, viewer: str, minute: float, channel: str = TWITCH) -> str:
        """The code given."""
        claim = Claim(channel.partition(":")[0], viewer, viewer, channel, f"m-{viewer}-{offer_id}")
        with self.database.unit() as unit:
            offer = unit.offers.get(offer_id)
            assert offer is not None
            (outcome,) = unit.grants.grant(offer, [claim], at(minute))
            assert outcome.grant is not None
            return outcome.grant.code

    def order(
        self, id: str, *codes: str, minute: float, total: int = 10_000, refunded: int = 0, **more: object
    ) -> None:
        uses = tuple(CodeUse(code, Money(1_000, "EUR")) for code in codes)
        state = more.get("state", OrderState.PLACED)
        currency = str(more.get("currency", "EUR"))
        order = Order(
            id, uses, Money(total, currency), Money(refunded, currency), OrderState(state), at(minute), 1
        )
        with self.database.unit() as unit:
            unit.redemptions.record("woocommerce", [order], at(minute), GRACE)

    def report(self) -> LiveReport:
        with self.database.unit(read_only=True) as unit:
            return unit.reports.of(self.live)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)
