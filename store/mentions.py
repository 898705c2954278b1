"""Where other rows name a viewer: what we said to them, and what moderators wrote about them."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from store.tables import AskRow, SaidRow, table_of

_asks = table_of(AskRow)
_said = table_of(SaidRow)
_PLACES = ((_said, _said.c.text), (_asks, _asks.c.argument))
_ANY = re.compile(r"@\S+")
SOMEBODY = "@…"


class Names:
    """One viewer's names, as they stand after an @: whole, and as a mention writes them, without spaces."""

    def __init__(self, names: Sequence[str]) -> None:
        spelled = {form for name in names for form in (name.strip(), "".join(name.split())) if form}
        self._spelled = sorted((form.removeprefix("@") for form in spelled), key=len, reverse=True)
        any_of = "|".join(map(re.escape, filter(None, self._spelled)))
        self._pattern = re.compile(rf"@(?:{any_of})(?=\s|$)", re.IGNORECASE) if any_of else None

    @property
    def likes(self) -> list[str]:
        """Patterns for LIKE with the escape `!`, in lower case."""
        escaped = (re.sub(r"([!%_])", r"!\1", name.lower()) for name in self._spelled if name)
        return [f"%@{name}%" for name in escaped]

    def are_in(self, text: str) -> bool:
        """Whether `text` names the viewer."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def without(self, text: str) -> str:
        """`text` with somebody in place of the viewer."""
        return self._pattern.sub(SOMEBODY, text) if self._pattern else text

    def alone(self, text: str) -> str:
        """`text` with somebody in place of everybody else: nobody is told of others."""
        return _ANY.sub(lambda found: found[0] if self.are_in(found[0]) else SOMEBODY, text)


class Mentions:
    """The mentions of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, names: Names) -> Iterator[tuple[str, datetime, str]]:
        """Channel, time and text of each, with nobody else named."""
        for table, column in _PLACES:
            for row in self._found(table, column, names):
                yield row.channel, row.at, names.alone(row.words)

    def hide(self, names: Names, limit: int) -> int:
        """Put somebody in place of the viewer in the next `limit` rows that name them; how many."""
        hidden = 0
        for table, column in _PLACES:
            rows = list(self._found(table, column, names))[: limit - hidden]
            values = [{"of_id": row.id, "words": names.without(row.words)} for row in rows]
            if values:
                changed = update(table).where(table.c.id == bindparam("of_id"))
                self._connection.execute(changed.values({column.name: bindparam("words")}), values)
            hidden += len(values)
        return hidden

    def _found(self, table: Any, column: Any, names: Names) -> Iterator[Any]:
        columns = (table.c.id, table.c.channel, table.c.at, column.label("words"))
        for like in names.likes:
            # LIKE is loose about case and ends; what it finds is looked at again.
            loose = func.lower(column).like(like, escape="!")
            for row in self._connection.execute(select(*columns).where(loose).order_by(table.c.id)).all():
                if names.are_in(row.words):
                    yield row
