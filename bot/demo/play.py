"""An evening that needs nothing: stand-ins for three platforms, a crowd that chats, the rest is real."""

import asyncio
import re
import secrets
import socket
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.bootstrap import open_evening
from bot.console import open_console
from bot.demo.chat_page import ChatPage
from bot.demo.chats import BROADCASTER, CHANNELS, YOU, Chats
from bot.demo.shop import Buyers, page_of, picture_of, settings_of, shop_of
from bot.demo.summary import Summary, missing, sum_up
from bot.health import watch
from bot.page_configs import web_config
from bot.pages import serving
from bot.settings import Settings
from bot.shopkeeper import Shopkeeper
from bot.tally import Tally
from connectors.facebook.settings import FacebookSettings
from connectors.twitch.settings import TwitchSettings
from connectors.youtube.settings import YouTubeSettings
from domain.money import Money
from domain.show import CodeState, Discount, Mechanic, OfferKind, Product
from shops.codes import draw_codes
from standins.crowd import Crowd
from standins.facebook.server import FacebookStandin
from standins.twitch.server import TwitchStandin
from standins.woocommerce.server import WooCommerceStandin
from standins.youtube.server import YouTubeStandin
from store.database import Database, open_database

SETTLE_S = 15.0
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
class Audience:
    """Who is told what happens: each line of the chats, ours too, and the pages' addresses by name."""

    line: Callable[[str, str], None]
    pages: Callable[[dict[str, str]], None]


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
                shop_of(PRODUCTS) as shop,
            ):
                chats = Chats(twitch, youtube, facebook, shop)
                return await _play(database, chats, seconds, crowd, audience)
        finally:
            database.close()


async def _play(database: Database, chats: Chats, seconds: float, crowd: int, audience: Audience) -> Summary:
    live, offer, codes = _prepare(database, chats.shop, crowd, seconds)
    tally = Tally()
    people = Crowd(crowd, seed=7, products=[product.name for product in PRODUCTS])
    settings = _settings(chats)
    config = web_config(settings)
    assert config is not None, "the demo gives its pages an address"
    chats.people([YOU, *people.some(10)], config.public_url)
    evening = open_evening(settings, database, tally)
    catalogue, keeper = evening.work.catalogue, evening.shopkeeper
    assert keeper is not None, "the demo has a shop"
    page = ChatPage(chats, database, live, audience.line)
    buyers = Buyers(chats.shop.model, database, live, page.hear, PRODUCTS[0].sku)
    console = open_console(settings, database, evening, opens_by_itself=True)
    served = (settings, config, database, catalogue, evening.look_now, keeper, console)
    async with serving(*served, watch(evening, settings)), page:
        await asyncio.to_thread(lambda: list(keeper.make_codes(offer)))
        claim, overlay = f"{config.public_url}/c/{live}", f"{config.public_url}/overlay/{live}"
        page.links = {"Your codes": claim, "The overlay": overlay, "The shop": chats.shop.url}
        audience.pages(
            {
                "the console": f"{config.public_url}/console/",
                "the chat": page.url,
                "the claim page": claim,
                "the overlay": overlay,
                "the shop": chats.shop.url,
            }
        )
        await evening.start()
        others = [asyncio.create_task(_listen(chats, page.hear)), asyncio.create_task(buyers.run())]
        try:
            await _chat(chats, people, seconds, page.hear)
            await _settle(lambda: evening.is_idle() and not _owed_privately(database, live))
            others.pop().cancel()
            await _settle(lambda: missing(database, live, buyers) == 0)
            await asyncio.to_thread(_close, database, live, keeper)
        finally:
            for task in others:
                task.cancel()
            await evening.stop()
    return sum_up(database, chats, tally, live, offer, codes, buyers)


def _close(database: Database, live: int, keeper: Shopkeeper) -> None:
    """Close the live; what it left in the shop dies."""
    with database.unit() as unit:
        unit.lives.close(live, datetime.now(UTC))
    keeper.end_codes()


def _settings(chats: Chats) -> Settings:
    twitch, youtube, facebook = chats.twitch, chats.youtube, chats.facebook
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return Settings(
        _env_file=None,
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        secret_key=SecretStr(secrets.token_urlsafe()),
        shop_link=f"{chats.shop.url}/?coupon={{code}}",
        shop=settings_of(chats.shop),
        grace_minutes=0,
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


def _prepare(
    database: Database, shop: WooCommerceStandin, crowd: int, seconds: float
) -> tuple[int, int, list[str]]:
    now = datetime.now(UTC)
    codes = draw_codes(max(50, crowd * 3 // 4))
    ends_at = now + timedelta(seconds=seconds + 3600)
    with database.unit() as unit:
        sold = [replace(one, url=page_of(shop, one), picture=picture_of(shop, one)) for one in PRODUCTS]
        unit.products.save(sold, now)
        title = "La grande soirée"
        live = unit.lives.add(title, "fr", "Europe/Paris", CHANNELS, starts_at=now, ends_at=ends_at)
        unit.lives.open(live.id, now)
        unit.segments.put_on_screen(live.id, PRODUCTS[0].sku, now)
        offer = unit.offers.add(
            live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20), quantity=len(codes)
        )
        unit.codes.add(offer.id, codes, CodeState.DRAWN)
    return live.id, offer.id, codes


async def _chat(chats: Chats, people: Crowd, seconds: float, line: Callable[[str, str], None]) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    for offset, chatter, text in people.lines(seconds):
        wait = started + offset - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
        await chats.write(chatter, text)
        line(chatter.name, text)


async def _listen(chats: Chats, line: Callable[[str, str], None]) -> None:
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
