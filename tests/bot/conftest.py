"""An evening in process: a stand-in Twitch on real sockets, a real database, the whole bot."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.codes import draw_codes
from bot.evening import Evening
from bot.settings import Settings
from bot.tally import Tally
from connectors.twitch.settings import TwitchSettings
from domain.money import Money
from domain.show import Discount, Grant, Mechanic, OfferKind, Product
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from store.database import Database, open_database
from tests.bot.shell import Shell

PATIENCE_S = 20.0


@dataclass
class Show:
    """One open live on one Twitch channel, and its chat."""

    twitch: TwitchStandin
    database: Database
    settings: Settings
    live_id: int
    offer_id: int
    codes: list[str]
    channel_id: str = "100"
    tally: Tally = field(default_factory=Tally)
    evening: Evening | None = None

    async def run(self) -> Evening:
        """Attach the bot, as `bateleur run` does."""
        self.evening = open_evening(self.settings, self.database, self.tally)
        await self.evening.start()
        return self.evening

    async def stop(self) -> None:
        if self.evening is not None:
            await self.evening.stop()
            self.evening = None

    async def ask(self, text: str, *names: str, id: str | None = None) -> None:
        """Each of `names` writes `text`."""
        for name in names:
            await self.twitch.chat(self.channel_id, viewer(name), text, message_id=id)

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait for `is_so`, with more patience than a loaded machine needs."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0.02)

    async def until_quiet(self) -> None:
        """Wait until nothing is left to be read, worked on or said."""
        assert self.evening is not None
        await self.until(self.evening.is_idle)

    def shown(self) -> list[str]:
        """What the chat saw us say."""
        return [said.text for said in self.twitch.said if said.is_sent]

    def grants(self) -> list[Grant]:
        with self.database.unit(read_only=True) as unit:
            return unit.grants.list(self.offer_id)

    def holders(self) -> list[str]:
        """The names of those who hold a code, sorted; each holds one of their own."""
        grants = self.grants()
        assert len(grants) == len({grant.code for grant in grants})
        assert len(grants) == len({grant.viewer_id for grant in grants})
        return sorted(grant.viewer_name.lower() for grant in grants)


def viewer(name: str) -> Chatter:
    return Chatter(f"id-{name}", name, name.title())


def moderator(name: str) -> Chatter:
    return Chatter(f"id-{name}", name, name.title(), ("moderator",))


@pytest.fixture
def database(tmp_path: Path) -> "AsyncIterator[Database]":
    opened = open_database(f"sqlite:///{tmp_path}/evening.db", secret_key="a long enough secret")
    opened.upgrade()
    yield opened
    opened.close()


def prepare(database: Database, channel: str, codes: list[str]) -> tuple[int, int]:
    """An open live with a product on screen and a unique offer; its id and the offer's."""
    now = datetime.now(UTC)
    with database.unit() as unit:
        unit.products.save([Product("XSX", "Xbox Series X", Money(49999, "EUR"), ("xbox",))], now)
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", (channel,), starts_at=now)
        unit.lives.open(live.id, now)
        unit.segments.put_on_screen(live.id, "XSX", now)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, codes)
    return live.id, offer.id


@pytest.fixture
def on_stage(database: Database) -> Callable[..., object]:
    """`async with on_stage() as show`: the bot attached; with `is_attached=False`, not yet."""

    @asynccontextmanager
    async def opened(
        *, is_attached: bool = True, count: int = 500, **twitch_settings: object
    ) -> AsyncIterator[Show]:
        async with TwitchStandin() as twitch:
            twitch.eventsub.least_keepalive_s = 1
            codes = draw_codes(count)
            live_id, offer_id = prepare(database, "twitch:100", codes)
            own = {
                "client_id": "client",
                "api_url": twitch.api_url,
                "id_url": twitch.id_url,
                "eventsub_url": twitch.eventsub_url,
                "bot_token": SecretStr(twitch.bot_token),
                **twitch_settings,
            }
            settings = Settings(_env_file=None, twitch=TwitchSettings(**own))
            show = Show(twitch, database, settings, live_id, offer_id, codes)
            try:
                if is_attached:
                    await show.run()
                yield show
            finally:
                await show.stop()
            assert 0 == sum(twitch.violations.values()), twitch.violations
            assert 0 == twitch.leaks(codes)

    return opened


@pytest.fixture
def bateleur(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    shell = Shell(tmp_path)
    monkeypatch.setenv("BATELEUR_DATABASE_URL", shell.url)
    return shell


@pytest.fixture
def opened(bateleur: Shell) -> Shell:
    """With live 1 open on twitch:100 and its unique offer 1 of 3 codes."""
    bateleur("live", "open", "Soirée Xbox", "--channel", "twitch:100", "--until", "23:59")
    bateleur("offer", "add", "1", "--kind", "unique", "--percent", "20", "--count", "3")
    return bateleur
