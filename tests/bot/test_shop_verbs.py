"""What the verbs do with a shop, and say when it does not let them: a stand-in WooCommerce behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from standins.woocommerce.server import WooCommerceStandin
from tests.bot.shell import Shell
from tests.shops.rigs_woocommerce import a_shop


@dataclass
class Till:
    """The shop, and a command line that has its settings."""

    shop: WooCommerceStandin
    shell: Shell

    async def __call__(self, *words: str, exit_code: int = 0) -> str:
        return " ".join((await asyncio.to_thread(self.shell, *words, exit_code=exit_code)).split())

    async def json(self, *words: str) -> Any:
        return await asyncio.to_thread(self.shell.json, *words)

    async def doctor(self) -> dict[str, dict[str, Any]]:
        """What `doctor` says of each part; with no bot's token it is never content."""
        said = await asyncio.to_thread(self.shell, "doctor", "--json", exit_code=1)
        return {row["part"]: row for row in json.loads(said)}


@pytest.fixture
async def till(bateleur: Shell, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Till]:
    async with a_shop() as shop:
        monkeypatch.setenv("BATELEUR_SHOP__KIND", "woocommerce")
        monkeypatch.setenv("BATELEUR_SHOP__URL", shop.url)
        monkeypatch.setenv("BATELEUR_SHOP__KEY", shop.key.key)
        monkeypatch.setenv("BATELEUR_SHOP__SECRET", shop.key.secret)
        monkeypatch.setenv("BATELEUR_SHOP__ANSWER_S", "1")
        monkeypatch.setenv("BATELEUR_SECRET_KEY", "long enough")
        opened = Till(shop, bateleur)
        await opened("live", "open", "Soirée", "--channel", "twitch:100", "--until", "23:59")
        await opened("offer", "add", "1", "--kind", "unique", "--percent", "20")
        yield opened


async def test_doctor_says_how_tight_the_lease_is_in_this_shop(till: Till) -> None:
    said = await till.doctor()
    assert said["shop, woocommerce"]["works"]
    assert "sells in EUR" in said["shop, woocommerce"]["what"]
    lease = said["codes in the shop"]["what"]
    assert "WooCommerce" in lease
    assert "outlive a bot that stops by at most 15 minutes" in lease


async def test_doctor_says_which_prices_the_shop_tells_and_which_are_in_another_currency(till: Till) -> None:
    assert "no product yet" in (await till.doctor())["prices in the shop"]["what"]
    sku = next(iter(till.shop.model.items))
    head = "sku,name,aliases,price,currency,reference_price,stock,url"
    lines = (head, f"{sku},Casque,,399.90,EUR,,,", "ELSEWHERE,Autre,,10,EUR,,,")
    await till("products", "import", till.shell.file("\n".join(lines), "products.csv"))
    assert "of 1 of 2 products" in (await till.doctor())["prices in the shop"]["what"]

    till.shop.model.currency = "USD"
    wrong = (await till.doctor())["prices in the shop"]
    assert not wrong["works"]
    assert f"sells {sku} in USD" in wrong["what"]
    product, _ = await till.json("products", "list")
    assert "EUR" in str(product["price"]), "it is doctor's to look, not to mend"


async def test_doctor_says_that_the_clocks_disagree(till: Till) -> None:
    till.shop.model.shift = timedelta(minutes=3)
    assert "3 minutes ahead of ours" in (await till.doctor())["shop, woocommerce"]["what"]
    till.shop.model.shift = timedelta(minutes=-20)
    wrong = (await till.doctor())["shop"]
    assert not wrong["works"]
    assert "20 minutes behind ours" in wrong["what"]


async def test_of_a_code_file_that_the_shop_partly_refuses_the_rest_is_taken(till: Till) -> None:
    till.shop.model.add_coupon("xmas25pt", percent=50.0)
    file = till.shell.file("XMAS25PT\nNQEM7QWE\nNQEM7QWF\n", "codes.csv")
    said = await till("codes", "import", "1", file)
    assert (
        "Not taken by the shop: 1 of 3. The shop has a coupon of that code that is not of this offer." in said
    )
    assert "3 codes added to offer 1. 2 put in the shop." in said
    states = [row["state"] for row in await till.json("codes", "list", "1")]
    assert ["dead", "created", "created"] == states


