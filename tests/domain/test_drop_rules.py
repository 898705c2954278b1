from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.drop_rules import LONGEST, MAX_QUANTITY, SHORTEST, DropOrder, read_drop


@pytest.mark.parametrize(
    ("argument", "quantity", "duration"),
    [
        ("50 10m", 50, timedelta(minutes=10)),
        ("50 10 min", 50, timedelta(minutes=10)),
        ("1 90S", 1, timedelta(seconds=90)),
        ("3   1h", 3, timedelta(hours=1)),
    ],
)
def test_a_drop_is_how_many_and_how_long(argument: str, quantity: int, duration: timedelta) -> None:
    assert read_drop(argument) == DropOrder(quantity, duration)


@given(st.text(max_size=30) | st.from_regex(r"\A-?[0-9]{0,7} ?[0-9]{0,6} ?[smhd]?\Z"))
def test_whatever_is_typed_an_order_is_within_bounds_or_none(argument: str) -> None:
    order = read_drop(argument)
    if order is not None:
        assert 1 <= order.quantity <= MAX_QUANTITY
        assert SHORTEST <= order.duration <= LONGEST
