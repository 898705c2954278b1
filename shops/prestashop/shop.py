"""A PrestaShop behind the `Shop` port, through its webservice (1.6 to 9)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from domain.errors import ActionRequired, Refusal
from domain.sentences import sentence
from domain.shop import CodeMade, Notice, Order, OrderPage, ShopCode, ShopOffer, ShopTraits, Traffic
from domain.show import Product
from shops.clocks import clock_sentence
from shops.prestashop import wire
from shops.prestashop.api import AT_ONCE, KEY_ENDS, Api, some_of
from shops.prestashop.cart_rules import CartRules
from shops.prestashop.orders import Orders
from shops.settings import ShopSettings

TRAITS = ShopTraits(
    codes_per_s=10.0,  # not measured on a running shop: fifty in 5 s, half of it pause, on a shared host
    has_start=True,
    has_orders=True,
    sentence=(
        "PrestaShop: each code is a cart rule whose end is moved while the live is open, fifty a call. It "
        "sends no webhooks: orders are looked for, and a redemption shows when they are next read."
    ),
)
READS = (
    "products",
    "stock_availables",
    "cart_rules",
    "orders",
    "order_cart_rules",
    "order_slip",
    "order_states",
    "currencies",
    "languages",
)
FOUND_AT_ONCE = 50
NO_PATCH = (
    " It takes no PATCH (it is older than PrestaShop 8, or the key lacks that right): while a code's end is "
    "moved, an order in that very instant may give a shared code one use back."
)


def open_shop(settings: ShopSettings, pseudonym: Callable[[str], str]) -> "PrestaShop":
    """The shop that `settings` describe; opens no connection. Raises `ActionRequired` without a key."""
    return PrestaShop(settings, pseudonym)


class PrestaShop:
    """One shop, through its webservice. May be called from several threads."""

    kind = "prestashop"
    traits = TRAITS

    def __init__(self, settings: ShopSettings, pseudonym: Callable[[str], str]) -> None:
        self._api = Api(settings)
        self._rules = CartRules(self._api)
        self._orders = Orders(self._api, self._rules, pseudonym)

    @property
    def traffic(self) -> Traffic:
        """See `Counted.traffic`."""
        return self._api.http.traffic

    def check(self) -> str:
        """See `Shop.check`: the webservice itself lists the key's rights."""
        rights = self._api.rights()
        lacking = [f"GET {name}" for name in READS if "get" not in rights.get(name, ())]
        can_patch = "cart_rules" in rights and self._rules.can_patch()
        writes = ("post",) if can_patch else ("post", "put")
        lacking += [
            f"{right.upper()} cart_rules" for right in writes if right not in rights.get("cart_rules", ())
        ]
        if lacking:
            raise ActionRequired(
                sentence(
                    "PrestaShop's key lacks rights ({lacking}): {mend}.",
                    lacking=", ".join(lacking),
                    mend=KEY_ENDS,
                )
            )
        self._api.currency_id(self._api.currency)
        self._check_zone(rights)
        known = f"PrestaShop at {self._api.http.where} sells in {self._api.currency}, and our key may write."
        return f"{known}{'' if can_patch else NO_PATCH} {clock_sentence(self._api.http.ahead)}".rstrip()

    def find_products(self, text: str) -> list[Product]:
        """See `Shop.find_products`; at most fifty."""
        words = text.split()
        exact = self.products(words) if len(words) == 1 else []
        query = {"limit": f"0,{FOUND_AT_ONCE}"}
        if words:
            query["filter[name]"] = f"%[{_plain(max(words, key=len))}]%"
        found = [one for one in self._read(query) if all(_says(one, word) for word in words)]
        return list({one.sku: one for one in [*exact, *found]}.values())

    def products(self, skus: Sequence[str]) -> list[Product]:
        """See `Shop.products`; combinations of a product have no SKU here."""
        found: list[Product] = []
        for some in some_of([sku for sku in skus if sku and sku == _plain(sku)], AT_ONCE):
            found += self._read({"filter[reference]": f"[{'|'.join(some)}]"})
        return [one for one in found if one.sku in skus]

    def create_offer(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """See `Shop.create_offer`."""
        yield from self._rules.create(offer, codes, self._product_id(offer.skus))

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """See `Shop.extend`."""
        return self._rules.extend(offer, codes, until)

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """See `Shop.end`."""
        return self._rules.end(offer, codes)

    def orders_since(self, moment: datetime) -> Iterator[OrderPage]:
        """See `Shop.orders_since`."""
        return self._orders.since(moment)

    def order(self, id: str) -> Order | None:
        """See `Shop.order`; the id is the reference that customers and staff know."""
        return self._orders.one(id)

    def keep_webhook(self, url: str) -> None:
        """Nothing: PrestaShop sends no webhooks."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Refuses: PrestaShop sends none, so it is not from the shop."""
        raise Refusal("PrestaShop sends no webhooks: this one is not from the shop.")

    def _read(self, query: Mapping[str, str]) -> list[Product]:
        """Products with the price that customers pay: the field `price` is without tax."""
        priced = {
            "price[p][use_tax]": "1",
            "price[p][use_reduction]": "1",
            "price[p][decimals]": "6",  # by default PrestaShop takes the number of its rounding mode
            "price[p][currency]": self._api.currency_id(self._api.currency),
        }
        shown = {"display": "[id,reference,name,p]", "filter[active]": "[1]"}
        rows = [row for row in self._api.rows("products", {**query, **shown, **priced}) if row["reference"]]
        stock = self._stock([row["id"] for row in rows])
        try:
            return [
                wire.product(row, stock.get(row["id"]), self._api.currency, self._api.root) for row in rows
            ]
        except wire.Unreadable:
            raise self._api.unreadable() from None

    def _stock(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """By product; combinations' stock is summed up in combination 0."""
        whole = {"filter[id_product_attribute]": "[0]", "display": "[id_product,quantity,out_of_stock]"}
        rows = self._api.rows_of("stock_availables", "id_product", ids, whole) if ids else []
        return {row["id_product"]: row for row in rows}

    def _product_id(self, skus: Sequence[str]) -> str:
        """What the reduction is for; 0 is everything. A wider one than asked for is never made."""
        if not skus:
            return "0"
        if len(skus) > 1:
            raise ActionRequired(
                "Through its webservice PrestaShop limits a code to one product or none: "
                "make an offer for each of the products, or one for everything."
            )
        [sku] = skus
        shown = {"filter[reference]": f"[{_plain(sku)}]", "display": "[id,reference]"}
        ids = [row["id"] for row in self._api.rows("products", shown) if row["reference"] == sku]
        if not ids:
            raise ActionRequired(sentence("The shop has no product with the reference {sku}.", sku=sku))
        return ids[0]

    def _check_zone(self, rights: Mapping[str, set[str]]) -> None:
        """Where the key may see it: times of another zone would end codes at the wrong hour."""
        if "get" not in rights.get("configurations", ()):
            return
        asked = {"filter[name]": "[PS_TIMEZONE]", "display": "[name,value]"}
        told = [row["value"] for row in self._api.rows("configurations", asked)]
        if told and told[0] != self._api.zone.key:
            raise ActionRequired(
                sentence("The shop is in {zone}: set BATELEUR_SHOP__TIMEZONE to that.", zone=told[0])
            )


def _plain(text: str) -> str:
    """Without what filters are written with."""
    return "".join(letter for letter in text if letter not in "[]|%,")


def _says(product: Product, word: str) -> bool:
    return word.casefold() in product.name.casefold()
