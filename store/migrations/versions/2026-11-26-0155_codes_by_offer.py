"""The codes of an offer are counted and paged without reading those of all others.

Revision: 0006
After: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_codes_offer", "codes", ["offer_id", "state"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_codes_offer", "codes")
