"""Every platform of the registry can be imported."""

import pytest

from connectors.registry import CONNECTORS, account_type
from domain.errors import Refusal


@pytest.mark.parametrize("platform", CONNECTORS)
def test_every_platform_has_an_account(platform: str) -> None:
    assert callable(account_type(platform).channel)


def test_an_unknown_platform_is_refused_naming_the_known_ones() -> None:
    with pytest.raises(Refusal, match="there are: twitch"):
        account_type("minitel")
