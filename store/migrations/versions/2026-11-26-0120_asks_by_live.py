"""The asks of a live are found without reading those of all others.

Revision: 0003
After: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_asks_live", "asks", ["live_id", "at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_asks_live", "asks")
