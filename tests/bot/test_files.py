"""What the retailer imports: products and codes, whole or not at all."""

from pathlib import Path

import pytest

from domain.errors import Refusal
from domain.money import Money
from shops.codes import ALPHABET, draw_codes, read_codes
from shops.feed.catalogue import read_products

HEAD = "sku,name,aliases,price,currency,reference_price,stock,url\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_line_becomes_a_product(tmp_path: Path) -> None:
    text = HEAD + 'X1,Xbox Series X,"xbox|series x","499,99",EUR,479.00,12,https://shop.example/x1\n'

    (product,) = read_products(written(tmp_path, text)).products

    assert Money(49999, "EUR") == product.price
    assert Money(47900, "EUR") == product.reference_price
    assert ("xbox", "series x") == product.aliases
    assert 12 == product.stock


def test_every_bad_line_is_named_and_nothing_is_imported(tmp_path: Path) -> None:
    text = (
        HEAD
        + "A,Ann,,abc,EUR,,,\nB,Bob,,1.00,EUR,,,\nB,Bob,,1.00,EUR,,,\nC,Cy,,1.001,EUR,,,\nD,Di,,1,EUX,,,\n"
    )

    with pytest.raises(Refusal) as refused:
        read_products(written(tmp_path, text))

    lines = str(refused.value).splitlines()
    assert ["Line 2", "Line 4", "Line 5", "Line 6"] == [line.partition(":")[0] for line in lines[1:]]


def test_a_wrong_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"columns missing: name"):
        read_products(written(tmp_path, HEAD.replace("name", "nom") + "A,Ann,,1,EUR,,,\n"))


def test_a_google_merchant_feed_gives_the_price_that_the_buyer_pays(tmp_path: Path) -> None:
    feed = """<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
    <item><g:id>X1</g:id><title>Xbox</title><link>https://shop.example/x1</link>
    <g:price>499.99 EUR</g:price><g:sale_price>449.99 EUR</g:sale_price>
    <g:availability>out_of_stock</g:availability></item></channel></rss>"""

    (product,) = read_products(written(tmp_path, feed)).products

    assert ("X1", "Xbox", Money(44999, "EUR"), 0) == (product.sku, product.name, product.price, product.stock)


def test_a_tsv_feed_is_read(tmp_path: Path) -> None:
    (product,) = read_products(
        written(tmp_path, "id\ttitle\tprice\tlink\nX1\tXbox\t499.99 EUR\thttps://s.example\n")
    ).products

    assert Money(49999, "EUR") == product.price


def test_a_feed_with_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><rss><item>&b;</item></rss>'

    with pytest.raises(Refusal):
        read_products(written(tmp_path, bomb))


def test_codes_with_duplicates_look_alikes_and_empty_lines_are_refused_by_line(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        read_codes(written(tmp_path, "code\nABCD2345\nABCD2345\n\nO0IL1111\n"))

    lines = str(refused.value).splitlines()
    assert ["Line 3", "Line 4", "Line 5"] == [line.partition(":")[0] for line in lines[1:]]


def test_codes_are_read_from_the_first_column(tmp_path: Path) -> None:
    assert ["ABCD2345", "EFGH6789"] == read_codes(written(tmp_path, "code\nabcd2345,x\nEFGH6789;y\n"))


def test_drawn_codes_differ_and_use_no_look_alike() -> None:
    codes = draw_codes(5_000, prefix="LIVE-")

    assert 5_000 == len(set(codes))
    assert all(set(code.removeprefix("LIVE-")) <= set(ALPHABET) for code in codes)
