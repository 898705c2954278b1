"""A live whose shop is a platform of the retailer's own: from drawn codes to rows and to the codes' end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.shopkeeper import Shopkeeper
from domain.money import Money
from domain.redemption import Verdict
from domain.shop import OrderState
from domain.show import Claim, CodeState, Discount, Mechanic, OfferKind
from shops.feed.redemption_file import read_redemptions
from standins.retailer.loader import CodeLoader
from standins.retailer.server import RetailerStandin
from standins.shop.model import NotAccepted
from store.database import Database, open_database
from store.redemptions import RedemptionLine
from tests.shops.catching import Hooks
from tests.shops.rigs_feed import SECRET, a_retailer, adapter

CODES = ["AAAA2222", "BBBB3333", "CCCC4444"]
GRACE = timedelta(minutes=5)


@dataclass
class Evening:
    """An open live with an offer of three codes, of which Ann was granted the first."""

    retailer: RetailerStandin
    hooks: Hooks
    loader: CodeLoader | None
    keeper: Shopkeeper
    database: Database
    live: int
    offer: int

    def work(self) -> None:
        """What the program does now and then, and the retailer's loader after it."""
        self.keeper.make_due_codes()
        self.keeper.push_leases()
        self.keeper.end_codes()
        self.keeper.orders.work_notices()
        if self.loader is not None:
            self.loader.load()

    async def hear(self) -> None:
        """Take the webhooks that came since the last time."""
        await self.retailer.redemptions.sender.settle()
        now = datetime.now(UTC)
        caught, self.hooks.caught = self.hooks.caught, []
        notices = [self.keeper.shop.read_webhook(headers, body, now) for headers, body in caught]
        await asyncio.to_thread(self.keeper.orders.keep_notices, notices)
        await asyncio.to_thread(self.work)

    def grant(self) -> str:
        claim = Claim("twitch", "id-ann", "Ann", "twitch:100", "m1")
        with self.database.unit() as unit:
            offer = unit.offers.get(self.offer)
            assert offer is not None
            [outcome] = unit.grants.grant(offer, [claim], datetime.now(UTC))
        assert outcome.grant is not None
        return outcome.grant.code

    def row(self) -> RedemptionLine:
        with self.database.unit(read_only=True) as unit:
            [line] = unit.redemptions.list(self.live)
        return line

    def states(self) -> set[CodeState]:
        with self.database.unit(read_only=True) as unit:
            return {state for _, state in unit.codes.list(self.offer)}


@pytest.fixture(params=["files", "calls"])
async def evening(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Evening]:
    retailer, hooks = a_retailer(), Hooks()
    folder = tmp_path / "out"
    folder.mkdir()
    by_files = request.param == "files"
    database = open_database(f"sqlite:///{tmp_path}/run.db", secret_key="a long enough secret")
    database.upgrade()
    now = datetime.now(UTC)
    with database.unit() as unit:
        live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=now).id
        unit.lives.open(live, now)
        offer = unit.offers.add(live, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20)).id
        unit.codes.add(offer, CODES, CodeState.DRAWN)
    async with hooks, retailer:
        retailer.redemptions.hook_url, retailer.redemptions.secrets = hooks.url, (SECRET,)
        shop = adapter(retailer, **({"codes": str(folder), "url": ""} if by_files else {}))
        loader = CodeLoader(folder, retailer.model) if by_files else None
        keeper = Shopkeeper(database, shop, GRACE, timedelta(minutes=15))
        opened = Evening(retailer, hooks, loader, keeper, database, live, offer)
        await asyncio.to_thread(opened.work)
        yield opened
        assert 0 == retailer.violations.total()
        assert not (loader and loader.violations)
    database.close()


async def test_a_granted_code_becomes_a_row_that_follows_its_order(evening: Evening) -> None:
    code = evening.grant()
    order = evening.retailer.model.check_out([code])
    await evening.hear()
    line = evening.row()
    assert (Verdict.VALID, OrderState.PLACED, 7998) == (
        line.verdict, line.redemption.state, line.redemption.discount.amount,
    )  # fmt: skip
    evening.retailer.model.refund(order.id, 1000)
    await evening.hear()
    assert Money(1000, "EUR") == evening.row().redemption.refunded
    evening.retailer.model.cancel(order.id)
    await evening.hear()
    assert OrderState.CANCELLED == evening.row().redemption.state


async def test_webhook_poll_and_file_of_one_order_are_one_row(evening: Evening, tmp_path: Path) -> None:
    code = evening.grant()
    order = evening.retailer.model.check_out([code])
    await evening.hear()
    await asyncio.to_thread(evening.keeper.orders.poll_orders)
    path = tmp_path / "redemptions.csv"
    path.write_text(
        "redemption_id;code;discount_minor;total_minor;currency;state;ordered_at;version\n"
        f"{order.id};{code};7998;31992;EUR;placed;{order.ordered_at.isoformat()};1\n"
        f"{order.id};{code};7998;31992;EUR;cancelled;{order.ordered_at.isoformat()};{2**50}\n"
    )
    orders, _ = read_redemptions(path)
    for _ in range(2):
        with evening.database.unit() as unit:
            unit.redemptions.record("feed", orders, datetime.now(UTC), GRACE)
    assert OrderState.CANCELLED == evening.row().redemption.state


async def test_when_the_live_is_over_every_code_is_dead_at_the_retailers(evening: Evening) -> None:
    code = evening.grant()
    with evening.database.unit() as unit:
        unit.lives.close(evening.live, datetime.now(UTC) - GRACE - timedelta(seconds=1))
    await asyncio.to_thread(evening.work)
    assert {CodeState.DEAD} == evening.states()
    for one in {code, *CODES}:
        with pytest.raises(NotAccepted, match=r"off|expired"):
            evening.retailer.model.check_out([one])
