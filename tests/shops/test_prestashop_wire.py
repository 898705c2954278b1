"""What our adapter makes of PrestaShop's words, without a shop."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.money import Money
from shops.prestashop import wire

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html/>", b"[]", b"<prestashop/>", b"<prestashop><errors/></prestashop>", b"<a>&b;</a>"],
)
def test_what_is_no_list_is_not_read_as_an_empty_one(body: bytes) -> None:
    with pytest.raises(wire.Unreadable):
        wire.elements(body)


def test_an_answer_with_entities_of_its_own_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]><prestashop><orders>&b;</orders></prestashop>'
    with pytest.raises(wire.Unreadable):
        wire.elements(bomb)


def test_the_hour_that_comes_twice_loses_no_order() -> None:
    before = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)  # 02:50, and at 01:00 UTC it is 02:00 again
    after = datetime(2026, 10, 25, 1, 5, tzinfo=UTC)
    assert "2026-10-25 01:50:00" == wire.earliest(before, PARIS, after)
    assert "2026-10-25 02:50:00" == wire.earliest(before, PARIS, before)
    assert after == wire.moment(wire.local(after, PARIS), PARIS, after)
    assert before == wire.moment(wire.local(before, PARIS), PARIS, before)


@pytest.mark.parametrize("currency, text, minor", [("EUR", "7.998", 800), ("JPY", "500.0", 500)])
def test_amounts_are_rounded_to_the_currencys_own_units(currency: str, text: str, minor: int) -> None:
    assert Money(minor, currency) == wire.minor(text, currency)


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1e999999999", "12,50"])
def test_what_is_no_amount_is_unreadable(text: str) -> None:
    with pytest.raises(wire.Unreadable):
        wire.minor(text, "EUR")
