"""Files as spreadsheets and shops really write them: read when they are clear, refused by line when not."""

from pathlib import Path

import pytest

from domain.errors import Refusal
from domain.money import Money
from shops.codes import read_codes
from shops.feed.catalogue import read_products

HEAD = "sku,name,aliases,price,currency,reference_price,stock,url\n"
GOOGLE = '<rss xmlns:g="http://base.google.com/ns/1.0">{}</rss>'
ITEM = "<item><g:id>{}</g:id><title>{}</title><g:price>{}</g:price></item>"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("price", "currency", "money"),
    [
        ("499.99", "EUR", Money(49999, "EUR")),
        ('"499,99"', "eur", Money(49999, "EUR")),
        ('"1 499,99"', "EUR", Money(149999, "EUR")),
        ('"1\u202f499,99"', "EUR", Money(149999, "EUR")),
        ('"1.499,99"', "EUR", Money(149999, "EUR")),
        ('"1,499.99"', "EUR", Money(149999, "EUR")),
        ("\"1'234'499.99\"", "CHF", Money(123449999, "CHF")),
        ("1499", "JPY", Money(1499, "JPY")),
    ],
)
def test_prices_are_read_as_people_write_them(
    tmp_path: Path, price: str, currency: str, money: Money
) -> None:
    (product,) = read_products(
        written(tmp_path, f"{HEAD} X1 , Xbox ,a| b |,{price},{currency},,,\n")
    ).products
    assert ("X1", "Xbox", ("a", "b"), money) == (product.sku, product.name, product.aliases, product.price)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("X1,Xbox,,,EUR,,,", "Line 2: the price is missing."),
        ("X1,Xbox,,0,EUR,,,", "Line 2: «0» is no price in EUR."),
        ("X1,Xbox,,-5,EUR,,,", "Line 2: «-5» is no price in EUR."),
        ("X1,Xbox,,1e999999999,EUR,,,", "Line 2: «1e999999999» is no price."),
        ('X1,Xbox,,"1,499",EUR,,,', "Line 2: «1,499» is no price in EUR."),
        ('X1,Xbox,,"1,49,9.99",EUR,,,', "Line 2: «1,49,9.99» is no price."),
        ("X1,Xbox,,499,99,EUR,,,", "Line 2: it has too many columns"),
        ("X1,Xbox", "Line 2: the price is missing."),
        ("X1,Xbox,,1,EUR,,9999999999,", "Line 2: «9999999999» is no number of pieces."),
        ("X1,Xbox,,1,EUR,,,javascript:alert(1)", "Line 2: «javascript:alert(1)» is no web address."),
        ("X\x00,Xbox,,1,EUR,,,", "Line 2: the SKU holds invisible characters."),
        pytest.param(f"X1,{'x' * 201},,1,EUR,,,", "Line 2: the name is longer than 200", id="long"),
        pytest.param(f"X1,{'x' * 200_000},,1,EUR,,,", "Line 2: it cannot be read (field", id="endless"),
        ('X1,"Xbox,,1,EUR,,,\nX2,Two,,1,EUR,,,', "is a quote left open?"),
    ],
)
def test_an_unclear_line_is_named_with_what_is_wrong(tmp_path: Path, line: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_products(written(tmp_path, f"{HEAD}{line}\n"))
    assert sentence in str(refused.value)


def test_a_column_given_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"Line 1: columns given twice: sku\."):
        read_products(written(tmp_path, f"sku,{HEAD}A,B,N,,1,EUR,,,\n"))


def test_a_first_line_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"Line 1: it cannot be read \(field larger"):
        read_products(written(tmp_path, "x" * 200_000))


def test_empty_lines_and_other_line_ends_do_not_matter(tmp_path: Path) -> None:
    text = f"\ufeff{HEAD}\n  \nX1,Xbox,,1,EUR,,,\n".replace("\n", "\r\n")
    assert ["X1"] == [product.sku for product in read_products(written(tmp_path, text)).products]


def test_a_name_loses_what_nobody_sees(tmp_path: Path) -> None:
    (product,) = read_products(written(tmp_path, f"{HEAD}X1,Xb\u202eox\u200b,,1,EUR,,,\n")).products
    assert "Xbox" == product.name


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        (ITEM.format(1, "Xbox", "499.99"), "«499.99» is no price with its currency, such as 499.99 EUR"),
        (ITEM.format(1, "Xbox", ""), "Item 1: the price is missing."),
        (ITEM.format(1, "A", "1 EUR") + ITEM.format(1, "B", "2 EUR"), "Item 2: SKU 1 stands twice."),
        ("", "The file holds no product."),
    ],
)
def test_an_unclear_feed_names_the_item(tmp_path: Path, items: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_products(written(tmp_path, GOOGLE.format(items)))
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("\u0410BCD2345\n", "Line 1: look-alike or unusual characters: CYRILLIC CAPITAL LETTER A"),
        ("AB\x00D2345\n", "Line 1: look-alike or unusual characters: U+0000"),
        ("ABCD2345\u2028EFGH6789\n", "Line 1: look-alike or unusual characters: LINE SEPARATOR"),
        ("A" * 65 + "\n", "Line 1: it is longer than 64 characters."),
        ("abcd2345\nABCD2345\n", "Line 2: the same code stands on line 1."),
        ("ABCD2345\n\n", "Line 2: it is empty."),
        ("code\n", "The file holds no code."),
        ("", "The file holds no code."),
    ],
)
def test_an_unclear_code_is_named_by_its_line(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_codes(written(tmp_path, content))
    assert sentence in str(refused.value)
