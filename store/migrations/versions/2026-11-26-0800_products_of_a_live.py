"""A live has products of its own, in the order in which they will be shown.

Revision: 0009
After: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; lives planned before have no products of their own."""
    op.create_table(
        "live_products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("live_id", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_live_products"),
        sa.ForeignKeyConstraint(["live_id"], ["lives.id"], name="fk_live_products_live_id"),
        sa.UniqueConstraint("live_id", "sku", name="uq_live_products_sku"),
    )


def downgrade() -> None:
    """Take it away, and with it which products were chosen."""
    op.drop_table("live_products")
