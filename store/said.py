"""What we said in public, and tried to say."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from domain.chat import Said
from store.columns import in_utc, storable
from store.tables import SaidRow, table_of

_said = table_of(SaidRow)


class SaidLog:
    """What was said, of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, account: str, said: Said) -> None:
        """Write down what `account` is about to say."""
        row = {
            "account": account,
            "channel": said.channel,
            "text": storable(said.text),
            "at": in_utc(said.at),
        }
        self._connection.execute(insert(_said), row)

    def since(self, account: str, moment: datetime) -> list[Said]:
        """What `account` said, or tried to say, after `moment`, the oldest first."""
        recent = select(_said).where(_said.c.account == account, _said.c.at > in_utc(moment))
        rows = self._connection.execute(recent.order_by(_said.c.at, _said.c.id))
        return [Said(row.channel, row.text, row.at) for row in rows]
