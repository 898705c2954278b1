from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.price_rules import PriceKind, PriceLine, decide_price, discounted
from domain.show import Discount, Mechanic, Offer, OfferKind, Product


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def offer(discount: Discount, *skus: str) -> Offer:
    return Offer(1, 1, OfferKind.SHARED, Mechanic.OPEN, discount, skus=skus, shared_code="LIVE")


XBOX = Product("X", "Xbox", eur(50000), reference_price=eur(50000), stock=3)
TWENTY = offer(Discount(percent=20))


def test_without_an_offer_the_plain_price_is_said() -> None:
    assert decide_price(XBOX, []) == PriceLine(PriceKind.PLAIN, eur(50000))


def test_a_code_reduces_the_price_against_the_lowest_of_30_days() -> None:
    expected = PriceLine(PriceKind.WITH_CODE, eur(40000), eur(50000), eur(10000), 20)
    assert decide_price(XBOX, [TWENTY]) == expected


def test_the_percentage_is_computed_on_the_lowest_price_not_on_todays() -> None:
    dearer_today = replace(XBOX, price=eur(60000))
    expected = PriceLine(PriceKind.WITH_CODE, eur(48000), eur(50000), eur(2000), 4)
    assert decide_price(dearer_today, [TWENTY]) == expected


def test_a_code_price_above_the_lowest_of_30_days_is_no_reduction() -> None:
    dearer_today = replace(XBOX, price=eur(70000))
    assert decide_price(dearer_today, [TWENTY]) == PriceLine(PriceKind.PLAIN, eur(70000))


def test_an_unknown_lowest_price_or_another_currency_means_no_reduction() -> None:
    for reference in (None, Money(50000, "USD")):
        product = replace(XBOX, reference_price=reference)
        assert decide_price(product, [TWENTY]) == PriceLine(PriceKind.PLAIN, eur(50000))


def test_out_of_stock_is_never_reduced_but_an_untold_stock_is() -> None:
    assert decide_price(replace(XBOX, stock=0), [TWENTY]) == PriceLine(PriceKind.OUT_OF_STOCK, eur(50000))
    assert decide_price(replace(XBOX, stock=None), [TWENTY]).kind is PriceKind.WITH_CODE


def test_the_best_offer_for_this_product_counts() -> None:
    ten_euros = offer(Discount(amount=eur(1000)))
    other = offer(Discount(percent=90), "Y")
    assert decide_price(XBOX, [ten_euros, TWENTY, other]).price == eur(40000)
    assert decide_price(XBOX, [ten_euros]).off == eur(1000)


def test_an_amount_never_makes_a_price_negative_nor_crosses_currencies() -> None:
    assert discounted(eur(500), Discount(amount=eur(1000))) == eur(0)
    assert discounted(eur(500), Discount(amount=Money(100, "USD"))) == eur(500)


def test_less_than_one_percent_is_not_called_a_reduction() -> None:
    assert decide_price(replace(XBOX, price=eur(49999)), []) == PriceLine(PriceKind.PLAIN, eur(49999))


_products = st.builds(
    Product, st.just("X"), st.just("Xbox"), st.integers(0, 10**7).map(eur), st.just(()),
    st.none() | st.integers(0, 10**7).map(eur), st.none() | st.integers(0, 3),
)  # fmt: skip
_discounts = st.builds(Discount, percent=st.integers(1, 100)) | st.builds(
    Discount, amount=st.integers(1, 10**6).map(eur)
)


@given(_products, st.lists(_discounts.map(offer), max_size=3))
def test_no_reduction_is_ever_overstated_or_said_without_its_reference(
    product: Product, offers: list[Offer]
) -> None:
    line = decide_price(product, offers)
    if line.kind in (PriceKind.REDUCED, PriceKind.WITH_CODE):
        assert line.reference == product.reference_price
        assert line.reference is not None
        assert line.off == eur(line.reference.amount - line.price.amount)
        assert line.price.amount * 100 <= line.reference.amount * (100 - line.off_percent)
        assert line.off_percent >= 1
        assert product.stock != 0
    else:
        assert (line.reference, line.off, line.price) == (None, None, product.price)
