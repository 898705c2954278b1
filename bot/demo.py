"""An evening that needs nothing: stand-ins for three platforms, a crowd that chats, the rest is real."""

import asyncio
import re
import secrets
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.codes import draw_codes
from bot.pages import serving, web_config
from bot.settings import Settings
from bot.tally import Tally
from connectors.facebook.settings import FacebookSettings
from connectors.twitch.settings import TwitchSettings
from connectors.youtube.settings import YouTubeSettings
from domain.money import Money
from domain.show import DeliveryState, Discount, Mechanic, OfferKind, Product
from standins.crowd import Crowd
from standins.facebook.server import FacebookStandin
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from standins.youtube.server import YouTubeStandin
from store.database import Database, open_database

BROADCASTER = "100"
CHANNELS = (f"twitch:{BROADCASTER}", "youtube:video1", "facebook:1789")
AMONG = 5
"""Of so many viewers one watches on YouTube, one on Facebook, the others on Twitch."""
SETTLE_S = 15.0
NOT_OUT = (DeliveryState.OWED, DeliveryState.REFUSED)
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
    """What an evening did, in all and by channel. Violations, doubles and leaks must be 0."""

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
    youtube_units: int
    deliveries: dict[str, int]
    channels: dict[str, dict[str, int | float]]

    @property
    def is_clean(self) -> bool:
        """True when no limit was exceeded, nothing granted twice and no code leaked."""
        return self.limit_violations == self.double_grants == self.leaks == 0

    def as_dict(self) -> dict[str, object]:
        """The summary by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told what happens: each line of the chats, ours too, and where the pages are."""

    line: Callable[[str, str], None]
    pages: Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class _Chats:
    """The three chats of the show."""

    twitch: TwitchStandin
    youtube: YouTubeStandin
    facebook: FacebookStandin

    @property
    def by_channel(self) -> dict[str, TwitchStandin | YouTubeStandin | FacebookStandin]:
        """Who plays which channel."""
        return dict(zip(CHANNELS, (self.twitch, self.youtube, self.facebook), strict=True))

    async def write(self, who: Chatter, text: str) -> None:
        """Someone writes where they watch; orders are given on Twitch."""
        place = int(who.id) % AMONG if not who.badges else 0
        if place == 1:
            await self.youtube.chat(who, text)
        elif place == 2:
            await self.facebook.chat(who, text)
        else:
            await self.twitch.chat(BROADCASTER, who, text)

    def people(self, people: Sequence[Chatter], root: str) -> None:
        """Let `people` sign in on the claim page at `root`, each where they watch."""
        for sign_in, name, place in (
            (self.twitch.id.sign_in, "twitch", 0),
            (self.youtube.sign_in, "youtube", 1),
        ):
            sign_in.people = {one.id: one for one in people if (int(one.id) % AMONG == 1) == (place == 1)}
            sign_in.redirect_uris = {f"{root}/sign-in/{name}/back"}


async def play(seconds: float, crowd: int, audience: Audience) -> Summary:
    """Play an evening of `seconds` with `crowd` viewers."""
    with tempfile.TemporaryDirectory(prefix="bateleur-demo-", ignore_cleanup_errors=True) as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'demo.db'}", secret_key=secrets.token_urlsafe())
        try:
            database.upgrade()
            async with (
                TwitchStandin(channels={BROADCASTER: "la_boutique"}) as twitch,
                YouTubeStandin() as youtube,
                FacebookStandin() as facebook,
            ):
                chats = _Chats(twitch, youtube, facebook)
                return await _play(database, chats, seconds, crowd, audience)
        finally:
            database.close()


async def _play(database: Database, chats: _Chats, seconds: float, crowd: int, audience: Audience) -> Summary:
    live, offer, codes = _prepare(database, crowd, seconds)
    tally = Tally()
    people = Crowd(crowd, seed=7, products=[product.name for product in PRODUCTS])
    settings = _settings(chats)
    config = web_config(settings)
    assert config is not None, "the demo gives its pages an address"
    chats.people(people.some(10), config.public_url)
    evening = open_evening(settings, database, tally)
    async with serving(settings, config, database, evening.work.catalogue, evening.look_now):
        audience.pages(f"{config.public_url}/c/{live}", f"{config.public_url}/overlay/{live}")
        await evening.start()
        heard = asyncio.create_task(_listen(chats, audience.line))
        try:
            await _chat(chats, people, seconds, audience.line)
            await _settle(lambda: evening.is_idle() and not _owed_privately(database, live))
        finally:
            heard.cancel()
            await evening.stop()
    return _summary(database, chats, tally, live, offer, codes)


