"""An evening that needs nothing: a stand-in Twitch, a crowd that chats, the rest is real."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.codes import draw_codes
from bot.settings import Settings
from bot.tally import Tally
from connectors.twitch.settings import TwitchSettings
from domain.money import Money
from domain.show import Discount, Mechanic, OfferKind, Product
from standins.crowd import Crowd
from standins.twitch.server import TwitchStandin
from store.database import Database, open_database

BROADCASTER = "100"
CHANNEL = f"twitch:{BROADCASTER}"
SETTLE_S = 8.0
PRODUCTS = (
    Product("XSX-1TB", "Xbox Series X", Money(49999, "EUR"), ("xbox", "series x"), Money(47999, "EUR"), 120,
            "https://shop.example/xbox-series-x"),
    Product("PS5-SLIM", "PlayStation 5 Slim", Money(44999, "EUR"), ("ps5", "play 5"), Money(44999, "EUR"), 80,
            "https://shop.example/ps5-slim"),
    Product("SW-OLED", "Nintendo Switch OLED", Money(31999, "EUR"), ("switch",), None, 0,
            "https://shop.example/switch-oled"),
    Product("QC-ULTRA", "Casque Bose QuietComfort Ultra", Money(39990, "EUR"), ("bose", "casque"),
            Money(34990, "EUR"), 35, "https://shop.example/bose-qc-ultra"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """What an evening did. The last three must be 0."""

    messages: int
    commands: int
    grants: int
    grants_undelivered: int
    said: int
    asked: int
    seconds_to_answer_p50: float
    seconds_to_answer_p99: float
    limit_violations: int
    double_grants: int
    leaks: int

    @property
    def is_clean(self) -> bool:
        """True when no limit was exceeded, nothing granted twice and no code leaked."""
        return self.limit_violations == self.double_grants == self.leaks == 0

    def as_dict(self) -> dict[str, int | float]:
        """The summary by name."""
        return asdict(self)


async def play(seconds: float, crowd: int, watch: Callable[[str, str], None]) -> Summary:
    """Play an evening of `seconds`; `watch(who, text)` is called for each line of the chat, ours too."""
    with tempfile.TemporaryDirectory(prefix="bateleur-demo-", ignore_cleanup_errors=True) as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'demo.db'}")
        try:
            database.upgrade()
            async with TwitchStandin(channels={BROADCASTER: "la_boutique"}) as twitch:
                return await _play(database, twitch, seconds, crowd, watch)
        finally:
            database.close()


async def _play(
    database: Database, twitch: TwitchStandin, seconds: float, crowd: int, watch: Callable[[str, str], None]
) -> Summary:
    live, offer, codes = _prepare(database, crowd)
    tally = Tally()
    evening = open_evening(_settings(twitch), database, tally)
    await evening.start()
    heard = asyncio.create_task(_listen(twitch, watch))
    try:
        people = Crowd(crowd, seed=7, products=[product.name for product in PRODUCTS])
        await _chat(twitch, people, seconds, watch)
        await _settle(evening.is_idle)
    finally:
        heard.cancel()
        await evening.stop()
    return _summary(database, twitch, tally, live, offer, codes)


def _settings(twitch: TwitchStandin) -> Settings:
    return Settings(
        _env_file=None,
        twitch=TwitchSettings(
            client_id="client",
            api_url=twitch.api_url,
            id_url=twitch.id_url,
            eventsub_url=twitch.eventsub_url,
            bot_token=SecretStr(twitch.bot_token),
        ),
    )


def _prepare(database: Database, crowd: int) -> tuple[int, int, list[str]]:
    now = datetime.now(UTC)
    codes = draw_codes(max(50, crowd * 3 // 4))
    with database.unit() as unit:
        unit.products.save(list(PRODUCTS), now)
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", (CHANNEL,), starts_at=now)
        unit.lives.open(live.id, now)
        unit.segments.put_on_screen(live.id, PRODUCTS[0].sku, now)
        offer = unit.offers.add(
            live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20), quantity=len(codes)
        )
        unit.codes.add(offer.id, codes)
    return live.id, offer.id, codes


async def _chat(
    twitch: TwitchStandin, people: Crowd, seconds: float, watch: Callable[[str, str], None]
) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    for offset, chatter, text in people.lines(seconds):
        wait = started + offset - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        await twitch.chat(BROADCASTER, chatter, text)
        watch(chatter.name, text)


async def _listen(twitch: TwitchStandin, watch: Callable[[str, str], None]) -> None:
    read = 0
    while True:
        for said in twitch.said[read:]:
            watch("Bateleur", said.text)
        read = len(twitch.said)
        await asyncio.sleep(0.1)


async def _settle(is_idle: Callable[[], bool]) -> None:
    """Let the last answers out, for at most a few seconds."""
    await asyncio.sleep(0.5)
    for _ in range(int(SETTLE_S / 0.1)):
        if is_idle():
            return
        await asyncio.sleep(0.1)


def _summary(
    database: Database, twitch: TwitchStandin, tally: Tally, live: int, offer: int, codes: list[str]
) -> Summary:
    with database.unit() as unit:
        granted, owed = unit.grants.count(live)
        holders = unit.grants.list(offer)
    per_viewer = Counter((grant.platform, grant.viewer_id) for grant in holders)
    per_code = Counter(grant.code for grant in holders)
    return Summary(
        messages=tally.messages,
        commands=tally.commands,
        grants=granted,
        grants_undelivered=owed,
        said=tally.said,
        asked=tally.asked,
        seconds_to_answer_p50=round(tally.wait_percentile(50), 3),
        seconds_to_answer_p99=round(tally.wait_percentile(99), 3),
        limit_violations=sum(twitch.violations.values()),
        double_grants=sum(n - 1 for n in (*per_viewer.values(), *per_code.values())),
        leaks=twitch.leaks(codes),
    )
