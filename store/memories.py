"""What our accounts remember between runs: a text or a count by name."""

import json
from typing import Any

from sqlalchemy import Connection, text

_REMEMBER = text("""
    INSERT INTO memories (platform, account, name, value, number)
    VALUES (:platform, :account, :name, :value, 0)
    ON CONFLICT (platform, account, name) DO UPDATE SET value = excluded.value
""")
_COUNT = text("""
    INSERT INTO memories (platform, account, name, value, number)
    VALUES (:platform, :account, :name, '', :number)
    ON CONFLICT (platform, account, name) DO UPDATE SET number = memories.number + excluded.number
    RETURNING number
""")
_RECALL = text("""
    SELECT value FROM memories WHERE platform = :platform AND account = :account AND name = :name
""")


class Memories:
    """The memories of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def recall(self, platform: str, account: str, name: str) -> str | None:
        """The text under `name`, or None."""
        key = {"platform": platform, "account": account, "name": name}
        found: str | None = self._connection.execute(_RECALL, key).scalar()
        return found

    def remember(self, platform: str, account: str, name: str, value: str) -> None:
        """Keep `value` under `name`, in place of what was there."""
        row = {"platform": platform, "account": account, "name": name, "value": value}
        self._connection.execute(_REMEMBER, row)

    def count(self, platform: str, account: str, name: str, amount: int) -> int:
        """Add `amount` to the count under `name`, whoever else adds; the sum."""
        row = {"platform": platform, "account": account, "name": name, "number": amount}
        return int(self._connection.execute(_COUNT, row).scalar_one())


def without_viewer(value: str, viewer_id: str) -> str:
    """A memory without the viewer: connectors keep viewers as a JSON list, or as the keys of an object."""
    kept = _read(value)
    if isinstance(kept, list) and viewer_id in kept:
        return json.dumps([one for one in kept if one != viewer_id])
    if isinstance(kept, dict) and viewer_id in kept:
        return json.dumps({id: one for id, one in kept.items() if id != viewer_id})
    return value


def without_older(value: str, moment: float) -> str:
    """A memory of when what happened with whom (seconds since 1970), without what was before `moment`."""
    kept = _read(value)
    if not isinstance(kept, dict) or not all(isinstance(at, (int, float)) for at in kept.values()):
        return value
    recent = {id: at for id, at in kept.items() if at >= moment}
    return value if len(recent) == len(kept) else json.dumps(recent)


def _read(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return None
