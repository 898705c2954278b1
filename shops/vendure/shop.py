"""A Vendure shop behind the `Shop` port."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.errors import ActionRequired
from domain.sentences import sentence
from domain.shop import CodeMade, Notice, Order, OrderPage, ShopCode, ShopOffer, ShopTraits, Traffic
from domain.show import Product
from shops.clocks import clock_sentence
from shops.settings import ShopSettings
from shops.vendure import orders, promotions, queries, webhook, wire
from shops.vendure.admin import Admin

SHOWN = 20
PAGE = 100
WRITES = frozenset({"CreatePromotion", "UpdatePromotion", "DeletePromotion"})
EVERY_RIGHT = "SuperAdmin"
TRAITS = ShopTraits(
    codes_per_s=50.0,  # 170 on an idle machine of two cores, 40 on one with three times its work
    has_start=True,
    has_orders=True,
    sentence=(
        "Vendure: each code is a promotion whose end is moved while the live is open, and which is deleted "
        "at the end. Every thousand codes slow all the shop's carts by about 0.06 s while they are there."
    ),
)


def open_shop(settings: ShopSettings, pseudonym: Callable[[str], str]) -> "VendureShop":
    """The shop that `settings` describe. Opens no connection."""
    return VendureShop(settings, pseudonym)


class VendureShop:
    """One Vendure shop, by the default channel of its Admin API."""

    kind = "vendure"
    traits = TRAITS

    def __init__(self, settings: ShopSettings, pseudonym: Callable[[str], str]) -> None:
        self._admin = Admin(settings)
        self._secrets = settings.webhook_secrets
        self._pseudonym = pseudonym

    @property
    def traffic(self) -> Traffic:
        """See `Counted.traffic`."""
        return self._admin.traffic

    def check(self) -> str:
        """What shop it is; raises `ActionRequired` naming the rights that its user lacks.

        Of an API key only its rights to read are seen: Vendure does not tell a key its own.
        """
        channel = self._admin.ask(queries.WHO)["activeChannel"]
        if self._admin.is_person:
            self._check_writes()
        tax = "with" if channel["pricesIncludeTax"] else "without"
        known = f"Vendure, channel {channel['code']}, prices in {channel['defaultCurrencyCode']} {tax} tax."
        return f"{known} {clock_sentence(self._admin.ahead)}".rstrip()

    def find_products(self, text: str) -> list[Product]:
        words = [{"name": {"contains": word}} for word in text.split()]
        named: list[dict[str, Any]] = [{"_and": words}] if words else []
        any_of = [*named, {"sku": {"contains": text.strip()}}] if words else []
        variants, settings = self._variants({"_or": any_of} if any_of else {}, SHOWN)
        return [wire.product(variant, settings) for variant in variants if wire.is_sold(variant)]

    def products(self, skus: Sequence[str]) -> list[Product]:
        found = []
        for start in range(0, len(skus), PAGE):
            variants, settings = self._variants({"sku": {"in": list(skus[start : start + PAGE])}}, PAGE)
            found += [wire.product(variant, settings) for variant in variants if wire.is_sold(variant)]
        return found

    def create_offer(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        channel = self._admin.ask(queries.LANGUAGE)["activeChannel"]
        amount = offer.discount.amount
        if amount is not None and amount.currency != channel["defaultCurrencyCode"]:
            raise ActionRequired(
                sentence(
                    "The shop sells in {currency}: make the offer's amount one of those.",
                    currency=channel["defaultCurrencyCode"],
                )
            )
        variant_ids = self._variant_ids(offer.skus)
        language = channel["defaultLanguageCode"]
        yield from promotions.create(self._admin, offer, codes, variant_ids, language)

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        return promotions.extend(self._admin, offer, codes, until)

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        return promotions.end(self._admin, codes)

    def orders_since(self, moment: datetime) -> Iterator[OrderPage]:
        return orders.since(self._admin, moment, self._pseudonym)

    def order(self, id: str) -> Order | None:
        return orders.one(self._admin, id, self._pseudonym)

    def keep_webhook(self, url: str) -> None:
        """Nothing: Vendure's own API knows no webhooks, our plugin has its address in its configuration."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        return webhook.read(headers, body, now, secrets=self._secrets, pseudonym=self._pseudonym)

    def close(self) -> None:
        """Let go of this thread's connections."""
        self._admin.close()

    def _check_writes(self) -> None:
        channels = self._admin.ask(queries.RIGHTS)["me"]["channels"]
        held = {right for channel in channels for right in channel["permissions"]}
        lacking = sorted(WRITES - held) if EVERY_RIGHT not in held else []
        if lacking:
            raise ActionRequired(
                sentence("Vendure's user lacks rights: give its role {lacking}.", lacking=", ".join(lacking))
            )

    def _variant_ids(self, skus: Sequence[str]) -> list[str]:
        """Vendure's ids of the articles; raises `ActionRequired` when the shop has not all of them."""
        ids: dict[str, str] = {}
        for start in range(0, len(skus), PAGE):
            variants, _ = self._variants({"sku": {"in": list(skus[start : start + PAGE])}}, PAGE)
            ids |= {variant["sku"]: variant["id"] for variant in variants}
        lacking = [sku for sku in skus if sku not in ids]
        if lacking:
            raise ActionRequired(
                sentence("The shop has no product with the SKU {lacking}.", lacking=", ".join(lacking[:5]))
            )
        return [ids[sku] for sku in skus]

    def _variants(
        self, filter: Mapping[str, Any], take: int
    ) -> tuple[list[dict[str, Any]], Mapping[str, Any]]:
        options = {"filter": filter, "sort": {"id": "ASC"}, "take": take}
        found = self._admin.ask(queries.VARIANTS, options=options)
        return found["productVariants"]["items"], found["globalSettings"]
