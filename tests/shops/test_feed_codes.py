"""Codes brought to the retailer, by files that a job of theirs loads, and by signed calls."""

import asyncio
import csv
import hashlib
import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import ActionRequired, Fault
from domain.money import Money
from domain.shop import CodeMade, ShopCode, ShopOffer, lease_for
from domain.show import Discount
from shops import registry
from shops.feed.shop import FeedShop, open_shop
from shops.settings import ShopSettings
from standins.retailer.loader import CodeLoader
from standins.retailer.server import RetailerStandin
from standins.shop.model import NotAccepted, ShopModel
from tests.shops.rig import pseudonym
from tests.shops.rigs_feed import SECRET, a_retailer, adapter

UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=15)
OFFER = ShopOffer("bateleur-7-12", "The evening", Discount(percent=20), ("QC-ULTRA",), 1, None, UNTIL)
TEN_EUROS = replace(OFFER, discount=Discount(amount=Money(1000, "EUR")), skus=(), uses=None)


def by_files(folder: Path, **changes: Any) -> FeedShop:
    settings = {"kind": "feed", "codes": str(folder), "webhook_secret": SECRET, **changes}
    return open_shop(ShopSettings.model_validate(settings), pseudonym)


def a_loader(folder: Path) -> CodeLoader:
    model = ShopModel()
    model.sell("QC-ULTRA", "Casque QC Ultra", 39990)
    return CodeLoader(folder, model)


def create(shop: FeedShop, codes: list[str], offer: ShopOffer = OFFER) -> list[CodeMade]:
    return [one for part in shop.create_offer(offer, codes) for one in part]


def files(folder: Path, kind: str = "csv") -> list[Path]:
    return sorted(folder.glob(f"codes_*_*.{kind}"))


def test_codes_go_to_a_file_that_only_we_read_with_its_checksum_and_manifest(tmp_path: Path) -> None:
    told = create(by_files(tmp_path), ["AAAA", "BBBB"], replace(TEN_EUROS, skus=("QC-ULTRA", "MUG-RED")))
    assert [CodeMade("AAAA", OFFER.name), CodeMade("BBBB", OFFER.name)] == told
    [path] = files(tmp_path)
    raw = path.read_bytes()
    end = UNTIL.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (
        "code;promotion;value_type;value;currency;starts_at;ends_at;max_uses;per_customer;min_basket;skus\r\n"
        f"AAAA;bateleur-7-12;amount_minor;1000;EUR;;{end};;;;QC-ULTRA|MUG-RED\r\n"
        f"BBBB;bateleur-7-12;amount_minor;1000;EUR;;{end};;;;QC-ULTRA|MUG-RED\r\n"
    ) == raw.decode()
    digest = hashlib.sha256(raw).hexdigest()
    assert f"{digest}  {path.name}\n" == path.with_name(f"{path.name}.sha256").read_text()
    manifest = json.loads(path.with_name(f"{path.name}.done").read_text())
    assert (2, 2000, digest) == (manifest["rows"], manifest["sum_minor"], manifest["sha256"])
    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert not list(tmp_path.glob("*.part"))


def test_what_the_retailer_loads_works_is_moved_and_ends(tmp_path: Path) -> None:
    shop, loader = by_files(tmp_path), a_loader(tmp_path)
    create(shop, ["AAAA", "BBBB"])
    create(shop, ["AAAA", "BBBB"])
    assert 4 == loader.load()
    assert 7998 == loader.model.check_out(["AAAA"]).discounts["AAAA"]
    with pytest.raises(NotAccepted, match="used"):
        loader.model.check_out(["AAAA"])
    later, code = UNTIL + timedelta(minutes=15), ShopCode("BBBB", OFFER.name)
    assert [[code]] == list(shop.extend(OFFER, [code], later))
    loader.load()
    loader.model.shift = timedelta(minutes=20)
    loader.model.check_out(["BBBB"])
    loader.model.shift = timedelta(0)
    assert [[code]] == list(shop.end(OFFER, [code]))
    loader.load()
    with pytest.raises(NotAccepted, match="expired"):
        loader.model.check_out(["BBBB"])
    assert ["create", "create", "extend", "stop"] == [path.stem.split("_")[-1] for path in files(tmp_path)]
    assert [] == loader.violations


def test_codes_that_the_retailer_rejected_are_told_and_no_longer_sent(tmp_path: Path) -> None:
    shop, loader = by_files(tmp_path), a_loader(tmp_path)
    loader.reserved = {"BBBB"}
    create(shop, ["AAAA", "BBBB"])
    assert 1 == loader.load()
    told = create(shop, ["AAAA", "BBBB"])
    assert [OFFER.name, None] == [one.shop_id for one in told]
    assert "The shop does not take the code." == told[1].why
    codes = [ShopCode(code, OFFER.name) for code in ("AAAA", "BBBB")]
    assert [codes[:1]] == list(shop.extend(OFFER, codes, UNTIL))
    assert b"BBBB" not in files(tmp_path)[-1].read_bytes()


def test_a_file_in_the_making_is_not_loaded(tmp_path: Path) -> None:
    create(by_files(tmp_path), ["AAAA"])
    [manifest] = files(tmp_path, "csv.done")
    manifest.rename(manifest.with_suffix(".part"))
    assert 0 == a_loader(tmp_path).load()


def test_a_part_left_by_a_crash_stops_nothing(tmp_path: Path) -> None:
    for second in range(3):
        stamp = datetime.now(UTC) + timedelta(seconds=second)
        (tmp_path / f"codes_{OFFER.name}_{stamp:%Y%m%dT%H%M%SZ}_001_create.csv.part").touch()
    create(by_files(tmp_path), ["AAAA"])
    assert 1 == a_loader(tmp_path).load()


