"""Subscribing one channel on a socket, and what Twitch's refusals mean."""

from datetime import UTC, datetime

import structlog

from connectors.twitch.helix import Helix
from connectors.twitch.library import (
    ChatMessageSubscription,
    StreamOfflineSubscription,
    StreamOnlineSubscription,
)
from connectors.twitch.outcome import Answered, Unclear, Unreached
from connectors.twitch.place import Place
from connectors.twitch.reader import Reader
from connectors.twitch.wire import read_moment
from domain.errors import ActionRequired, BateleurError, Fault
from domain.sentences import sentence, sentence_of

log = structlog.get_logger()


async def subscribe_chat(helix: Helix, place: Place, reader: Reader, user_id: str, refused_s: float) -> str:
    """Subscribe a channel's chat on a socket; an empty string, or why it failed for now.

    A refusal that only a person can lift is kept by the place.
    """
    channel_id = place.connector.id
    payload = ChatMessageSubscription(broadcaster_user_id=channel_id, user_id=user_id)
    try:
        await helix.subscribe(payload, reader.session_id or "", user_id)
    except Answered as error:
        if error.status == 400 and "session" in error.message.lower():
            await reader.close()
            return sentence_of(error)
        if error.is_passing:
            place.postpone(error.wait_s)
            return sentence_of(error)
        if error.status != 409:
            place.refuse(await _why(helix, channel_id, error), refused_s)
            return sentence_of(error)
    except (Unreached, Unclear, Fault) as error:
        place.postpone(None)
        return sentence_of(error)
    except ActionRequired as error:
        place.refuse(error.sentence, refused_s)
        return sentence_of(error)
    place.found(reader)
    return ""


async def follow_broadcast(helix: Helix, place: Place, reader: Reader, user_id: str) -> None:
    """Ask for the start and end of the broadcast, and whether it runs now. Nice to have: a channel
    whose broadcast cannot be followed is still read."""
    connector = place.connector
    for kind in (StreamOnlineSubscription, StreamOfflineSubscription):
        try:
            await helix.subscribe(kind(broadcaster_user_id=connector.id), reader.session_id or "", user_id)
        except (Answered, Unreached, Unclear, BateleurError) as error:
            if not (isinstance(error, Answered) and error.status == 409):
                log.info("twitch_broadcast_not_followed", channel=connector.channel, why=str(error))
    try:
        started_at = await helix.started_at(connector.id)
    except (Answered, Unreached, Unclear, BateleurError) as error:
        log.info("twitch_broadcast_unknown", channel=connector.channel, why=str(error))
    else:
        connector.find_broadcast(started_at is not None, read_moment(started_at) or datetime.now(UTC))


async def _why(helix: Helix, channel_id: str, error: Answered) -> str:
    try:
        missing = await helix.why_missing(channel_id)
    except (Answered, Unreached, Unclear, BateleurError):
        missing = ""
    return missing or sentence(
        "Twitch does not let the bot read {channel} ({error}): lift its ban there, "
        "or run `bateleur login twitch` again.",
        channel=f"twitch:{channel_id}",
        error=error,
    )
