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


def is_whole(comment: Mapping[str, Any]) -> bool:
    """Whether it says who wrote it, and when. Not every comment has a text: there are stickers."""
    author = comment.get("from")
    is_signed = isinstance(author, dict) and bool(author.get("id"))
    return is_signed and bool(comment.get("id")) and bool(comment.get("created_time"))


def post_of(comment_id: str) -> str:
    """What a comment is under: its id is `POST_COMMENT`, whether it is listed, told or pushed."""
    return comment_id.rpartition("_")[0]


def read_moment(text: Any) -> datetime:
    """A time as Graph writes it (`2026-10-01T10:00:00+0000`, in webhooks Unix seconds), aware UTC; now when
    there is none to read."""
    try:
        if isinstance(text, int):
            return datetime.fromtimestamp(text, UTC)
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
