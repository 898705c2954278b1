"""Webhooks that wait, and codes still to be put in the shop, are found without reading all the others.

For the webhooks SQLite preferred the index of shop and key: every one of the last week was read for each few
that waited.

Revision: 0008
After: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the shop before the webhook's id; index the codes that are drawn."""
    op.drop_index("ix_notices_waiting", "notices")
    _index("ix_notices_waiting", "notices", ["shop", "id"], "done_at IS NULL")
    _index("ix_codes_drawn", "codes", ["offer_id", "id"], "state = 'drawn'")


def downgrade() -> None:
    """The webhook's id alone again; no such index of codes."""
    op.drop_index("ix_codes_drawn", "codes")
    op.drop_index("ix_notices_waiting", "notices")
    _index("ix_notices_waiting", "notices", ["id"], "done_at IS NULL")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
