"""A live on a real SQLite file, and people who type in its chat."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from commands.engine import Engine
from commands.scene import Scene
from commands.search import ProductIndex
from commands.texts import Catalogue, load_texts
from domain.answers import Answer
from domain.chat import LastSeen, Message, Role, Viewer
from domain.money import Money
from domain.show import DeliveryWay, Discount, Live, Mechanic, Offer, OfferKind, Product
from store.database import Database, open_database
from store.unit import UnitOfWork

CHANNEL = "twitch:100"
START = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

PRODUCTS = (
    Product("XSX", "Xbox Series X", Money(49999, "EUR"), ("la grosse xbox",), Money(54999, "EUR"), 12, "https://s.example/x"),
    Product("XSS", "Xbox Series S", Money(29999, "EUR"), (), None, None, ""),
    Product("PS5", "PlayStation 5", Money(44999, "EUR"), ("ps5",), Money(44999, "EUR"), 0, "https://s.example/p"),
    Product("SW", "Nintendo Switch", Money(26999, "EUR"), ("switch",), Money(26999, "EUR"), 5),
)  # fmt: skip


@dataclass
class Stage:
    """A live, its chat and a clock that only moves when told to."""

    database: Database
    catalogue: Catalogue
    engine: Engine = field(default_factory=Engine)
    now: datetime = START
    ways: dict[str, DeliveryWay] = field(default_factory=dict)
    live_id: int = 0
    viewers: dict[str, LastSeen] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=count)

    def message(
        self, author: str, text: str, role: Role = Role.VIEWER, *, is_backfill: bool = False
    ) -> Message:
        viewer = Viewer("twitch", f"id-{author}", author, author, role)
        id = f"m{next(self._ids)}"
        self.viewers[author.casefold()] = LastSeen(viewer, CHANNEL, id)
        return Message(id, CHANNEL, viewer, text, self.now, is_backfill)

    def scene(self, unit: UnitOfWork) -> Scene:
        live = unit.lives.get(self.live_id) if self.live_id else None
        return Scene(
            live,
            ProductIndex(unit.products.list()),
            unit.segments.on_screen(live.id) if live else None,
            tuple(unit.offers.list(live.id)) if live else (),
            self.now,
            self.catalogue,
            self.viewers,
            self.ways,
        )

    def hear(self, *messages: Message) -> list[Answer]:
        with self.database.unit() as unit:
            return self.engine.answer(messages, self.scene(unit), unit)

    def ask(self, text: str, author: str = "ann", role: Role = Role.VIEWER) -> list[Answer]:
        return self.hear(self.message(author, text, role))

    def order(self, text: str) -> Answer:
        """What a moderator is answered."""
        (answer,) = self.ask(text, "mod", Role.MODERATOR)
        return answer

    def later(self, **times: float) -> None:
        self.now += timedelta(**times)

    @property
    def live(self) -> Live:
        with self.database.unit() as unit:
            live = unit.lives.get(self.live_id)
        assert live is not None
        return live

    def offers(self) -> list[Offer]:
        with self.database.unit() as unit:
            return unit.offers.list(self.live_id)

    def left(self, offer: Offer) -> int | None:
        with self.database.unit() as unit:
            return unit.offers.left(offer.id)

    def add_offer(
        self,
        kind: OfferKind = OfferKind.UNIQUE,
        mechanic: Mechanic = Mechanic.OPEN,
        *,
        percent: int = 20,
        codes: int = 0,
        skus: tuple[str, ...] = (),
        quantity: int | None = None,
        starts_at: datetime | None = None,
    ) -> Offer:
        with self.database.unit() as unit:
            shared_code = "LIVE20" if kind is OfferKind.SHARED else None
            offer = unit.offers.add(
                self.live_id, kind, mechanic, Discount(percent=percent), quantity=quantity, skus=skus,
                starts_at=starts_at, shared_code=shared_code,
            )  # fmt: skip
            if codes:
                unit.codes.add(offer.id, [f"SECRET{offer.id}N{number}" for number in range(codes)])
        return offer

    def put_on_screen(self, sku: str) -> None:
        with self.database.unit() as unit:
            unit.segments.put_on_screen(self.live_id, sku, self.now)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_texts()


@pytest.fixture
def stage(tmp_path: Path, catalogue: Catalogue) -> Iterator[Stage]:
    """A planned live with products, not open yet."""
    database = open_database(f"sqlite:///{tmp_path}/t.db")
    database.upgrade()
    made = Stage(database, catalogue)
    with database.unit() as unit:
        unit.products.save(PRODUCTS, START)
        made.live_id = unit.lives.add("La grande soirée", "fr", "Europe/Paris", (CHANNEL,)).id
    yield made
    database.close()


@pytest.fixture
def open_stage(stage: Stage) -> Stage:
    """The live, open."""
    with stage.database.unit() as unit:
        unit.lives.open(stage.live_id, stage.now)
    return stage
