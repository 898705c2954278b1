"""EventSub frames as Twitch writes them, every key present.

Source: Twitch «EventSub WebSocket message types» and «channel.chat.message» (read 2026-10).
"""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from standins.people import Chatter


@dataclass(frozen=True, slots=True)
class Parent:
    """A message that may be replied to."""

    id: str
    author: Chatter
    text: str


def stamp(age_s: float = 0.0) -> str:
    """The time `age_s` ago as Twitch writes it, RFC 3339 with nanoseconds."""
    return (datetime.now(UTC) - timedelta(seconds=age_s)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def frame(kind: str, payload: dict[str, Any], *, subscription: str = "", age_s: float = 0.0) -> str:
    """One text frame."""
    metadata: dict[str, Any] = {
        "message_id": str(uuid.uuid4()),
        "message_type": kind,
        "message_timestamp": stamp(age_s),
    }
    if subscription:
        metadata |= {"subscription_type": subscription, "subscription_version": "1"}
    return json.dumps({"metadata": metadata, "payload": payload}, ensure_ascii=False)


def session(id: str, status: str, keepalive_s: int | None, reconnect_url: str | None) -> dict[str, Any]:
    """The payload of a welcome or of a reconnect."""
    return {
        "session": {
            "id": id,
            "status": status,
            "keepalive_timeout_seconds": keepalive_s,
            "reconnect_url": reconnect_url,
            "connected_at": stamp(),
            "recovery_url": None,
        }
    }


def chat_event(
    channel: Chatter,
    author: Chatter,
    text: str,
    message_id: str,
    *,
    parent: Parent | None,
    source: Chatter | None,
) -> dict[str, Any]:
    """The event of one chat message; `source` is the channel of a Shared Chat where it was written."""
    badges = [{"set_id": badge, "id": "1", "info": ""} for badge in author.badges]
    return {
        "broadcaster_user_id": channel.id,
        "broadcaster_user_login": channel.login,
        "broadcaster_user_name": channel.name,
        "chatter_user_id": author.id,
        "chatter_user_login": author.login,
        "chatter_user_name": author.name,
        "message_id": message_id,
        "message": {
            "text": text,
            "fragments": [{"type": "text", "text": text, "cheermote": None, "emote": None, "mention": None}],
        },
        "message_type": "text",
        "color": "#00FF7F",
        "badges": badges,
        "cheer": None,
        "reply": _reply(parent) if parent else None,
        "channel_points_custom_reward_id": None,
        "channel_points_animation_id": None,
        "source_broadcaster_user_id": source.id if source else None,
        "source_broadcaster_user_login": source.login if source else None,
        "source_broadcaster_user_name": source.name if source else None,
        "source_message_id": str(uuid.uuid4()) if source else None,
        "source_badges": badges if source else None,
        "is_source_only": False if source else None,
    }


def _reply(parent: Parent) -> dict[str, str]:
    author = parent.author
    return {
        "parent_message_id": parent.id,
        "parent_message_body": parent.text,
        "parent_user_id": author.id,
        "parent_user_name": author.name,
        "parent_user_login": author.login,
        "thread_message_id": parent.id,
        "thread_user_id": author.id,
        "thread_user_name": author.name,
        "thread_user_login": author.login,
    }
