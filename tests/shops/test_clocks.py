"""A shop whose clock goes otherwise than ours: told when it matters, and a person is asked when it must."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from domain.errors import ActionRequired
from shops.clocks import ahead_by, clock_sentence
from tests.shops.rigs_woocommerce import a_shop, adapter

NOW = datetime(2026, 11, 23, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "sentence"), [(0, ""), (0.9, ""), (4, "4 minutes ahead"), (-5, "5 minutes behind")]
)
def test_a_difference_that_is_allowed_for_is_told(minutes: float, sentence: str) -> None:
    assert sentence in clock_sentence(timedelta(minutes=minutes))
    assert bool(sentence) == bool(clock_sentence(timedelta(minutes=minutes)))


def test_a_greater_one_needs_a_person() -> None:
    for minutes in (6, -90):
        with pytest.raises(ActionRequired, match="Set both clocks by a time server"):
            clock_sentence(timedelta(minutes=minutes))


def test_a_kept_answer_is_as_old_as_it_says() -> None:
    headers = {"Date": format_datetime(NOW - timedelta(hours=1), usegmt=True)}
    assert timedelta(hours=-1) == ahead_by(headers, NOW)
    assert timedelta(0) == ahead_by({**headers, "Age": "3600"}, NOW)


@pytest.mark.parametrize("headers", [{}, {"Date": ""}, {"Date": "soon"}, {"Date": "0"}, {"Date": "é"}])
def test_a_shop_that_does_not_tell_its_time_is_believed(headers: dict[str, str]) -> None:
    assert ahead_by(headers, NOW) is None
    assert clock_sentence(None) == ""


async def test_the_check_of_a_shop_tells_of_its_clock() -> None:
    async with a_shop() as shop:
        assert "clock" not in await asyncio.to_thread(adapter(shop).check)
        shop.model.shift = timedelta(minutes=4)
        assert "Its clock is 4 minutes ahead of ours" in await asyncio.to_thread(adapter(shop).check)
        shop.model.shift = timedelta(minutes=-30)
        with pytest.raises(ActionRequired, match="30 minutes behind ours"):
            await asyncio.to_thread(adapter(shop).check)
