"""An evening in process: a stand-in Twitch on real sockets, a real database, the whole bot."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.evening import Evening
from bot.settings import Settings
from bot.tally import Tally
from connectors.twitch.settings import TwitchSettings
from domain.money import Money
from domain.show import Ask, Discount, Grant, Live, Mechanic, OfferKind, Product
from shops.codes import draw_codes
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from store.database import Database, open_database
from tests.bot.shell import Shell

PATIENCE_S = 20.0


class Log:
    """Everything that was logged or printed since the start of a test, even what is for debugging only."""

    def __init__(self, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        self._printed = ""
        self._capsys = capsys
        self._caplog = caplog

    def text(self) -> str:
        self._printed += "".join(self._capsys.readouterr())
        return self._printed + self._caplog.text


@dataclass
class Show:
    """One open live on one or more Twitch channels, and their chats."""

    twitch: TwitchStandin
    database: Database
    settings: Settings
    live_id: int
    offer_id: int
    codes: list[str]
    log: Log
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

    def shown(self, channel_id: str = "100") -> list[str]:
        """What a chat saw us say."""
        return [said.text for said in self.twitch.said if said.is_sent and said.channel_id == channel_id]

    def live(self) -> Live:
        """The live as the database has it."""
        with self.database.unit(read_only=True) as unit:
            return unit.lives.get(self.live_id)

    def unanswered(self) -> list[Ask]:
        """The questions that wait for an answer, as the database has them."""
        with self.database.unit(read_only=True) as unit:
            return unit.asks.unanswered(self.live_id, datetime.now(UTC) - timedelta(hours=1))

    async def until_followed(self) -> None:
        """Wait until the bot has asked Twitch all that it asks of a channel when it comes: the next call
        of Helix is what a viewer's question leads to."""
        await self.until(lambda: self.twitch.calls["GET streams"])

    def is_read(self, kind: str = "channel.chat.message") -> bool:
        """True when an open socket is subscribed to that kind of event of the channel."""
        sessions = self.twitch.eventsub.sessions.values()
        kinds = {s["type"] for mine in sessions if not mine.socket.closed for s in mine.subscriptions}
        return kind in kinds

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


def prepare(database: Database, channel: str, codes: list[str], *others: str) -> tuple[int, int]:
    """An open live with a product on screen and a unique offer; its id and the offer's."""
    now = datetime.now(UTC)
    with database.unit() as unit:
        unit.products.save([Product("XSX", "Xbox Series X", Money(49999, "EUR"), ("xbox",))], now)
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", (channel, *others), starts_at=now)
        unit.lives.open(live.id, now)
        unit.segments.put_on_screen(live.id, "XSX", now)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, codes)
    return live.id, offer.id


@pytest.fixture
def on_stage(
    database: Database, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Callable[..., object]:
    """`async with on_stage() as show`: the bot attached; with `is_attached=False`, not yet.

    Each show ends with a look at promises 4 and 5: the stand-in saw no limit broken and no code in public,
    and nothing that was logged has a code or a token in it.
    """
    log = Log(capsys, caplog)

    @asynccontextmanager
    async def opened(
        *,
        is_attached: bool = True,
        is_moderator: bool = True,
        others: tuple[str, ...] = (),
        count: int = 500,
        **twitch_settings: object,
    ) -> AsyncIterator[Show]:
        channels = {id: f"shop{id}" for id in ("100", *others)}
        async with TwitchStandin(channels=channels, bot_is_moderator=is_moderator) as twitch:
            twitch.eventsub.least_keepalive_s = 1
            codes = draw_codes(count)
            more = [f"twitch:{id}" for id in others]
            live_id, offer_id = prepare(database, "twitch:100", codes, *more)
            own = {
                "client_id": "client",
                "api_url": twitch.api_url,
                "id_url": twitch.id_url,
                "eventsub_url": twitch.eventsub_url,
                "bot_token": SecretStr(twitch.bot_token),
                **twitch_settings,
            }
            settings = Settings(_env_file=None, twitch=TwitchSettings(**own))
            show = Show(twitch, database, settings, live_id, offer_id, codes, log)
            try:
                if is_attached:
                    await show.run()
                yield show
            finally:
                await show.stop()
            assert 0 == sum(twitch.violations.values()), twitch.violations
            assert 0 == twitch.leaks(codes)
            logged = log.text()
            assert not any(secret in logged for secret in (*codes, *twitch.id.tokens, *twitch.id.refreshes))

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