def _settings(chats: _Chats) -> Settings:
    twitch, youtube, facebook = chats.twitch, chats.youtube, chats.facebook
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return Settings(
        _env_file=None,
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        secret_key=SecretStr(secrets.token_urlsafe()),
        shop_link="https://shop.example/?coupon={code}",
        twitch=TwitchSettings(
            client_id="client",
            client_secret=SecretStr(twitch.id.sign_in.client_secret),
            api_url=twitch.api_url,
            id_url=twitch.id_url,
            eventsub_url=twitch.eventsub_url,
            bot_token=SecretStr(twitch.bot_token),
        ),
        youtube=YouTubeSettings(
            client_id="client",
            client_secret=SecretStr(youtube.sign_in.client_secret),
            refresh_token=SecretStr(youtube.refresh_token),
            api_url=youtube.api_url,
            token_url=youtube.token_url,
            stream_target=youtube.stream_target,
            authorize_url=f"{youtube.api_url}/o/oauth2/v2/auth",
            keys_url=f"{youtube.api_url}/oauth2/v3/certs",
            issuer=youtube.sign_in.issuer,
            least_poll_s=0.5,
        ),
        facebook=FacebookSettings(
            page_id=facebook.page_id,
            page_token=SecretStr(facebook.page_token),
            app_secret=SecretStr(facebook.app_secret),
            graph_url=facebook.graph_url,
            poll_s=0.5,
        ),
    )


def _prepare(database: Database, crowd: int, seconds: float) -> tuple[int, int, list[str]]:
    now = datetime.now(UTC)
    codes = draw_codes(max(50, crowd * 3 // 4))
    ends_at = now + timedelta(seconds=seconds + 3600)
    with database.unit() as unit:
        unit.products.save(list(PRODUCTS), now)
        title = "La grande soirée"
        live = unit.lives.add(title, "fr", "Europe/Paris", CHANNELS, starts_at=now, ends_at=ends_at)
        unit.lives.open(live.id, now)
        unit.segments.put_on_screen(live.id, PRODUCTS[0].sku, now)
        offer = unit.offers.add(
            live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20), quantity=len(codes)
        )
        unit.codes.add(offer.id, codes)
    return live.id, offer.id, codes


async def _chat(chats: _Chats, people: Crowd, seconds: float, line: Callable[[str, str], None]) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    for offset, chatter, text in people.lines(seconds):
        wait = started + offset - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        await chats.write(chatter, text)
        line(chatter.name, text)


async def _listen(chats: _Chats, line: Callable[[str, str], None]) -> None:
    read: Counter[str] = Counter()
    replies = 0
    while True:
        for channel, standin in chats.by_channel.items():
            for said in standin.said[read[channel] :]:
                line(f"Bateleur {channel.partition(':')[0]}", said.text)
            read[channel] = len(standin.said)
        for text in list(chats.facebook.private_replies.values())[replies:][:1]:
            line("Bateleur in private", _hidden(text))
        replies = len(chats.facebook.private_replies)
        await asyncio.sleep(0.1)


def _hidden(text: str) -> str:
    """A private text as others may see it: without its code and its link."""
    without_link = re.sub(r"https?://\S+", "(their own link)", text)
    return re.sub(r"\b[A-Z2-9]{4}[A-Z2-9-]*\b", "••••••••", without_link)


async def _settle(is_idle: Callable[[], bool]) -> None:
    """Let the last answers out, for at most a few seconds."""
    await asyncio.sleep(0.5)
    for _ in range(int(SETTLE_S / 0.1)):
        if is_idle():
            return
        await asyncio.sleep(0.1)


def _owed_privately(database: Database, live: int) -> bool:
    with database.unit(read_only=True) as unit:
        return bool(unit.grants.to_deliver(live, CHANNELS[2], limit=1))


def _summary(
    database: Database, chats: _Chats, tally: Tally, live: int, offer: int, codes: list[str]
) -> Summary:
    with database.unit() as unit:
        holders = unit.grants.list(offer)
        granted, owed = unit.grants.count(live)
        everyone = [grant for one in unit.offers.list(live) for grant in unit.grants.list(one.id)]
        deliveries = unit.grants.deliveries(live)
    per_viewer = Counter((grant.platform, grant.viewer_id) for grant in holders)
    per_code = Counter(grant.code for grant in everyone)
    return Summary(
        **_counts(tally),
        grants=granted,
        grants_undelivered=owed,
        limit_violations=sum(sum(standin.violations.values()) for standin in chats.by_channel.values()),
        double_grants=sum(n - 1 for n in (*per_viewer.values(), *per_code.values())),
        leaks=sum(standin.leaks(codes) for standin in chats.by_channel.values()),
        youtube_units=chats.youtube.quota.spent,
        deliveries={str(way): count for way, count in deliveries.items()},
        channels={
            channel: {
                **_counts(tally.of(channel)),
                "grants": sum(grant.channel == channel for grant in everyone),
                "grants_undelivered": sum(
                    grant.channel == channel and grant.delivery in NOT_OUT for grant in everyone
                ),
                "limit_violations": sum(standin.violations.values()),
                "leaks": standin.leaks(codes),
            }
            for channel, standin in chats.by_channel.items()
        },
    )


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "messages": tally.messages,
        "commands": tally.commands,
        "said": tally.said,
        "asked": tally.asked,
        "seconds_to_answer_p50": round(tally.wait_percentile(50), 3),
        "seconds_to_answer_p99": round(tally.wait_percentile(99), 3),
    }
