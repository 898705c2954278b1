"""The webhooks that wait are found without reading all that were worked on.

SQLite preferred the index of shop and key: every webhook of the last week was read for each few that waited.

Revision: 0008
After: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WAITING = sa.text("done_at IS NULL")


def upgrade() -> None:
    """Put the shop before the id."""
    _make(["shop", "id"])


def downgrade() -> None:
    """The id alone again."""
    _make(["id"])


def _make(columns: list[str]) -> None:
    op.drop_index("ix_notices_waiting", "notices")
    op.create_index(
        "ix_notices_waiting", "notices", columns, sqlite_where=_WAITING, postgresql_where=_WAITING
    )
