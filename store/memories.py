"""What our accounts remember between runs: a text or a count by name."""

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
