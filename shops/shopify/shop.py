"""A Shopify shop behind the `Shop` port."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from domain.errors import ActionRequired
from domain.sentences import sentence
from domain.shop import CodeMade, Notice, Order, OrderPage, ShopCode, ShopOffer, ShopTraits
from domain.show import Product
from shops.clocks import clock_sentence
from shops.settings import ShopSettings
from shops.shopify import queries, webhook
from shops.shopify.admin import SCOPES, Admin
from shops.shopify.discounts import Discounts
from shops.shopify.orders import Orders
from shops.shopify.products import Products

TRAITS = ShopTraits(
    codes_per_s=None,
    has_start=True,
    has_orders=True,
    sentence=(
        "Shopify: all codes of an offer hang on one discount, whose end is moved with one call while the "
        "live is open, and which is switched off at the end."
    ),
)


def open_shop(settings: ShopSettings, pseudonym: Callable[[str], str]) -> "Shopify":
    """The shop that `settings` describe; opens no connection. Raises `ActionRequired` without credentials.

    `pseudonym` is not needed: nothing is asked for that tells a customer.
    """
    return Shopify(settings)


class Shopify:
    """One shop, through the Admin API. May be called from several threads."""

    kind = "shopify"
    traits = TRAITS

    def __init__(self, settings: ShopSettings) -> None:
        self._admin = Admin(settings)
        self._products = Products(self._admin, settings.reference)
        self._discounts = Discounts(self._admin)
        self._orders = Orders(self._admin)
        self._secrets = _secrets(settings)
        self._webhooks = webhook.Webhooks(self._admin, lambda: bool(self._secrets))

    def check(self) -> str:
        """See `Shop.check`. The scopes show what our app may do."""
        shop = self._admin.ask(queries.SHOP)["shop"]
        told = self._admin.ask(queries.SCOPES)["currentAppInstallation"]["accessScopes"]
        held = {str(scope["handle"]) for scope in told}
        held |= {f"read_{scope[6:]}" for scope in held if scope.startswith("write_")}
        lacking = [scope for scope in SCOPES if scope not in held]
        if lacking:
            raise ActionRequired(
                sentence(
                    "Our app in Shopify lacks {lacking}: add them and install it again.",
                    lacking=", ".join(lacking),
                )
            )
        self._admin.ask(queries.ORDERS_READABLE)
        tax = "with" if shop["taxesIncluded"] else "without"
        sells = f"sells in {shop['currencyCode']} {tax} tax"
        known = f"Shopify, {shop['name']}, {sells}, and our app may make codes."
        return f"{known} {clock_sentence(self._admin.ahead)}".rstrip()

    def find_products(self, text: str) -> list[Product]:
        """See `Shop.find_products`; at most fifty."""
        return self._products.find(text)

    def products(self, skus: Sequence[str]) -> list[Product]:
        """See `Shop.products`."""
        return self._products.by_sku(skus)

    def create_offer(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """See `Shop.create_offer`."""
        amount = offer.discount.amount
        if amount is not None:
            currency = self._admin.ask(queries.SHOP)["shop"]["currencyCode"]
            if amount.currency != currency:
                raise ActionRequired(
                    sentence(
                        "The offer is in {currency}, the shop in {other}.",
                        currency=amount.currency,
                        other=currency,
                    )
                )
        yield from self._discounts.create(offer, codes, self._products.ids(offer.skus))

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """See `Shop.extend`."""
        return self._discounts.extend(offer, codes, until)

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """See `Shop.end`."""
        return self._discounts.end(codes)

    def orders_since(self, moment: datetime) -> Iterator[OrderPage]:
        """See `Shop.orders_since`. Orders of more than 60 days ago need another scope."""
        return self._orders.since(moment)

    def order(self, id: str) -> Order | None:
        """See `Shop.order`."""
        return self._orders.one(id)

    def keep_webhook(self, url: str) -> None:
        """See that the shop tells `url` of its orders; to be repeated now and then, for Shopify deletes a
        webhook that fails. What was lost meanwhile is found by the poll."""
        self._webhooks.keep(url)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """See `Shop.read_webhook`. An old one that comes again has the key it had, and an old version."""
        return webhook.read(headers, body, self._secrets)

    def close(self) -> None:
        """Let go of this thread's connections."""
        self._admin.close()


def _secrets(settings: ShopSettings) -> tuple[bytes, ...]:
    """What signs webhooks: the app's client secret, unless another one is given."""
    given = settings.webhook_secrets
    if settings.webhook_secret is None and settings.key is not None and settings.secret is not None:
        return (settings.secret.get_secret_value().encode(), *given)
    return given
