"""What `bateleur doctor` looks at on YouTube."""

from collections.abc import Sequence

from connectors.youtube.account import YouTubeAccount
from connectors.youtube.kept import with_kept_token
from connectors.youtube.outcome import Refused
from connectors.youtube.quota import plan
from connectors.youtube.settings import YouTubeSettings
from domain.errors import BateleurError
from domain.ports import Check, Memory

EVENING_S, POLLING_S = 4 * 3600.0, 5.0
"""A usual live, and how often YouTube usually lets its chat be looked at."""


async def check_account(settings: YouTubeSettings, channel_ids: Sequence[str], memory: Memory) -> list[Check]:
    """What works of the account and its broadcasts; nothing when YouTube is not used."""
    try:
        settings = with_kept_token(settings, memory)
    except BateleurError as error:
        return [Check("youtube login", False, str(error))] if channel_ids else []
    if settings.refresh_token is None and not channel_ids:
        return []
    account = YouTubeAccount(settings, memory)
    try:
        await account.check()
    except Refused as error:
        return [Check("youtube login", False, str(account.in_our_words(error)))]
    except BateleurError as error:
        return [Check("youtube login", False, str(error))]
    left = settings.daily_units - account.spent
    checks = [
        Check("youtube login", True, f"The channel is {account.channel_id}."),
        _check_units(left, settings.daily_units),
    ]
    checks += [await _check_channel(account, id) for id in channel_ids]
    await account.rest()
    return checks


def _check_units(left: int, daily: int) -> Check:
    """What is left, and what an evening is like with it, should YouTube end its streams early."""
    words = plan(left, EVENING_S, POLLING_S).in_words()
    sentence = (
        f"{left} of {daily} units are left today. In a live of four hours {words}; in a shorter one more."
    )
    return Check("youtube units", left > 0, sentence)


async def _check_channel(account: YouTubeAccount, id: str) -> Check:
    connector = account.channel(id)
    try:
        await connector.connect()
    except BateleurError as error:
        return Check(f"youtube channel {id}", False, str(error))
    return Check(f"youtube channel {id}", True, f"The broadcast {connector.video_id} is on.")
