"""Twitch's JSON into the words of the field. Pure, and tolerant of what is missing.

Source: Twitch «EventSub Reference», channel.chat.message v1 (read 2026-10).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.chat import Message, Role, Viewer

ROLES = {
    "broadcaster": Role.OWNER,
    "moderator": Role.MODERATOR,
    "lead_moderator": Role.MODERATOR,
    "subscriber": Role.SUBSCRIBER,
    "founder": Role.SUBSCRIBER,
}


def read_message(event: Mapping[str, Any], channel: str, bot_id: str, sent_at: datetime) -> Message | None:
    """The chat line in a `channel.chat.message` event; None for our own echo and for a line that
    Shared Chat brings from another channel, whose badges mean nothing here."""
    chatter_id = event["chatter_user_id"]
    if chatter_id == bot_id:
        return None
    source = event.get("source_broadcaster_user_id")
    if source and source != event.get("broadcaster_user_id"):
        return None
    badges = event.get("badges")
    login = event.get("chatter_user_login") or ""
    name = event.get("chatter_user_name") or login or chatter_id
    text = event["message"]["text"]
    if event.get("reply"):
        text = without_parent(text)
    viewer = Viewer(
        "twitch",
        chatter_id,
        name,
        login if login and name.lower() != login else name,
        read_role(badges) if badges else Role.VIEWER,
    )
    return Message(event["message_id"], channel, viewer, text, sent_at)


def without_parent(text: str) -> str:
    """A reply's text without the "@parent " that Twitch puts before it."""
    if text[:1] != "@":
        return text
    return text.partition(" ")[2].lstrip()


def read_role(badges: Sequence[Mapping[str, Any]]) -> Role:
    """The highest role that the badges give."""
    role = Role.VIEWER
    for badge in badges:
        given = ROLES.get(badge.get("set_id") or "", Role.VIEWER)
        if given > role:
            role = given
    return role


def read_moment(text: str | None) -> datetime | None:
    """An RFC 3339 time as aware UTC, cut to microseconds; None when there is none to read."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is UTC else _in_utc(moment)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