async def test_the_same_file_again_goes_on_where_a_failing_shop_broke_it_off(till: Till) -> None:
    file = till.shell.file("NQEM7QWE\nNQEM7QWF\n", "codes.csv")
    till.shop.faults.is_down = True
    said = await till("codes", "import", "1", file, exit_code=1)
    assert "0 of 2 codes are in the shop. The shop at" in said
    assert "puts the others there by itself" in said

    till.shop.faults.is_down = False
    assert "2 put in the shop." in await till("codes", "import", "1", file)
    assert 2 == len(till.shop.model.coupons)


@pytest.mark.parametrize(
    ("fault", "value", "sentence"),
    [
        ("is_down", True, "asks for a pause."),
        ("is_html", True, "answers with a web page (HTTP 200): is its address right?"),
        ("slow_s", 1.5, "did not answer within 1 s."),
    ],
)
async def test_a_shop_in_trouble_is_one_sentence(
    till: Till, fault: str, value: object, sentence: str
) -> None:
    setattr(till.shop.faults, fault, value)
    said = await till("redemptions", "sync", exit_code=1)
    assert sentence in said
    assert 1 == said.count("The shop at")


async def test_wrong_credentials_are_one_sentence_with_the_way_out(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATELEUR_SHOP__SECRET", "cs_wrong")
    said = await till("redemptions", "sync", exit_code=1)
    assert "check BATELEUR_SHOP__KEY and BATELEUR_SHOP__SECRET and their rights." in said
    assert "cs_wrong" not in said


async def test_orders_are_synchronised_listed_and_exported_with_masked_codes(
    till: Till, tmp_path: Path
) -> None:
    await till("codes", "import", "1", till.shell.file("NQEM7QWE\n", "codes.csv"))
    till.shop.model.check_out(["nqem7qwe"])
    assert "1 orders with codes of ours" in await till("redemptions", "sync")

    (masked,) = await till.json("redemptions", "list")
    assert ("••••••WE", "never_granted", "placed") == (masked["code"], masked["verdict"], masked["state"])
    (whole,) = await till.json("redemptions", "list", "--reveal")
    assert "NQEM7QWE" == whole["code"]

    await till("redemptions", "export", "out.csv")
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "••••••WE" in text
    assert "NQEM7QWE" not in text


async def test_redemptions_are_filtered_by_what_they_are(till: Till) -> None:
    await till("codes", "import", "1", till.shell.file("NQEM7QWE\nNQEM7QWF\n", "codes.csv"))
    kept, cancelled = till.shop.model.check_out(["NQEM7QWE"]), till.shop.model.check_out(["NQEM7QWF"])
    till.shop.model.cancel(cancelled.id)
    await till("redemptions", "sync")
    for words, expected in (
        (("--state", "placed"), [kept.id]),
        (("--state", "cancelled", "--live", "1"), [cancelled.id]),
        (("--verdict", "never_granted", "--offer", "1"), [kept.id, cancelled.id]),
        (("--verdict", "valid"), []),
        (("--channel", "twitch:100"), []),
    ):
        found = await till.json("redemptions", "list", *words)
        assert expected == [int(row["order"]) for row in found], words
        exported = await till.json("redemptions", "export", "out.xlsx", *words)
        assert len(expected) == exported["redemptions"]
    await till("redemptions", "list", "--verdict", "dubious", exit_code=2)
    assert "There is no live 9" in await till("redemptions", "list", "--live", "9", exit_code=1)


async def test_an_amount_in_another_currency_than_the_shops_is_refused(till: Till) -> None:
    words = ("--kind", "unique", "--amount", "10 USD", "--count", "1")
    said = await till("offer", "add", "1", *words, exit_code=1)
    assert "The offer is in USD, the shop in EUR." in said
    assert {} == till.shop.model.coupons
