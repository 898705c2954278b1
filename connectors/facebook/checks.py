"""What `bateleur doctor` looks at on Facebook."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from connectors.facebook.account import FacebookAccount
from connectors.facebook.settings import FacebookSettings, Read
from connectors.facebook.stream import StreamLost, pushed_comments
from domain.errors import BateleurError
from domain.ports import Check, Memory

STREAM_S = 10.0


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
    if settings.read is Read.WEBHOOK:
        checks.append(_check_webhook(settings))
    who = f"{len(account.moderators)} listed or paired; the Page itself may always give orders."
    checks.append(Check("facebook moderators", True, who))
    for id in channel_ids:
        checks += await _check_channel(account, id)
    return checks


def _check_webhook(settings: FacebookSettings) -> Check:
    name, needs = "facebook webhook", "BATELEUR_FACEBOOK__APP_SECRET and BATELEUR_FACEBOOK__VERIFY_TOKEN"
    if settings.app_secret is None or settings.verify_token is None:
        return Check(name, False, f"No notice can be believed, comments are only looked for: set {needs}.")
    return Check(name, True, "Signed notices are taken at PUBLIC_URL/hooks/facebook.")


async def _check_channel(account: FacebookAccount, id: str) -> list[Check]:
    name = f"facebook channel {id}"
    connector = account.channel(id)
    try:
        await connector.connect()
    except BateleurError as error:
        return [Check(name, False, str(error))]
    on = Check(name, True, f"The live video {connector.live_id} is on; codes go out by private reply.")
    is_streamed = account.settings.read is Read.STREAM
    return [on, await _check_stream(account, connector.live_id)] if is_streamed else [on]


async def _check_stream(account: FacebookAccount, live_id: str) -> Check:
    name = f"facebook stream {live_id}"
    try:
        async with asyncio.timeout(STREAM_S), aclosing(pushed_comments(account.graph, live_id)) as pushed:
            await anext(pushed)
    except (StreamLost, TimeoutError) as lost:
        why = f"Facebook does not offer it ({str(lost) or 'no answer'}): comments are looked at instead."
        return Check(name, False, f"{why} Set BATELEUR_FACEBOOK__READ=poll, and it is not asked for.")
    return Check(name, True, "Comments are pushed as they are written.")
