"""A WooCommerce shop behind the `Shop` port."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import structlog

from domain.errors import ActionRequired
from domain.sentences import sentence
from domain.shop import CodeMade, Notice, Order, OrderPage, ShopCode, ShopOffer, ShopTraits, Traffic
from domain.show import Product
from shops.clocks import clock_sentence
from shops.settings import ShopSettings
from shops.woocommerce import webhook, wire
from shops.woocommerce.api import LONGEST_PAGE, Api
from shops.woocommerce.coupons import Coupons
from shops.woocommerce.orders import Orders

TRAITS = ShopTraits(
    codes_per_s=25.0,  # a hundred coupons in 4 s: cautious for a shared host, where PHP writes one by one
    has_start=False,
    has_orders=True,
    sentence=(
        "WooCommerce knows no start: a code works from the moment it is made until its end, which is kept "
        "a little ahead while the live is open, a hundred codes a call."
    ),
)
log = structlog.get_logger()
PRODUCT_FIELDS = "id,sku,name,price,permalink,images,image,manage_stock,stock_quantity,stock_status"


def open_shop(settings: ShopSettings, pseudonym: Callable[[str], str]) -> "WooCommerce":
    """The shop that `settings` describe; opens no connection. Raises `ActionRequired` without keys."""
    return WooCommerce(settings, pseudonym)


class WooCommerce:
    """One shop, through REST v3. May be called from several threads."""

    kind = "woocommerce"
    traits = TRAITS

    def __init__(self, settings: ShopSettings, pseudonym: Callable[[str], str]) -> None:
        self._api = Api(settings)
        self._coupons = Coupons(self._api)
        self._orders = Orders(self._api, pseudonym)
        self._webhooks = webhook.Webhooks(self._api, settings.webhook_secrets)
        self._secrets = settings.webhook_secrets
        self._pseudonym = pseudonym

    @property
    def traffic(self) -> Traffic:
        """See `Counted.traffic`."""
        return self._api.http.traffic

    def check(self) -> str:
        """See `Shop.check`. An empty batch shows whether the key may write."""
        currency = self._api.currency()
        self._api.read("/orders", per_page=1, _fields="id")
        self._api.taken(self._api.write("POST", "/coupons/batch", {}, is_safe=True))
        known = f"WooCommerce at {self._api.http.where} sells in {currency}, and our key may write."
        return f"{known} {clock_sentence(self._api.http.ahead)}".rstrip()

    def find_products(self, text: str) -> list[Product]:
        """See `Shop.find_products`; at most a hundred."""
        words = text.strip()
        exact = self.products([words]) if words and " " not in words else []
        found = self._read_products(search=words) if words else self._read_products()
        return list({product.sku: product for product in [*exact, *found]}.values())

    def products(self, skus: Sequence[str]) -> list[Product]:
        """See `Shop.products`."""
        found: list[Product] = []
        for some in _some(skus):
            found += self._read_products(sku=",".join(some))
        return [product for product in found if product.sku in skus]

    def create_offer(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """See `Shop.create_offer`."""
        amount = offer.discount.amount
        if amount is not None and amount.currency != self._api.currency():
            raise ActionRequired(
                sentence(
                    "The offer is in {currency}, the shop in {other}.",
                    currency=amount.currency,
                    other=self._api.currency(),
                )
            )
        yield from self._coupons.create(offer, codes, self._product_ids(offer.skus))

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """See `Shop.extend`."""
        return self._coupons.extend(codes, until)

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """See `Shop.end`."""
        return self._coupons.end(codes)

    def orders_since(self, moment: datetime) -> Iterator[OrderPage]:
        """See `Shop.orders_since`."""
        return self._orders.since(moment)

    def order(self, id: str) -> Order | None:
        """See `Shop.order`."""
        return self._orders.one(id)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """See `Shop.read_webhook`. There is no time in it: an old one repeated has the key it had."""
        return webhook.read(headers, body, self._secrets, self._pseudonym)

    def keep_webhook(self, url: str) -> None:
        """See that the shop tells `url` of its orders; to be repeated now and then, for WooCommerce disables
        a webhook for good that has failed seven times. What was lost meanwhile is found by the poll."""
        self._webhooks.keep(url)

    def _read_products(self, **query: str) -> list[Product]:
        currency = self._api.currency()
        found = []
        for row in self._rows(**query):
            try:
                product = wire.product(row, currency)
            except (wire.Unreadable, ValueError, TypeError):
                log.warning("product_unreadable", sku=str(row.get("sku")))
                continue
            if product is not None:
                found.append(product)
        return found

    def _rows(self, **query: str) -> list[dict[str, object]]:
        body = self._api.read(
            "/products", **query, status="publish", per_page=LONGEST_PAGE, _fields=PRODUCT_FIELDS
        )
        return self._api.rows(body)

    def _product_ids(self, skus: Sequence[str]) -> list[int]:
        """Without them a coupon would be good for everything."""
        ids = {
            str(row["sku"]): int(str(row["id"]))
            for some in _some(skus)
            for row in self._rows(sku=",".join(some))
        }
        missing = [sku for sku in skus if sku not in ids]
        if missing:
            raise ActionRequired(
                sentence(
                    "The shop does not sell {missing}: give the offer other products.",
                    missing=", ".join(missing),
                )
            )
        return [ids[sku] for sku in skus]


def _some(skus: Sequence[str]) -> Iterator[Sequence[str]]:
    """Fifty at a time, so that addresses stay short."""
    wanted = [sku for sku in skus if sku and "," not in sku]
    return (wanted[start : start + 50] for start in range(0, len(wanted), 50))
