"""Our database: tables, units of work, repositories, migrations. A shop is never called a store."""

from store.database import Database, open_database
from store.tokens import StoredToken
from store.unit import UnitOfWork

__all__ = ["Database", "StoredToken", "UnitOfWork", "open_database"]
