"""The retailer's catalogue by file and by address, and redemptions read page by page."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import ActionRequired, Fault
from shops.feed.shop import FeedShop, open_shop
from shops.settings import ShopSettings
from tests.shops.rig import pseudonym
from tests.shops.rigs_feed import SECRET, a_retailer, adapter

HEAD = "sku;name;aliases;price;currency;reference_price;stock;url\n"
LINE = "QC-ULTRA;Casque QC Ultra;bose|casque à réduction;399,90;EUR;349,90;12;https://shop.example/qc\n"


def of_file(path: Path) -> FeedShop:
    return open_shop(ShopSettings(kind="feed", products=str(path), webhook_secret=SECRET), pseudonym)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "products.csv"
    found.write_text(HEAD + LINE)
    yield found


def test_a_product_is_found_by_words_of_its_name_and_aliases(path: Path) -> None:
    shop = of_file(path)
    for text in ("qc-ultra", "casque", "BOSE", "Reduction  casque", ""):
        assert ["QC-ULTRA"] == [product.sku for product in shop.find_products(text)]
    assert [] == shop.find_products("casque rouge")
    assert 34990 == (shop.products(["QC-ULTRA"])[0].reference_price or pytest.fail()).amount


def test_a_file_is_read_again_when_it_has_changed(path: Path) -> None:
    shop = of_file(path)
    assert 39990 == shop.products(["QC-ULTRA"])[0].price.amount
    path.write_text(HEAD + LINE.replace("399,90", "379,00"))
    assert 37900 == shop.products(["QC-ULTRA"])[0].price.amount


def test_a_bad_line_costs_that_product_alone(path: Path) -> None:
    path.write_text(HEAD + LINE + LINE.replace("QC-ULTRA", "MUG").replace("399,90", "free"))
    assert ["QC-ULTRA"] == [product.sku for product in of_file(path).find_products("")]


@pytest.mark.parametrize(
    "content", ["", "<html><p>One moment</p></html>", HEAD, HEAD + "A;;;;;;;\n", "a;b\n1;2\n"]
)
def test_a_file_in_which_nothing_can_be_read_is_a_fault(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(Fault):
        of_file(path).products(["QC-ULTRA"])


def test_a_catalogue_in_windows_1252_is_read(path: Path) -> None:
    path.write_bytes((HEAD + LINE.replace("Casque", "Théière")).encode("cp1252"))
    assert ["QC-ULTRA"] == [product.sku for product in of_file(path).find_products("theiere")]


def test_no_catalogue_is_told(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="cannot be read"):
        of_file(tmp_path / "none.csv").find_products("")
    with pytest.raises(ActionRequired, match="BATELEUR_SHOP__PRODUCTS"):
        open_shop(ShopSettings(kind="feed"), pseudonym).find_products("")


async def test_a_catalogue_that_is_unchanged_is_not_sent_again() -> None:
    async with a_retailer() as retailer:
        shop = adapter(retailer)
        for _ in range(3):
            [product] = await asyncio.to_thread(shop.products, ["QC-ULTRA"])
        assert {"whole": 1, "unchanged": 2} == retailer.feeds
        retailer.model.items["QC-ULTRA"].price = 37900
        [product] = await asyncio.to_thread(shop.products, ["QC-ULTRA"])
        assert 37900 == product.price.amount
        assert 2 == retailer.feeds["whole"]


async def test_a_catalogue_that_does_not_tell_its_changes_is_read_once_a_minute() -> None:
    async with a_retailer() as retailer:
        retailer.has_etag = False
        shop = adapter(retailer)
        for _ in range(3):
            assert await asyncio.to_thread(shop.products, ["QC-ULTRA"])
        assert {"whole": 1} == retailer.feeds


async def test_a_password_in_the_address_is_told_nobody() -> None:
    async with a_retailer() as retailer:
        address = retailer.feed_url.replace("://", "://ann:s3cret@")
        assert await asyncio.to_thread(adapter(retailer, products=address).products, ["QC-ULTRA"])
        lost = adapter(retailer, products=address.replace(".xml", ".csv"))
        with pytest.raises(ActionRequired) as told:
            await asyncio.to_thread(lost.products, ["QC-ULTRA"])
        assert "s3cret" not in str(told.value)


async def test_redemptions_are_read_page_by_page_and_none_is_missed() -> None:
    async with a_retailer() as retailer:
        model, before = retailer.model, datetime.now(UTC)
        bought = [str(model.check_out([]).id) for _ in range(450)]
        retailer.redemptions.tests.add(int(bought[7]))
        pages = await asyncio.to_thread(lambda: list(adapter(retailer).orders_since(before)))
        assert [200, 200, 50] == [len(page.orders) + (page is pages[0]) for page in pages]
        read = [order.id for page in pages for order in page.orders]
        assert sorted({*bought} - {bought[7]}) == sorted(read)
        assert pages[0].read_until <= pages[1].read_until <= pages[2].read_until <= datetime.now(UTC)
        assert 0 == retailer.violations.total()


async def test_changes_a_little_before_are_read_again() -> None:
    async with a_retailer() as retailer:
        retailer.model.check_out([])
        soon = datetime.now(UTC) + timedelta(minutes=9)
        [page] = await asyncio.to_thread(lambda: list(adapter(retailer).orders_since(soon)))
        assert 1 == len(page.orders)
        assert soon == page.read_until


async def test_an_odd_id_is_looked_for_and_not_found() -> None:
    async with a_retailer() as retailer:
        shop = adapter(retailer)
        for id in ("", ".", "..", "../promotions", "a/b", "é?x=1#"):
            assert await asyncio.to_thread(shop.order, id) is None
        assert 0 == retailer.violations.total()


def test_a_file_that_may_not_be_read_is_a_fault(path: Path) -> None:
    os.unlink(path)
    path.mkdir()
    with pytest.raises(Fault):
        of_file(path).products(["QC-ULTRA"])
