"""What of a product the shop decides, and what stays as the retailer gave it to us."""

from dataclasses import replace

from domain.show import Product


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