def test_ten_thousand_codes_are_a_file_and_one_more_is_another(tmp_path: Path) -> None:
    shop = by_files(tmp_path)
    assert [10_000, 1] == [
        len(part) for part in shop.create_offer(OFFER, [f"C{n:06}" for n in range(10_001)])
    ]
    assert 2 == len(files(tmp_path))


@pytest.mark.parametrize("code", ["=1+1", "+33", "-20", "@SUM", "'A", "\tA"])
def test_a_code_that_is_a_formula_is_not_exported(tmp_path: Path, code: str) -> None:
    [bad, good] = create(by_files(tmp_path), [code, "AAAA"])
    assert (None, OFFER.name) == (bad.shop_id, good.shop_id)
    [path] = files(tmp_path)
    assert ["AAAA"] == [row["code"] for row in csv.DictReader(path.read_text().splitlines(), delimiter=";")]


def test_no_product_is_a_formula(tmp_path: Path) -> None:
    with pytest.raises(ActionRequired, match="SKU"):
        create(by_files(tmp_path), ["AAAA"], replace(OFFER, skus=("=X",)))


def test_the_registry_opens_it_without_an_address(tmp_path: Path) -> None:
    settings = ShopSettings(kind="feed", codes=str(tmp_path))
    assert isinstance(registry.open_shop(settings, pseudonym), FeedShop)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    shop = by_files(tmp_path / "none")
    for call in (shop.check, lambda: create(shop, ["AAAA"])):
        with pytest.raises(ActionRequired, match="make the folder"):
            call()


def test_a_shop_without_codes_says_so(tmp_path: Path) -> None:
    shop = by_files(tmp_path, codes="")
    assert shop.check().endswith(".")
    with pytest.raises(ActionRequired, match="BATELEUR_SHOP__CODES"):
        create(shop, ["AAAA"])
    assert [] == shop.products(["A"])
    assert [] == list(shop.orders_since(UNTIL))
    assert not shop.traits.has_orders
    with pytest.raises(Fault):
        shop.order("R1")


def test_the_lease_grows_with_the_codes_of_a_file(tmp_path: Path) -> None:
    least = timedelta(minutes=15)
    traits = by_files(tmp_path).traits
    assert least == lease_for(100, traits, least)
    assert timedelta(minutes=50) == lease_for(10_000, traits, least)


async def called(retailer: RetailerStandin, codes: list[str], offer: ShopOffer = OFFER) -> list[CodeMade]:
    return await asyncio.to_thread(create, adapter(retailer), codes, offer)


async def test_codes_that_the_platform_refuses_are_told_and_the_others_work() -> None:
    async with a_retailer() as retailer:
        retailer.faults.refused_codes = 2
        told = await called(retailer, ["AAAA", "BBBB", "CCCC"])
        assert [None, None, OFFER.name] == [one.shop_id for one in told]
        assert {"The shop does not take the code.", ""} == {one.why for one in told}
        assert retailer.model.check_out(["CCCC"]).discounts


async def test_calls_have_at_most_a_thousand_codes() -> None:
    async with a_retailer() as retailer:
        codes = [f"C{n:05}" for n in range(2001)]
        assert 2001 == len([one for one in await called(retailer, codes) if one.shop_id])
        held = [ShopCode(code, OFFER.name) for code in codes]
        shop, later = adapter(retailer), UNTIL + timedelta(minutes=5)
        moved = await asyncio.to_thread(lambda: list(shop.extend(OFFER, held, later)))
        assert [1000, 1000, 1] == [len(part) for part in moved]
        assert {later} == {coupon.ends_at for coupon in retailer.model.coupons.values()}
        assert 0 == retailer.violations.total()


@pytest.mark.parametrize("fault", ["broken", "broken_after_taking", "throttled"])
async def test_a_call_that_goes_wrong_is_made_again_and_nothing_is_there_twice(fault: str) -> None:
    async with a_retailer() as retailer:
        retailer.faults.pause_s = 0.2
        setattr(retailer.faults, fault, 1)
        told = await called(retailer, ["AAAA", "BBBB"])
        assert {OFFER.name} == {one.shop_id for one in told}
        assert 2 == len(retailer.model.coupons)
        assert 0 == retailer.violations.total()


async def test_a_platform_that_is_asked_too_often_is_given_its_time() -> None:
    async with a_retailer() as retailer:
        retailer.per_second = 2
        codes = [f"C{n:05}" for n in range(1001)]
        assert 1001 == len([one for one in await called(retailer, codes) if one.shop_id])


async def test_a_platform_that_asks_for_a_long_wait_is_given_it() -> None:
    async with a_retailer() as retailer:
        retailer.faults.throttled, retailer.faults.pause_s = 1, 120
        with pytest.raises(Fault) as told:
            await called(retailer, ["AAAA"])
        assert 120 == told.value.retry_after


async def test_a_promotion_against_the_retailers_rules_needs_a_person() -> None:
    async with a_retailer() as retailer:
        with pytest.raises(ActionRequired, match="We do not sell NOPE"):
            await called(retailer, ["AAAA"], replace(OFFER, skus=("NOPE",)))
        assert {} == retailer.model.coupons


async def test_codes_of_a_promotion_that_is_gone_are_ended() -> None:
    async with a_retailer() as retailer:
        shop, code = adapter(retailer), ShopCode("AAAA", OFFER.name)
        assert [[code]] == await asyncio.to_thread(lambda: list(shop.end(OFFER, [code])))
