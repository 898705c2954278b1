"""The codes of an offer are counted and paged without reading all others.

The index holds nothing that a grant changes: granting stays as quick as it was.

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
    op.create_index("ix_codes_offer", "codes", ["offer_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_codes_offer", "codes")
