"""From a chat message to a redemption, by `bateleur run` and a real Vendure; and the end of every code."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.redemption import Verdict
from domain.shop import OrderState
from domain.show import CodeState, Discount, Grant, Mechanic, OfferKind
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from store.database import Database, open_database
from store.redemptions import RedemptionLine
from tests.bot.program import Program, until
from tests.vendure.people import Bought, Coupon, Shopper, Staff
from tests.vendure.server import Vendure

LEASE_S = 6.0
KEY = "a long enough secret"


@dataclass
class Evening:
    """The program in a process of its own, between a stand-in Twitch and the shop."""

    program: Program
    twitch: TwitchStandin
    database: Database
    live: int
    offer: int

    async def code_of(self, name: str) -> str:
        """Ask for a code in the chat; the code granted."""
        await self.twitch.chat("100", Chatter(f"id-{name}", name, name.title()), "!code")
        await until(lambda: any(grant.viewer_name.lower() == name for grant in self._grants()))
        (code,) = (grant.code for grant in self._grants() if grant.viewer_name.lower() == name)
        return code

    def states(self) -> set[CodeState]:
        with self.database.unit(read_only=True) as unit:
            return {state for _, state in unit.codes.list(self.offer)}

    def redemptions(self) -> list[RedemptionLine]:
        with self.database.unit(read_only=True) as unit:
            return unit.redemptions.list(self.live)

    def close_live(self) -> None:
        with self.database.unit() as unit:
            unit.lives.close(self.live, datetime.now(UTC))

    def _grants(self) -> Sequence[Grant]:
        with self.database.unit(read_only=True) as unit:
            return unit.grants.list(self.offer)


@asynccontextmanager
async def an_evening(
    vendure: Vendure, folder: Path, codes: list[str], *, has_webhooks: bool
) -> AsyncIterator[Evening]:
    database = open_database(f"sqlite:///{folder}/run.db", secret_key=KEY)
    database.upgrade()
    live, offer = _prepare(database, codes)
    async with TwitchStandin() as twitch:
        settings = {
            "DATABASE_URL": f"sqlite:///{folder}/run.db",
            "SECRET_KEY": KEY,
            "GRACE_MINUTES": "0",
            "TWITCH__API_URL": twitch.api_url,
            "TWITCH__ID_URL": twitch.id_url,
            "TWITCH__EVENTSUB_URL": twitch.eventsub_url,
            "TWITCH__BOT_TOKEN": twitch.bot_token,
            "SHOP__KIND": "vendure",
            "SHOP__URL": vendure.url,
            "SHOP__KEY": vendure.username,
            "SHOP__SECRET": vendure.password,
            "SHOP__WEBHOOK_SECRET": vendure.webhook_secret,
            "SHOP__LEASE_S": str(LEASE_S),
        }
        if has_webhooks:
            settings |= {
                "PUBLIC_URL": f"http://127.0.0.1:{vendure.webhook_port}",
                "PORT": str(vendure.webhook_port),
            }
        program = Program(folder, settings)
        await program.start()
        try:
            await until(lambda: twitch.eventsub.sessions_reading("100"))
            evening = Evening(program, twitch, database, live, offer)
            await until(lambda: CodeState.DRAWN not in evening.states())
            yield evening
        finally:
            await program.end(signal.SIGKILL)
            database.close()
        log = program.log()
        assert "Traceback" not in log
        assert not any(code in log for code in codes)
        assert (
            vendure.password not in log.replace(vendure.username, "") or vendure.password == vendure.username
        )
        assert 0 == twitch.leaks(codes)


def _prepare(database: Database, codes: list[str]) -> tuple[int, int]:
    now = datetime.now(UTC)
    with database.unit() as unit:
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=now)
        unit.lives.open(live.id, now)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, codes, CodeState.DRAWN)
    return live.id, offer.id


async def buy(vendure: Vendure, code: str) -> Bought:
    """Buy the headset with a code, as somebody who came to the shop just now."""

    def bought() -> Bought:
        with Shopper(vendure) as shopper:
            shopper.put("QC-ULTRA")
            assert Coupon(79_98) == shopper.apply_coupon(code)
            return shopper.check_out()

    return await asyncio.to_thread(bought)


async def refusal(vendure: Vendure, code: str) -> str | None:
    """What the shop's cart says to a code, None when it takes it."""

    def tried() -> str | None:
        with Shopper(vendure) as shopper:
            shopper.put("QC-ULTRA")
            return shopper.apply_coupon(code).refusal

    return await asyncio.to_thread(tried)


async def test_a_message_leads_to_a_code_a_code_to_an_order_and_an_order_to_a_row_by_webhook(
    vendure: Vendure, staff: Staff, tmp_path: Path, new_code: Callable[[], str]
) -> None:
    async with an_evening(vendure, tmp_path, [new_code() for _ in range(3)], has_webhooks=True) as evening:
        code = await evening.code_of("ann")
        bought = await buy(vendure, code)
        await until(evening.redemptions)

        (line,) = evening.redemptions()
        assert (Verdict.VALID, OrderState.PLACED) == (line.verdict, line.redemption.state)
        assert (79_98, bought.total) == (line.redemption.discount.amount, line.redemption.total.amount)
        assert line.grant is not None
        assert ("ann", code) == (line.grant.viewer_name.lower(), line.redemption.code)

        await asyncio.to_thread(staff.cancel, bought.code)
        await until(lambda: evening.redemptions()[0].redemption.state is OrderState.CANCELLED)

        evening.close_live()
        await until(lambda: evening.states() == {CodeState.DEAD})
        assert await refusal(vendure, code) == "COUPON_CODE_INVALID_ERROR"


async def test_a_shop_that_sends_no_webhooks_is_read_instead(
    vendure: Vendure, tmp_path: Path, new_code: Callable[[], str]
) -> None:
    async with an_evening(vendure, tmp_path, [new_code()], has_webhooks=False) as evening:
        code = await evening.code_of("bob")
        bought = await buy(vendure, code.lower())
        await until(evening.redemptions)

        (line,) = evening.redemptions()
        assert (code, bought.total, Verdict.VALID) == (
            line.redemption.code, line.redemption.total.amount, line.verdict,
        )  # fmt: skip


async def test_with_the_bot_killed_its_codes_die_by_themselves(
    vendure: Vendure, tmp_path: Path, new_code: Callable[[], str]
) -> None:
    async with an_evening(vendure, tmp_path, [new_code()], has_webhooks=False) as evening:
        code = await evening.code_of("cleo")
        await asyncio.sleep(LEASE_S * 1.3)
        assert await refusal(vendure, code) is None, "while the live is open the code lives on"

        await evening.program.end(signal.SIGKILL)
        await asyncio.sleep(LEASE_S + 0.5)

        assert await refusal(vendure, code) == "COUPON_CODE_EXPIRED_ERROR"
