"""A retailer's own platform behind the `Shop` port: catalogue, codes by file or by call, signed webhooks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from domain.errors import ActionRequired, Fault
from domain.shop import CodeMade, Notice, Order, OrderPage, ShopCode, ShopOffer, Traffic
from domain.show import Product
from shops.clocks import clock_sentence
from shops.feed import webhook
from shops.feed.code_endpoint import CodeEndpoint
from shops.feed.code_folder import CodeFolder
from shops.feed.codes import CodeDesk, NoDesk
from shops.feed.orders import Orders
from shops.feed.platform import Platform
from shops.feed.products import Products
from shops.feed.standard_webhooks import read_secret
from shops.settings import ShopSettings

WEB = ("https://", "http://")


def open_shop(settings: ShopSettings, pseudonym: Callable[[str], str]) -> "FeedShop":
    """The shop that `settings` describe; opens no connection. Raises `ActionRequired` for a wrong secret."""
    return FeedShop(settings, pseudonym)


class FeedShop:
    """One retailer. May be called from several threads."""

    kind = "feed"

    def __init__(self, settings: ShopSettings, pseudonym: Callable[[str], str]) -> None:
        self.traffic = Traffic()
        self._products = Products(settings.products, settings.answer_s, self.traffic)
        self._codes = _desk(settings, self.traffic)
        platform = _platform(settings, settings.url, self.traffic) if settings.url else None
        self._orders = Orders(platform, pseudonym) if platform else None
        self._keys = [
            read_secret(secret.decode(), "BATELEUR_SHOP__WEBHOOK_SECRET")
            for secret in settings.webhook_secrets
        ]
        self._pseudonym = pseudonym
        self.traits = self._codes.traits(has_orders=self._orders is not None)

    def check(self) -> str:
        """See `Shop.check`."""
        told = [self._codes.check()]
        if self._products.place:
            told.insert(0, f"The catalogue has {len(self._products.all())} products.")
        if self._orders is None:
            told.append("Redemptions come by webhook or file.")
        elif self._orders.one("bateleur-check") is None:
            told.append(f"Redemptions can be read. {clock_sentence(self._orders.ahead)}".rstrip())
        return " ".join(told)

    def find_products(self, text: str) -> list[Product]:
        """See `Shop.find_products`; at most a hundred."""
        return self._products.find(text)

    def products(self, skus: Sequence[str]) -> list[Product]:
        """See `Shop.products`."""
        return self._products.some(skus)

    def create_offer(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """See `Shop.create_offer`."""
        return self._codes.create(offer, codes)

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """See `Shop.extend`."""
        return self._codes.extend(offer, codes, until)

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """See `Shop.end`."""
        return self._codes.end(offer, codes)

    def orders_since(self, moment: datetime) -> Iterator[OrderPage]:
        """See `Shop.orders_since`; nothing when the platform has no address to read from."""
        return self._orders.since(moment) if self._orders else iter(())

    def order(self, id: str) -> Order | None:
        """See `Shop.order`. Webhooks tell their orders whole: without an address none is looked up."""
        if self._orders is None:
            raise Fault(
                "The shop has no address to read an order from: set BATELEUR_SHOP__URL.", is_retryable=False
            )
        return self._orders.one(id)

    def keep_webhook(self, url: str) -> None:
        """Nothing: the retailer writes our address down."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """See `Shop.read_webhook`."""
        return webhook.read(headers, body, self._keys, self._pseudonym, now)


def _desk(settings: ShopSettings, traffic: Traffic) -> CodeDesk:
    if not settings.codes:
        return NoDesk()
    if settings.codes.startswith(WEB):
        return CodeEndpoint(_platform(settings, settings.codes, traffic))
    return CodeFolder(Path(settings.codes))


def _platform(settings: ShopSettings, root: str, traffic: Traffic) -> Platform:
    """Our calls are signed with `key`, or with the secret of the webhooks when there is none."""
    secret = settings.key or settings.webhook_secret
    if secret is None:
        raise ActionRequired("Calls to the shop's API are signed: set BATELEUR_SHOP__KEY to a whsec_ secret.")
    if not root.startswith(WEB):
        raise ActionRequired("BATELEUR_SHOP__URL is no web address, such as https://shop.example/api.")
    key = read_secret(secret.get_secret_value(), "BATELEUR_SHOP__KEY")
    return Platform(root, key, settings.answer_s, traffic)
