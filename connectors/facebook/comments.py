"""The comments of one live video, read by asking again and again, or taken as they are pushed; none twice,
none left out.

Facebook tells times to the second and shows some comments late: each look goes back a little further
than the last, and what was seen is dropped. What is pushed never moves where the next look begins.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.facebook.trust import Trust
from connectors.facebook.wire import FIELDS, post_of, read_comment, read_moment
from connectors.seen import Seen
from domain.chat import Message

if TYPE_CHECKING:
    from connectors.facebook.account import FacebookAccount

OVERLAP_S = 10
PAGE = 100
MOST_PAGES = 50
STALE = timedelta(minutes=5)
"""How old a comment may be that is still answered after we could not read, or did not run."""
NOTE_S = 5.0
Comment = Mapping[str, Any]


class Comments:
    """Where the reading of one live video stands; kept in the account's memory for the next run."""

    def __init__(self, account: "FacebookAccount", live_id: str, channel: str) -> None:
        self.authorless = 0
        self.trust = Trust()
        self._account = account
        self._live_id = live_id
        self._channel = channel
        self._seen = Seen()
        self._since = 0
        self._noted_at = 0.0
        self._history_until = 0
        self._is_baseline = False
        self._follows = False
        self._posts: set[str] = set()

    async def begin(self) -> list[Message]:
        """What stands there already, and is history; nothing when a run that stopped just now is followed."""
        kept = await self._account.memory.recall(self._name)
        since, history_until = map(int, (kept or "0 0").split())
        if time.time() - since < STALE.total_seconds():
            self._since, self._history_until, self._follows = since, history_until, True
            return []
        self._is_baseline = True
        history, _ = await self.look()
        self._is_baseline, self._history_until = False, self._since
        await self._note()
        return history

    def follow(self, moment: datetime) -> None:
        """Begin at `moment`: this live video follows another, and what was written since is no history."""
        self._since = self._history_until = int(moment.timestamp())
        self._follows = True

    async def look(self) -> tuple[list[Message], list[Comment]]:
        """The new messages of others, the oldest first, and the Page's own comments, as Graph has them."""
        found = await self._fetch()
        self._posts.update(post_of(str(comment.get("id"))) for comment in found)
        messages, own = self._sorted(found)
        moments = [int(read_moment(comment.get("created_time")).timestamp()) for comment in found]
        self._since = max([self._since, *moments])
        for message in messages:
            if not message.is_backfill:
                age_s = (datetime.now(UTC) - message.sent_at).total_seconds()
                self.trust.found(message.id, age_s, time.monotonic())
        if not self._is_baseline and time.monotonic() - self._noted_at > NOTE_S:
            await self._note()
        return messages, own

    def is_of_this(self, id: str) -> bool | None:
        """Whether a comment of that id is one of these; None before any has shown what theirs look like.

        A live video, its video and its post have an id each, and Meta does not say which one a comment's
        begins with: those that were listed tell.
        """
        if post_of(id) in (*self._posts, self._live_id):
            return True
        return False if self._posts else None

    def take(self, pushed: Comment) -> tuple[list[Message], list[Comment]]:
        """The same as `look` gives, of a comment that is known to be one of these."""
        messages, own = self._sorted([pushed])
        self.trust.pushed(str(pushed.get("id")), is_new=bool(messages))
        return messages, own

    def forget(self, id: str) -> None:
        """A comment was removed: should it be told late, it is not read."""
        self._seen.is_new(id)

    def _sorted(self, comments: Iterable[Comment]) -> tuple[list[Message], list[Comment]]:
        messages: list[Message] = []
        own: list[Comment] = []
        for comment in comments:
            if not self._seen.is_new(str(comment.get("id"))):
                continue
            if str((comment.get("from") or {}).get("id")) == self._account.page_id:
                own.append(comment)
            message = self._read(comment)
            if message is not None:
                messages.append(message)
        return messages, own

    def _read(self, comment: Comment) -> Message | None:
        account = self._account
        message = read_comment(comment, self._channel, account.page_id, account.moderators)
        if message is None:
            self.authorless += 1
            return None
        is_before = self._follows and message.sent_at.timestamp() <= self._history_until
        is_history = self._is_baseline or is_before
        is_old = is_history or datetime.now(UTC) - message.sent_at > STALE
        if not is_old:
            return message
        return Message(message.id, message.channel, message.author, message.text, message.sent_at, True)

    async def _fetch(self) -> list[Comment]:
        query: dict[str, str | int] = {
            "fields": FIELDS,
            "filter": "stream",
            "live_filter": "no_filter",
            "order": "chronological",
            "since": max(0, self._since - OVERLAP_S),
            "limit": PAGE,
        }
        found: list[Comment] = []
        for _ in range(MOST_PAGES):
            page = await self._account.ask(f"{self._live_id}/comments", **query)
            found += page.get("data") or []
            paging = page.get("paging") or {}
            after = (paging.get("cursors") or {}).get("after")
            if not paging.get("next") or not after:
                break
            query["after"] = str(after)
        return found

    async def _note(self) -> None:
        self._noted_at = time.monotonic()
        await self._account.memory.remember(self._name, f"{self._since} {self._history_until}")

    @property
    def _name(self) -> str:
        return f"comments read until, {self._live_id}"
