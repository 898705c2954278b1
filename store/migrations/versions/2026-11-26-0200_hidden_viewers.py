"""Who was erased while a live is on is found without reading the grants of all others.

Revision: 0007
After: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_HIDDEN = sa.text("substr(viewer_id, 1, 5) = 'anon:'")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_grants_hidden", "grants", ["offer_id"], sqlite_where=_HIDDEN, postgresql_where=_HIDDEN
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_grants_hidden", "grants")
