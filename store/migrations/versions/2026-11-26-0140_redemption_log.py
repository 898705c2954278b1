"""The marketers' log: what redemptions are filtered, sorted, summed and searched by.

Revision: 0005
After: 0004
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.beginnings import beginnings
from domain.redemption_log import NOWHERE, hour_of, net_of
from domain.shop import OrderState
from store.columns import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AT_A_TIME = 5_000
_INDEXES = {
    "ix_redemptions_grant": ["grant_id"],
    "ix_redemptions_time": ["ordered_at", "id"],
    "ix_redemptions_discount": ["discount", "id"],
    "ix_redemptions_total": ["total", "id"],
    "ix_redemptions_net": ["net", "id"],
    "ix_redemptions_live": ["live_id", "ordered_at", "id"],
    "ix_redemptions_channel": ["channel", "ordered_at", "id"],
    "ix_redemptions_sku": ["sku", "ordered_at", "id"],
    "ix_redemptions_verdict": ["verdict", "ordered_at", "id"],
    "ix_redemptions_state": ["state", "ordered_at", "id"],
    "ix_redemptions_hour": ["hour"],
}
_LEVELLED = {
    "level": "hour", "live": "live_id", "offer": "offer_id", "channel": "channel", "sku": "sku",
}  # fmt: skip
_TOGETHER = [
    "ordered_at", "shop", "order_id", "live_id", "offer_id", "channel", "sku", "verdict", "state", "currency",
    "discount", "total", "refunded", "net",
]  # fmt: skip
_ADDED = ("live_id", "channel", "sku", "net", "hour", "is_alone")


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "redemption_sums",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("live_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False)
          for name in ("uses", "discount", "total", "refunded", "net")),
        sa.PrimaryKeyConstraint("id", name="pk_redemption_sums"),
    )  # fmt: skip
    op.create_index("ix_redemption_sums_hour", "redemption_sums", ["hour"])
    for name, column in _LEVELLED.items():
        op.create_index(f"ix_redemption_sums_{name}", "redemption_sums", ["level", column])
    op.create_table(
        "stale_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stale_hours"),
    )
    op.create_table(
        "redemption_words",
        sa.Column("word", sa.LargeBinary(), nullable=False),
        sa.Column("redemption_id", sa.Integer(), nullable=False),
        sa.Column("is_viewer", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemptions.id"], name="fk_redemption_words_redemption_id"
        ),
        sa.PrimaryKeyConstraint("word", "redemption_id", name="pk_redemption_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_redemption_words_redemption", "redemption_words", ["redemption_id"])
    with op.batch_alter_table("redemptions") as redemptions:
        for name in ("live_id", "hour"):
            redemptions.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        for name in ("channel", "sku"):
            redemptions.add_column(sa.Column(name, sa.String(), nullable=False, server_default=NOWHERE))
        redemptions.add_column(sa.Column("net", sa.BigInteger(), nullable=False, server_default="0"))
        redemptions.add_column(sa.Column("is_alone", sa.Boolean(), nullable=False, server_default=sa.true()))
    _fill(op.get_bind())
    op.drop_index("ix_redemptions_time", "redemptions")
    for name, columns in _INDEXES.items():
        op.create_index(name, "redemptions", columns)
    together = sa.text("NOT is_alone")
    op.create_index(
        "ix_redemptions_together",
        "redemptions",
        _TOGETHER,
        sqlite_where=together,
        postgresql_where=together,
    )


def _fill(connection: sa.Connection) -> None:
    """Work out the new columns of the rows that are there; their hours are summed up later."""
    for text in _COPIES:
        connection.execute(sa.text(text))
    for rows in _parts(connection):
        connection.execute(_DERIVE, [_derived(row) for row in rows])
        words = [word for row in rows for word in _words_of(row)]
        connection.execute(_words.insert(), words)
    connection.execute(sa.text("INSERT INTO stale_hours (hour) SELECT DISTINCT hour FROM redemptions"))


# The offer's only product, else what was on screen when the code was given, or used when it was given to
# nobody, if the offer is good for it: domain/redemption_log.py says the same to new rows.
_ON_SCREEN = """
    SELECT products.sku FROM segments JOIN products ON products.id = segments.product_id
    WHERE segments.live_id = redemptions.live_id AND segments.started_at <= {at}
        AND (segments.ended_at IS NULL OR segments.ended_at > {at})
    ORDER BY segments.started_at DESC LIMIT 1
