"""The web server beside the evening: composed from the settings, served on the same loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import uvicorn

from bot.settings import Settings
from bot.shopkeeper import Shopkeeper
from commands.texts.catalogue import Catalogue
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.webhook import challenge, is_genuine
from domain.errors import ActionRequired
from store.database import Database
from web.app import make_app
from web.config import WebConfig
from web.console.app import shown
from web.console.desk import Console
from web.health import Watching, add_health
from web.shop_hook import ShopHook

LARGEST_FRAME = 1_000_000
"""Bytes of one message of an open page; the console's library sends none that is larger."""


@contextlib.asynccontextmanager
async def serving(
    settings: Settings,
    config: WebConfig | None,
    database: Database,
    catalogue: Catalogue,
    wake: Callable[[str, bytes], None],
    shopkeeper: Shopkeeper | None = None,
    console: Console | None = None,
    watching: Watching | None = None,
) -> AsyncIterator[int]:
    """Serve the pages meanwhile; gives the port. `wake` gets the platform that gives notice, and the notice;
    `shopkeeper` gets the shop's webhooks. Viewers' pages need a `config`, users' a `console`;
    `watching` shows how the program is.

    Raises `ActionRequired` when the port cannot be listened on.
    """
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        why = f"The web server cannot listen on {settings.host}:{settings.port} ({error.strerror}): "
        raise ActionRequired(why + "set BATELEUR_HOST and BATELEUR_PORT.") from None
    shop_hook = ShopHook(shopkeeper.shop.read_webhook, shopkeeper.orders.keep_notices) if shopkeeper else None
    hooks = {"facebook": FacebookHook(settings.facebook, wake)}
    app = make_app(config, database, catalogue, hooks, shop_hook, console)
    if watching is not None:
        add_health(app, watching)
    # The console's library looks for its server when it starts: ours comes after it.
    async with shown(console) if console else contextlib.nullcontext():
        # No access log: an address holds personal links. The proxy in front tells who asks.
        server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws_max_size=LARGEST_FRAME,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            await task


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket. Its protocol is named: asyncio sends at once only on sockets that say they are TCP,
    and an answer in two parts would otherwise wait 40 ms for the other side's acknowledgement."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


class FacebookHook:
    """Hands signed notices to the readers of the Page's comments."""

    def __init__(self, settings: FacebookSettings, wake: Callable[[str, bytes], None]) -> None:
        self._secret = settings.app_secret.get_secret_value() if settings.app_secret else ""
        self._word = settings.verify_token.get_secret_value() if settings.verify_token else ""
        self._wake = wake

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """The platform's own word back, when it knows ours."""
        return challenge(query, self._word)

    def take(self, raw_body: bytes, headers: Mapping[str, str]) -> bool:
        """Hand the notice on, if it is signed."""
        if not is_genuine(raw_body, headers.get("x-hub-signature-256", ""), self._secret):
            return False
        self._wake("facebook", raw_body)
        return True


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the evening's to hear."""
        yield
