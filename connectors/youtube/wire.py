"""The API's JSON into the words of the field. Pure, and tolerant of what is missing.

Source: YouTube Live Streaming API «LiveChatMessages» (read 2026-10).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.chat import Message, Role, Viewer

PART = "id,snippet,authorDetails"
Page = dict[str, Any]
"""A LiveChatMessageListResponse, however it came."""
CHAT_ENDED = "chatEndedEvent"


def read_item(item: Mapping[str, Any], channel: str) -> Message | None:
    """The chat line in an item: what was written, or written beside a Super Chat; None for all else."""
    snippet, author = item.get("snippet") or {}, item.get("authorDetails") or {}
    text = (snippet.get("textMessageDetails") or {}).get("messageText")
    text = text or (snippet.get("superChatDetails") or {}).get("userComment")
    author_id = author.get("channelId") or snippet.get("authorChannelId")
    if not text or not author_id or not item.get("id"):
        return None
    name = str(author.get("displayName") or author_id).removeprefix("@")
    viewer = Viewer("youtube", str(author_id), name, name, read_role(author))
    return Message(str(item["id"]), channel, viewer, str(text), read_moment(snippet.get("publishedAt")))


def read_role(author: Mapping[str, Any]) -> Role:
    """The highest role that the author has."""
    if author.get("isChatOwner"):
        return Role.OWNER
    if author.get("isChatModerator"):
        return Role.MODERATOR
    return Role.SUBSCRIBER if author.get("isChatSponsor") else Role.VIEWER


def read_moment(text: Any) -> datetime:
    """An RFC 3339 time, aware UTC; now when there is none to read."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
