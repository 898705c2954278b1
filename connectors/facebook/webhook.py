"""Facebook's notices of comments: believed only when they are signed, and read only as far as they suffice.

Notices come in batches, in any order, more than once, and for hours after. A comment is taken from one
only when nothing is missing in it and the listed comments of our live video have shown whose it is;
else the comments are looked at as ever.
Source: Meta «Webhooks: getting started», X-Hub-Signature-256; «Page webhooks», feed (read 2026-10).
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.facebook.wire import read_moment

Comment = Mapping[str, Any]
UNREAD_VERBS = frozenset({"edited", "hide", "unhide"})


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice tells. `comments` have the form in which Graph lists them, the oldest first; `removed`
    are ids of comments that are gone; `is_enough` False: there is more to it, to be looked at."""

    comments: tuple[Comment, ...] = ()
    removed: tuple[str, ...] = ()
    is_enough: bool = False


def is_genuine(raw_body: bytes, signature: str, app_secret: str) -> bool:
    """Whether the body, as it came, carries the app's own signature."""
    expected = hmac.new(app_secret.encode(), raw_body, hashlib.sha256).hexdigest()
    given = signature.removeprefix("sha256=")
    return bool(app_secret) and secrets.compare_digest(expected.encode(), given.encode())


def challenge(query: Mapping[str, str], verify_token: str) -> str | None:
    """What to answer when Facebook asks whose the address is; None when it does not know our word."""
    is_ours = secrets.compare_digest(query.get("hub.verify_token", "").encode(), verify_token.encode())
    if not verify_token or not is_ours or query.get("hub.mode") != "subscribe":
        return None
    return query.get("hub.challenge", "")


def read_notice(raw_body: bytes) -> Told:
    """What the body tells; one that cannot be read tells that there is something to look at."""
    try:
        changes = list(_changes(json.loads(raw_body)))
    except (ValueError, RecursionError):
        return Told()
    comments: list[Comment] = []
    removed: list[str] = []
    is_enough = bool(changes)
    for field, value in changes:
        verb = value.get("verb")
        if field != "feed":
            is_enough = False
        elif value.get("item") not in (None, "comment"):
            continue  # a reaction, a share: not of the chat
        elif verb == "remove":
            removed.append(str(value.get("comment_id")))
        elif verb == "add":
            comments.append(_as_listed(value))
        elif verb not in UNREAD_VERBS:
            is_enough = False
    comments.sort(key=lambda comment: read_moment(comment["created_time"]))
    return Told(tuple(comments), tuple(removed), is_enough)


def _changes(body: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Each change's field and value, as far as they have the documented form."""
    entries = body.get("entry") if isinstance(body, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else ():
            value = change.get("value") if isinstance(change, dict) else None
            if isinstance(value, dict):
                yield change.get("field"), value


def _as_listed(value: Mapping[str, Any]) -> Comment:
    return {
        "id": str(value.get("comment_id") or ""),
        "from": value.get("from"),
        "message": value.get("message"),
        "created_time": value.get("created_time"),
    }
