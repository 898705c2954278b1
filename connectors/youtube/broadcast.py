"""Which broadcast a channel's chat belongs to, and whether that one is over.

Source: YouTube Live Streaming API «LiveBroadcasts», Data API «Videos» (read 2026-10).
"""

from typing import TYPE_CHECKING, NamedTuple

from domain.errors import ActionRequired
from domain.sentences import sentence

if TYPE_CHECKING:
    from connectors.youtube.account import YouTubeAccount

OVER = frozenset({"complete", "revoked"})


class Broadcast(NamedTuple):
    """A video that is live, and its chat."""

    video_id: str
    chat_id: str


async def find_broadcast(account: "YouTubeAccount", id: str, *, not_chat: str = "") -> Broadcast | None:
    """What is on at the account's own channel, or at one video; None when nothing is. Costs a unit.

    `not_chat` is a chat that is over, whatever the lists still say of it. Raises `ActionRequired` when a
    person must choose, and as `YouTubeAccount.ask` does.
    """
    found = await (_running if id == account.channel_id else _of_video)(account, id)
    left = [one for one in found if one[1].chat_id not in ("", not_chat)]
    if len(left) > 1:
        names = ", ".join(f"youtube:{one.video_id} ({title})" for title, one in left)
        raise ActionRequired(
            sentence("The channel has several broadcasts on: open the live on one of {names}.", names=names)
        )
    return left[0][1] if left else None


async def is_over(account: "YouTubeAccount", video_id: str) -> bool:
    """What the broadcast's own life cycle says. Costs a unit."""
    items = (await account.ask("liveBroadcasts", part="status", id=video_id)).get("items") or []
    return any((item.get("status") or {}).get("lifeCycleStatus") in OVER for item in items)


async def _running(account: "YouTubeAccount", _: str) -> list[tuple[str, Broadcast]]:
    query = {"part": "id,snippet,status", "broadcastStatus": "active", "broadcastType": "all"}
    items = (await account.ask("liveBroadcasts", **query)).get("items") or []
    titles = [(item.get("snippet") or {}) for item in items]
    return [
        (str(about.get("title") or "?"), Broadcast(str(item["id"]), str(about.get("liveChatId") or "")))
        for item, about in zip(items, titles, strict=True)
    ]


async def _of_video(account: "YouTubeAccount", id: str) -> list[tuple[str, Broadcast]]:
    if id.startswith("UC"):
        raise ActionRequired(
            sentence(
                "{id} is not the channel that is logged in ({channel_id}): open the live on "
                "youtube:VIDEO_ID.",
                id=id,
                channel_id=account.channel_id,
            )
        )
    items = (await account.ask("videos", part="liveStreamingDetails", id=id)).get("items") or []
    if not items:
        raise ActionRequired(sentence("There is no YouTube video «{id}».", id=id))
    details = items[0].get("liveStreamingDetails") or {}
    return [("", Broadcast(id, str(details.get("activeLiveChatId") or "")))]
