"""Each kind of shop that can be set is there."""

from importlib import import_module
from typing import get_args

import pytest

from shops.registry import KINDS
from shops.settings import Kind


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_be_opened(kind: str) -> None:
    assert callable(import_module(f"shops.{kind}.shop").open_shop)


def test_what_can_be_set_is_what_is_there() -> None:
    assert {*KINDS, ""} == {*get_args(Kind)}
