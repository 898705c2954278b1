"""Whether a shop's clock and ours agree, by the time that it puts on its answers."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from domain.errors import ActionRequired
from domain.redemption import CLOCK_SKEW
from domain.sentences import sentence

WORTH_TELLING = timedelta(minutes=1)


def ahead_by(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How far the shop's clock is ahead of ours, to the second; None when it does not tell."""
    try:
        told = parsedate_to_datetime(headers.get("Date", ""))
        age = timedelta(seconds=int(headers.get("Age") or 0))
    except (ValueError, TypeError, OverflowError):
        return None
    return told.replace(tzinfo=told.tzinfo or UTC) + age - now


def clock_sentence(ahead: timedelta | None) -> str:
    """What the operator should know of a difference; empty when it does not matter.

    Raises `ActionRequired` for one that is greater than what orders are forgiven.
    """
    if ahead is None or abs(ahead) < WORTH_TELLING:
        return ""
    minutes = round(abs(ahead).total_seconds() / 60)
    way = "{minutes} minutes ahead of ours" if ahead > timedelta(0) else "{minutes} minutes behind ours"
    said = sentence(way, minutes=minutes)
    if abs(ahead) > CLOCK_SKEW:
        raise ActionRequired(
            sentence(
                "The shop's clock is {said}: orders would be judged by a wrong time, and webhooks "
                "refused. Set both clocks by a time server.",
                said=said,
            )
        )
    return f"Its clock is {said}, which is allowed for."
