"""Every platform of the registry can be imported."""

import pytest

from connectors.facebook.settings import FacebookSettings
from connectors.registry import PLATFORMS, check_account, open_account
from connectors.twitch.settings import TwitchSettings
from connectors.youtube.settings import YouTubeSettings
from domain.errors import Refusal
from domain.ports import Memory


def test_every_platform_has_an_account(forgetful: Memory) -> None:
    settings = {"twitch": TwitchSettings(), "youtube": YouTubeSettings(), "facebook": FacebookSettings()}
    assert set(PLATFORMS) == set(settings)
    for platform, own in settings.items():
        assert f"{platform}:7" == open_account(platform, own, forgetful).channel("7").channel


async def test_every_platform_can_be_checked(forgetful: Memory) -> None:
    checks = await check_account("twitch", TwitchSettings(), (), forgetful)
    assert [False] == [check.ok for check in checks]
    assert "bateleur login twitch" in checks[0].sentence


def test_an_unknown_platform_is_refused_naming_the_known_ones(forgetful: Memory) -> None:
    with pytest.raises(Refusal, match="there are: twitch"):
        open_account("minitel", None, forgetful)
