"""The audit log: every change made in the console or on the command line, written with the change itself."""

from collections.abc import Mapping
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

    def list(self, *, who: str = "", limit: int = 100, before_id: int | None = None) -> list[Audited]:
        """The newest changes first, of one person or of all."""
        wanted = select(_audit).order_by(_audit.c.id.desc()).limit(limit)
        if who:
            wanted = wanted.where(_audit.c.who == who)
        if before_id is not None:
            wanted = wanted.where(_audit.c.id < before_id)
        return [
            Audited(row.at, row.who, row.action, row.subject, row.before, row.after)
            for row in self._connection.execute(wanted)
        ]
