"""Graph's JSON into the words of the field. Pure, and tolerant of what is missing.

Source: Meta «Comment» and «Live Video» (read 2026-10).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.chat import Message, Role, Viewer

FIELDS = "id,from{id,name},message,created_time,parent{id},can_reply_privately"
LIVE = "LIVE"


def read_comment(
    comment: Mapping[str, Any], channel: str, page_id: str, moderators: frozenset[str]
) -> Message | None:
    """The chat line in a comment; None without an author (Facebook keeps some to itself) or a text."""
    author = comment.get("from") or {}
    author_id, text = str(author.get("id") or ""), comment.get("message")
    if not author_id or not text or not comment.get("id"):
        return None
    role = Role.OWNER if author_id == page_id else Role.MODERATOR if author_id in moderators else Role.VIEWER
    name = str(author.get("name") or author_id)
    viewer = Viewer("facebook", author_id, name, name.replace(" ", "_"), role)
    return Message(str(comment["id"]), channel, viewer, str(text), read_moment(comment.get("created_time")))


def read_moment(text: Any) -> datetime:
    """A time as Graph writes it (`2026-10-01T10:00:00+0000`), aware UTC; now when there is none to read."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
