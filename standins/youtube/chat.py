"""A broadcast's chat: its lines, and the pages in which they are handed out."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from standins.people import Chatter

HISTORY = 75
CHAT_ENDED = "chatEndedEvent"
Page = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the chat."""

    id: str
    author: Chatter
    text: str
    at: str
    kind: str = "textMessageEvent"


class Chat:
    """The lines. A page token is the number of the line that follows."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.lines: list[Line] = []
        self.offline_at: str | None = None
        self._news = asyncio.Event()

    def add(self, author: Chatter, text: str, kind: str = "textMessageEvent") -> Line:
        """Someone writes; whoever waits for news is told."""
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        line = Line(f"LCC.{self.id}.{len(self.lines)}", author, text, at, kind)
        self.lines.append(line)
        self._news.set()
        self._news = asyncio.Event()
        return line

    async def wait(self, seconds: float) -> None:
        """Until something is written, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    def page(self, token: str | None, most: int) -> Page:
        """What follows `token`; without one, the latest lines."""
        start = int(token) if token is not None else max(0, len(self.lines) - HISTORY)
        items = [self.item(line) for line in self.lines[start : start + most]]
        page = {
            "kind": "youtube#liveChatMessageListResponse",
            "etag": "e",
            "nextPageToken": str(start + len(items)),
            "pageInfo": {"totalResults": len(items), "resultsPerPage": len(items)},
            "items": items,
        }
        return page if self.offline_at is None else {**page, "offlineAt": self.offline_at}

    def item(self, line: Line) -> dict[str, Any]:
        """A line as the API writes it."""
        author = line.author
        snippet: dict[str, Any] = {
            "type": line.kind,
            "liveChatId": self.id,
            "authorChannelId": author.id,
            "publishedAt": line.at,
            "hasDisplayContent": bool(line.text),
            "displayMessage": line.text,
        }
        if line.kind == "textMessageEvent":
            snippet["textMessageDetails"] = {"messageText": line.text}
        if line.kind == "superChatEvent":
            money = {"amountMicros": "5000000", "currency": "EUR", "amountDisplayString": "5,00 €", "tier": 2}
            snippet["superChatDetails"] = {**money, "userComment": line.text}
        return {
            "kind": "youtube#liveChatMessage",
            "etag": "e",
            "id": line.id,
            "snippet": snippet,
            "authorDetails": {
                "channelId": author.id,
                "channelUrl": f"http://www.youtube.com/channel/{author.id}",
                "displayName": author.name,
                "profileImageUrl": "https://img.example/p.jpg",
                "isVerified": False,
                "isChatOwner": "owner" in author.badges,
                "isChatSponsor": "subscriber" in author.badges,
                "isChatModerator": "moderator" in author.badges,
            },
        }
