"""Where other rows name a viewer: what we said to them, and what moderators wrote or did about them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    bindparam,
    cast,
    func,
    select,
    update,
)

from domain.audited import IN_CHAT, is_of_a_chat
from store.tables import AskRow, AuditRow, SaidRow, table_of

_asks = table_of(AskRow)
_said = table_of(SaidRow)
_audit = table_of(AuditRow)
_PLACES = ((_said, _said.c.text), (_asks, _asks.c.argument))
_ANY = re.compile(r"(?<!\S)@\S+")
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

    def audited(self, names: Names) -> Iterator[tuple[datetime, str]]:
        """When something was done about the viewer, or by them as a moderator, and what; nobody else is
        named."""
        for row in self._entries(_audit.c.id > 0):
            done_by_them = f"{row.who}: {row.action}" if is_of_a_chat(row.who) else ""
            for words in _words_in([done_by_them, row.before, row.after]):
                if names.are_in(words):
                    yield row.at, names.alone(words)

    def hide_in_audit(self, names: Names) -> int:
        """Put somebody in place of the viewer in the audit log; in how many entries."""
        return self._rewrite(self._entries(_audit.c.id > 0), names.without)

    def fade_in_audit(self, before: datetime) -> int:
        """Put somebody in place of every viewer that older entries of the audit log name; in how many."""
        return self._rewrite(self._entries(_audit.c.at < before), lambda words: _ANY.sub(SOMEBODY, words))

    def _entries(self, which: ColumnElement[bool]) -> Iterator[Row[Any]]:
        """Entries with an @ in what they tell, orders that name a viewer among them, and those of the chats'
        moderators."""
        told = cast(_audit.c.after, String).like("%@%") | cast(_audit.c.before, String).like("%@%")
        named = told | _audit.c.who.like(IN_CHAT)
        yield from self._connection.execute(select(_audit).where(which, named).order_by(_audit.c.id)).all()

    def _rewrite(self, entries: Iterable[Row[Any]], change: Callable[[str], str]) -> int:
        changed = 0
        for row in entries:
            stood = {"who": row.who, "before": row.before, "after": row.after}
            values = {name: _changed(value, change) for name, value in stood.items()}
            if not is_of_a_chat(row.who):
                values["who"] = row.who
            if values != stood:
                self._connection.execute(update(_audit).where(_audit.c.id == row.id).values(values))
                changed += 1
        return changed

    def _found(self, table: Any, column: Any, names: Names) -> Iterator[Any]:
        columns = (table.c.id, table.c.channel, table.c.at, column.label("words"))
        for like in names.likes:
            # LIKE is loose about case and ends; what it finds is looked at again.
            loose = func.lower(column).like(like, escape="!")
            for row in self._connection.execute(select(*columns).where(loose).order_by(table.c.id)).all():
                if names.are_in(row.words):
                    yield row


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """A value of JSON with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_changed(one, change) for one in value]
    if isinstance(value, dict):
        return {name: _changed(one, change) for name, one in value.items()}
    return value


def _words_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _words_in(one)
    elif isinstance(value, dict):
        yield from _words_in(list(value.values()))
