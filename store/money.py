"""Money as two columns: an amount in minor units and its currency, or neither."""

from domain.money import Money


def money(amount: int | None, currency: str | None) -> Money | None:
    """The money in two columns, None when there is none."""
    return None if amount is None or currency is None else Money(amount, currency)


def price_columns(price: Money, reference: Money | None) -> dict[str, int | str | None]:
    """A price and its reference price as the columns that every priced table has."""
    return {
        "price": price.amount,
        "currency": price.currency,
        "reference_price": reference.amount if reference else None,
        "reference_currency": reference.currency if reference else None,
    }
