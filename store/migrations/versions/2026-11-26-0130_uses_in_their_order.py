"""Uses of a code in the order in which they count: of a shared one there may be tens of thousands.

Revision: 0004
After: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    columns = ["offer_id", "code", "ordered_at", "shop", "order_id"]
    op.create_index("ix_redemptions_uses", "redemptions", columns)
    op.drop_index("ix_redemptions_offer", table_name="redemptions")


def downgrade() -> None:
    """Go back to the schema before."""
    op.create_index("ix_redemptions_offer", "redemptions", ["offer_id", "code"])
    op.drop_index("ix_redemptions_uses", table_name="redemptions")
