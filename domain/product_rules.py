"""What of a product the shop decides, and what stays as the retailer gave it to us."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.show import Product


@dataclass(frozen=True, slots=True)
class Comparison:
    """What importing products would do: `changed` holds each as it is and as it would be."""

    new: tuple[Product, ...]
    changed: tuple[tuple[Product, Product], ...]
    unchanged: int

    @property
    def to_save(self) -> list[Product]:
        """The products that are not as they stand already."""
        return [*self.new, *(given for _, given in self.changed)]


def compared(ours: Mapping[str, Product], given: Iterable[Product], *, is_feed: bool) -> Comparison:
    """What importing `given` over `ours` (by SKU) would do; a feed does not tell all of a product."""
    new: list[Product] = []
    changed: list[tuple[Product, Product]] = []
    unchanged = 0
    for one in given:
        mine = ours.get(one.sku)
        wanted = one if mine is None or not is_feed else told_by_feed(mine, one)
        if mine is None:
            new.append(wanted)
        elif mine != wanted:
            changed.append((mine, wanted))
        else:
            unchanged += 1
    return Comparison(tuple(new), tuple(changed), unchanged)


def told_by_feed(ours: Product, given: Product) -> Product:
    """A product of a Google Merchant feed. It has no words for aliases nor for the lowest price of 30 days:
    ours stay, the lowest as far as it is still one."""
    reference = ours.reference_price
    if reference is not None:
        same = reference.currency == given.price.currency
        lowest = min(reference, given.price, key=lambda money: money.amount)
        reference = lowest if same else None
    return replace(given, aliases=ours.aliases, reference_price=reference)


def refreshed(ours: Product, shops: Product) -> Product:
    """Our product with the shop's price and stock.

    The name, the aliases and the reference price stay ours; a price below the reference becomes it, for the
    lowest price of 30 days can only be lower. A price in another currency changes nothing.
    """
    if shops.price.currency != ours.price.currency:
        return ours
    reference = ours.reference_price
    if reference is not None and reference.currency == shops.price.currency:
        reference = min(reference, shops.price, key=lambda money: money.amount)
    return replace(
        ours,
        price=shops.price,
        stock=shops.stock,
        url=ours.url or shops.url,
        picture=ours.picture or shops.picture,
        reference_price=reference,
    )
