"""What `bateleur doctor` looks at on Facebook."""

from collections.abc import Sequence

from connectors.facebook.account import FacebookAccount
from connectors.facebook.settings import FacebookSettings
from domain.errors import BateleurError
from domain.ports import Check, Memory


async def check_account(
    settings: FacebookSettings, channel_ids: Sequence[str], memory: Memory
) -> list[Check]:
    """What works of the Page and its live videos; nothing when Facebook is not used."""
    if settings.page_token is None and not channel_ids:
        return []
    account = FacebookAccount(settings, memory)
    try:
        name = await account.check()
    except BateleurError as error:
        return [Check("facebook token", False, str(error))]
    checks = [Check("facebook token", True, f"The Page is {name} ({account.page_id}).")]
    if settings.app_secret is None:
        why = "Set BATELEUR_FACEBOOK__APP_SECRET: an app may require proof of it with each call."
        checks.append(Check("facebook app secret", False, why))
    who = f"{len(account.moderators)} listed or paired; the Page itself may always give orders."
    checks.append(Check("facebook moderators", True, who))
    checks += [await _check_channel(account, id) for id in channel_ids]
    return checks


async def _check_channel(account: FacebookAccount, id: str) -> Check:
    name = f"facebook channel {id}"
    connector = account.channel(id)
    try:
        await connector.connect()
    except BateleurError as error:
        return Check(name, False, str(error))
    return Check(name, True, f"The live video {connector.live_id} is on; codes go out by private reply.")