"""
_AT = """coalesce((SELECT granted_at FROM grants WHERE grants.id = redemptions.grant_id),
    redemptions.ordered_at)"""
_COPIES = (
    """UPDATE redemptions
    SET live_id = (SELECT live_id FROM offers WHERE offers.id = redemptions.offer_id)""",
    """UPDATE redemptions SET channel = (SELECT channel FROM grants WHERE grants.id = redemptions.grant_id)
    WHERE grant_id IS NOT NULL""",
    f"UPDATE redemptions SET sku = coalesce(({_ON_SCREEN.format(at=_AT)}), '')",  # noqa: S608
    """UPDATE redemptions SET is_alone = NOT EXISTS (SELECT 1 FROM redemptions AS other
    WHERE other.shop = redemptions.shop AND other.order_id = redemptions.order_id
        AND other.code <> redemptions.code)""",
)
_offers = sa.table("offers", sa.column("id", sa.Integer), sa.column("skus", sa.JSON))
_grants = sa.table("grants", sa.column("id", sa.Integer), sa.column("viewer_name", sa.String))
_rows = sa.table(
    "redemptions",
    sa.column("id", sa.Integer),
    sa.column("offer_id", sa.Integer),
    sa.column("grant_id", sa.Integer),
    sa.column("order_id", sa.String),
    sa.column("total", sa.BigInteger),
    sa.column("refunded", sa.BigInteger),
    sa.column("state", sa.String),
    sa.column("ordered_at", UtcTime),
    sa.column("net", sa.BigInteger),
    sa.column("hour", sa.Integer),
    sa.column("sku", sa.String),
)
_words = sa.table(
    "redemption_words",
    sa.column("word", sa.LargeBinary),
    sa.column("redemption_id", sa.Integer),
    sa.column("is_viewer", sa.Boolean),
)
_DERIVE = (
    sa.update(_rows)
    .where(_rows.c.id == sa.bindparam("of_id"))
    .values(net=sa.bindparam("its_net"), hour=sa.bindparam("its_hour"), sku=sa.bindparam("its_sku"))
)


def _parts(connection: sa.Connection) -> Iterator[list[Any]]:
    """The rows with their offers' products and their viewers' names, some thousands at a time."""
    named = sa.select(_rows, _offers.c.skus, _grants.c.viewer_name).select_from(
        _rows.join(_offers, _offers.c.id == _rows.c.offer_id).outerjoin(
            _grants, _grants.c.id == _rows.c.grant_id
        )
    )
    last = 0
    while rows := list(
        connection.execute(named.where(_rows.c.id > last).order_by(_rows.c.id).limit(_AT_A_TIME))
    ):
        yield rows
        last = rows[-1].id


def _derived(row: Any) -> dict[str, Any]:
    net = net_of(row.total, row.refunded, OrderState(row.state))
    skus = list(row.skus)
    sku = skus[0] if len(skus) == 1 else row.sku if not skus or row.sku in skus else NOWHERE
    return {"of_id": row.id, "its_net": net, "its_hour": hour_of(row.ordered_at), "its_sku": sku}


def _words_of(row: Any) -> Iterator[dict[str, Any]]:
    order, viewer = beginnings(row.order_id), beginnings(row.viewer_name or "")
    for word in dict.fromkeys([*order, *viewer]):
        yield {"word": word.encode(), "redemption_id": row.id, "is_viewer": word not in order}


def downgrade() -> None:
    """Go back to the schema before."""
    for name in (*_INDEXES, "ix_redemptions_together"):
        op.drop_index(name, "redemptions")
    with op.batch_alter_table("redemptions") as redemptions:
        for name in _ADDED:
            redemptions.drop_column(name)
    op.create_index("ix_redemptions_time", "redemptions", ["ordered_at"])
    for table in ("redemption_words", "stale_hours", "redemption_sums"):
        op.drop_table(table)
