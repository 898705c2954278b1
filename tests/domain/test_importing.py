"""What an import would do, told before it is done."""

from dataclasses import replace

from domain.money import Money
from domain.product_rules import compared
from domain.show import Product

XBOX = Product("XSX", "Xbox", Money(49999, "EUR"), ("xbox",), Money(45000, "EUR"), 5)
PAD = Product("PAD", "Manette", Money(5999, "EUR"))


def test_products_are_new_changed_or_as_they_were() -> None:
    cheaper = replace(XBOX, price=Money(44999, "EUR"))
    plan = compared({"XSX": XBOX, "PAD": PAD}, [cheaper, PAD, replace(PAD, sku="P2")], is_feed=False)
    assert ((replace(PAD, sku="P2"),), ((XBOX, cheaper),), 1) == (plan.new, plan.changed, plan.unchanged)
    assert [replace(PAD, sku="P2"), cheaper] == plan.to_save


def test_a_feed_leaves_the_aliases_and_the_lowest_price() -> None:
    given = replace(XBOX, name="Xbox neuve", aliases=(), reference_price=None)
    plan = compared({"XSX": XBOX}, [given], is_feed=True)
    assert [replace(XBOX, name="Xbox neuve")] == plan.to_save


def test_a_price_in_a_feed_below_the_lowest_becomes_it() -> None:
    given = replace(XBOX, price=Money(40000, "EUR"), aliases=(), reference_price=None)
    (saved,) = compared({"XSX": XBOX}, [given], is_feed=True).to_save
    assert Money(40000, "EUR") == saved.reference_price


def test_a_lowest_price_in_another_currency_is_not_known_any_more() -> None:
    given = replace(XBOX, price=Money(40000, "USD"), aliases=(), reference_price=None)
    (saved,) = compared({"XSX": XBOX}, [given], is_feed=True).to_save
    assert saved.reference_price is None
