"""What `bateleur doctor` looks at: each credential and address, and how to mend what does not work."""

import asyncio
from collections.abc import Sequence

import aiohttp

from connectors.twitch.helix import Helix
from connectors.twitch.id_server import Identity, IdServer
from connectors.twitch.kept import keep_in, with_kept_tokens
from connectors.twitch.outcome import Answered, Unclear, Unreached
from connectors.twitch.reader import Reader
from connectors.twitch.settings import TwitchSettings
from connectors.twitch.tokens import SaveToken, Tokens, save_nowhere
from domain.errors import ActionRequired, BateleurError
from domain.ports import Check, Memory

ANSWER_S = 10.0
SHORT_S = 600


async def check_account(settings: TwitchSettings, channel_ids: Sequence[str], memory: Memory) -> list[Check]:
    """Everything that the bot of `settings` needs of Twitch, with the tokens of its last login."""
    return await check(with_kept_tokens(settings, memory), channel_ids, keep_in(memory))


async def check(
    settings: TwitchSettings, channel_ids: Sequence[str] = (), save_token: SaveToken = save_nowhere
) -> list[Check]:
    """Everything that a bot needs of Twitch. Says nothing in any chat. Raises nothing."""
    async with aiohttp.ClientSession() as session:
        tokens = Tokens(settings, save_token)
        tokens.ids = IdServer(session, settings, ANSWER_S)
        token_check, identity = await _check_token(tokens)
        checks = [token_check]
        if identity is None:
            return checks
        checks += [_check_expiry(settings, identity)]
        helix = Helix(session, settings, tokens, ANSWER_S)
        checks += [await _check_eventsub(settings, helix, identity)]
        for id in channel_ids or (identity.user_id,):
            channel = await _check_channel(settings, helix, id)
            checks += [channel]
            if channel.ok and channel_ids:
                checks += [_check_rights(identity, id)]
    return checks


async def _check_token(tokens: Tokens) -> tuple[Check, Identity | None]:
    try:
        identity = await tokens.check()
    except ActionRequired as error:
        return Check("twitch token", False, str(error)), None
    except BateleurError as error:
        sentence = f"{error} Check BATELEUR_TWITCH__ID_URL and the network."
        return Check("twitch token", False, sentence), None
    given = "scopes not told" if identity.scopes is None else " ".join(sorted(identity.scopes))
    return Check(
        "twitch token", True, f"The bot is {identity.login or identity.user_id} ({given})."
    ), identity


def _check_expiry(settings: TwitchSettings, identity: Identity) -> Check:
    left = identity.expires_in_s
    if settings.bot_refresh_token is not None:
        return Check("twitch renewal", True, "The token renews itself.")
    if left is None or left == 0 or left > SHORT_S:
        until = "does not expire" if not left else f"is good for {left // 3600} h {left % 3600 // 60} min"
        return Check("twitch renewal", True, f"The token {until}, and nothing renews it.")
    sentence = f"The token ends in {left // 60} min and nothing renews it: run `bateleur login twitch`."
    return Check("twitch renewal", False, sentence)


async def _check_eventsub(settings: TwitchSettings, helix: Helix, identity: Identity) -> Check:
    reader = Reader(helix, identity.user_id, lambda _: None, asyncio.Event())
    try:
        await reader.open(settings.eventsub_url, settings.keepalive_s, ANSWER_S)
    except Unreached as error:
        return Check("twitch chat", False, f"{error}. Check BATELEUR_TWITCH__EVENTSUB_URL and the network.")
    finally:
        await reader.close()
    return Check("twitch chat", True, "EventSub gives its welcome.")


async def _check_channel(settings: TwitchSettings, helix: Helix, channel_id: str) -> Check:
    name = f"twitch channel {channel_id}"
    try:
        missing = await helix.why_missing(channel_id)
    except (Answered, Unreached, Unclear, BateleurError) as error:
        return Check(name, False, f"Helix: {error}. Check BATELEUR_TWITCH__API_URL and the network.")
    return Check(name, not missing, missing or "The channel exists.")


def _check_rights(identity: Identity, channel_id: str) -> Check:
    name = f"twitch rights in {channel_id}"
    if channel_id == identity.user_id:
        return Check(name, True, "The bot is the broadcaster: 100 messages in 30 s.")
    sentence = (
        "Whether the bot is a moderator shows with its first message; "
        f"type /mod {identity.login} there for 100 messages in 30 s instead of 20."
    )
    return Check(name, True, sentence)
