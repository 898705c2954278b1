"""The audit log: every change made in the console, by a moderator in a chat or on the command line, written
with the change itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from domain.people import Audited
from store.tables import AuditRow, table_of

_audit = table_of(AuditRow)


class Audit:
    """The audit log of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(
        self,
        at: datetime,
        who: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Write one change; values must be JSON, and neither codes nor passwords."""
        values = {"at": at, "who": who, "action": action, "subject": subject}
        self._connection.execute(
            insert(_audit), {**values, "before": dict(before or {}), "after": dict(after or {})}
        )

    def choices(self) -> tuple[Sequence[str], Sequence[str]]:
        """Who changed something, and what kinds of changes there are; both in order."""
        people, actions = (
            self._connection.execute(select(column).distinct().order_by(column)).scalars().all()
            for column in (_audit.c.who, _audit.c.action)
        )
        return people, actions

    def list(
        self,
        *,
        who: str = "",
        action: str = "",
        about: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
        before_id: int | None = None,
    ) -> list[Audited]:
        """The newest changes first: of one person or of all, of one kind or of all, of a subject that has
        `about` in it, from `since` on and before `until`."""
        wanted = select(_audit).order_by(_audit.c.id.desc()).limit(limit)
        if who:
            wanted = wanted.where(_audit.c.who == who)
        if action:
            wanted = wanted.where(_audit.c.action == action)
        if about:
            wanted = wanted.where(_audit.c.subject.icontains(about, autoescape=True))
        if since is not None:
            wanted = wanted.where(_audit.c.at >= since)
        if until is not None:
            wanted = wanted.where(_audit.c.at < until)
        if before_id is not None:
            wanted = wanted.where(_audit.c.id < before_id)
        rows = self._connection.execute(wanted)
        return [
            Audited(row.at, row.who, row.action, row.subject, row.before, row.after, row.id) for row in rows
        ]
