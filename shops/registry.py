"""Which kinds of shop there are: a folder each, imported when it is first asked for."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from domain.errors import ActionRequired
from domain.ports import Shop
from shops.settings import ShopSettings

KINDS = ("woocommerce", "shopify", "prestashop", "vendure", "feed")
Pseudonym = Callable[[str], str]


def open_shop(settings: ShopSettings, pseudonym: Pseudonym) -> Shop | None:
    """The shop that `settings` describe, None when there is none. Opens no connection.

    `pseudonym` turns what tells a customer (an id, an address) into what tells nobody else.
    """
    if not settings.kind:
        return None
    if settings.kind != "feed" and not settings.url.startswith(("https://", "http://")):
        raise ActionRequired("The shop has no address: set BATELEUR_SHOP__URL, such as https://shop.example")
    return cast(Shop, import_module(f"shops.{settings.kind}.shop").open_shop(settings, pseudonym))
