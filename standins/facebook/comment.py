"""A comment as the stand-in keeps it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from standins.people import Chatter


@dataclass(slots=True)
class Comment:
    """One comment; `author` None: Facebook keeps who wrote it to itself. `at` is Unix seconds."""

    id: str
    author: Chatter | None
    text: str
    at: float
    parent: str | None = None
    is_low_quality: bool = False
    is_removed: bool = False

    def shown(self) -> dict[str, Any]:
        """What Graph shows of it."""
        at = datetime.fromtimestamp(int(self.at), UTC)
        shown: dict[str, Any] = {
            "id": self.id,
            "message": self.text,
            "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        }
        if self.author is not None:
            shown["from"] = {"id": self.author.id, "name": self.author.name}
        if self.parent is not None:
            shown["parent"] = {"id": self.parent}
        return shown
