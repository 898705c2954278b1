"""Starts a blasting Twitch and points twitchio's own addresses at it."""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import twitchio.eventsub.websockets
from pydantic import SecretStr
from twitchio.http import Route

from bot.settings import Settings
from connectors.twitch.settings import TwitchSettings

BOT_ID = "900"
CHANNEL_ID = "100"


@contextlib.contextmanager
def blasting() -> Iterator[str]:
    """The address of a blaster in a process of its own; twitchio's addresses are its own meanwhile."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.blaster", str(port)])
    url = f"http://127.0.0.1:{port}"
    before = Route.BASE, Route.ID_BASE, twitchio.eventsub.websockets.WSS
    Route.BASE, Route.ID_BASE = f"{url}/helix/", f"{url}/"
    twitchio.eventsub.websockets.WSS = f"ws://127.0.0.1:{port}/ws"
    try:
        _wait_for(url)
        yield url
    finally:
        Route.BASE, Route.ID_BASE, twitchio.eventsub.websockets.WSS = before
        process.terminate()
        process.wait()


def settings_for(url: str) -> Settings:
    """Bateleur's settings for the blaster at `url`."""
    own = TwitchSettings(
        api_url=f"{url}/helix",
        id_url=url,
        eventsub_url=url.replace("http", "ws") + "/ws",
        bot_token=SecretStr("token"),
    )
    return Settings(_env_file=None, twitch=own)


async def blast(url: str, count: int, text: str, *, per_second: float = 0.0) -> float:
    """Have `count` lines sent, and return when the first left, in epoch seconds."""
    wanted = urlencode({"count": count, "text": text, "per_second": per_second})
    answer = await asyncio.to_thread(_post, f"{url}/blast?{wanted}")
    return float(answer["began"])


async def until(is_so: Callable[[], bool], every_s: float = 0.005, patience_s: float = 300.0) -> None:
    """Wait for `is_so`."""
    async with asyncio.timeout(patience_s):
        while not is_so():
            await asyncio.sleep(every_s)


def said(url: str) -> int:
    """How many messages were said to the blaster."""
    with urllib.request.urlopen(f"{url}/said") as answer:
        return int(json.load(answer)["said"])


def _post(url: str) -> dict[str, float]:
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=600) as answer:
                found: dict[str, float] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise


def _wait_for(url: str) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError):
            said(url)
            return
        time.sleep(0.05)
    raise SystemExit("The blaster does not answer.")
