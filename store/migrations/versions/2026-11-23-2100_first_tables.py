"""First tables.

Revision: 0001
After: nothing
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

VERDICTS = ("valid", "after_the_live", "never_granted", "over_used", "other_customer")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _word(name: str, constraint: str, *words: str, nullable: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*words, name=constraint, native_enum=False, create_constraint=True, length=16)
    return sa.Column(name, kind, nullable=nullable)


def _index(name: str, table: str, columns: list[str], *, is_unique: bool = False, where: str = "") -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        name, table, columns, unique=is_unique, sqlite_where=condition, postgresql_where=condition
    )


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "lives",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("title"),
        _text("language"),
        _text("timezone"),
        _word("state", "ck_lives_state", "planned", "open", "closing", "closed"),
        _time("starts_at", nullable=True),
        _time("ends_at", nullable=True),
        _time("opened_at", nullable=True),
        _time("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_lives"),
    )
    op.create_table(
        "price_history",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("sku"),
        sa.Column("price", sa.BigInteger(), nullable=False),
        _text("currency"),
        sa.Column("reference_price", sa.BigInteger(), nullable=True),
        _text("reference_currency", nullable=True),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_price_history"),
    )
    _index("ix_price_history_sku", "price_history", ["sku", "at"])

    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("sku"),
        _text("name"),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        _text("currency"),
        sa.Column("reference_price", sa.BigInteger(), nullable=True),
        _text("reference_currency", nullable=True),
        sa.Column("stock", sa.Integer(), nullable=True),
        _text("url"),
        _text("picture"),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("sku", name="uq_products_sku"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("platform"),
        _text("account"),
        _text("access"),
        _text("refresh", nullable=True),
        _time("expires_at", nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("platform", "account", name="uq_tokens_account"),
    )
    op.create_table(
        "announced_prices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("live_id", sa.Integer(), nullable=False),
        _text("channel"),
        _text("sku"),
        sa.Column("price", sa.BigInteger(), nullable=False),
        _text("currency"),
        sa.Column("reference_price", sa.BigInteger(), nullable=True),
        _text("reference_currency", nullable=True),
        _text("text"),
        _time("at"),
        sa.ForeignKeyConstraint(["live_id"], ["lives.id"], name="fk_announced_prices_live_id"),
        sa.PrimaryKeyConstraint("id", name="pk_announced_prices"),
    )
    _index("ix_announced_prices_sku", "announced_prices", ["live_id", "sku", "at"])

    op.create_table(
        "asks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("live_id", sa.Integer(), nullable=True),
        _text("channel"),
        _text("message_id"),
        _text("platform"),
        _text("viewer_id"),
        _text("viewer_name"),
        _text("role"),
        _text("command"),
        _text("argument"),
        _time("at"),
        _time("answered_at", nullable=True),
        sa.ForeignKeyConstraint(["live_id"], ["lives.id"], name="fk_asks_live_id"),
        sa.PrimaryKeyConstraint("id", name="pk_asks"),
        sa.UniqueConstraint("channel", "message_id", name="uq_asks_message"),
    )
    op.create_table(
        "live_channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("live_id", sa.Integer(), nullable=False),
        _text("channel"),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["live_id"], ["lives.id"], name="fk_live_channels_live_id"),
        sa.PrimaryKeyConstraint("id", name="pk_live_channels"),
        sa.UniqueConstraint("live_id", "channel", name="uq_live_channels_channel"),
    )
    _index("uq_live_channels_open", "live_channels", ["channel"], is_unique=True, where="is_open")

    op.create_table(
        "memories",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("platform"),
        _text("account"),
        _text("name"),
        _text("value"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_memories"),
        sa.UniqueConstraint("platform", "account", "name", name="uq_memories_name"),
    )
    op.create_table(
        "link_bindings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("live_id", sa.Integer(), nullable=False),
        _text("platform"),
        _text("viewer_id"),
        _text("browser"),
        sa.ForeignKeyConstraint(["live_id"], ["lives.id"], name="fk_link_bindings_live_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link_bindings"),
        sa.UniqueConstraint("live_id", "platform", "viewer_id", name="uq_link_bindings_viewer"),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("live_id", sa.Integer(), nullable=False),
        _word("kind", "ck_offers_kind", "shared", "unique"),
        _word("mechanic", "ck_offers_mechanic", "open", "hand", "drop"),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        _text("currency", nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("skus", sa.JSON(), nullable=False),
        _time("starts_at", nullable=True),
        _time("ends_at", nullable=True),
        _time("ended_at", nullable=True),
        _time("dies_at", nullable=True),
        _text("shared_code", nullable=True),
        sa.Column("is_due", sa.Boolean(), nullable=False),
        _text("shop_id", nullable=True),
        _time("leased_until", nullable=True),
        sa.CheckConstraint("(kind = 'shared') = (shared_code IS NOT NULL)", name="ck_offers_shared_code"),
        sa.CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="ck_offers_currency"),
        sa.CheckConstraint("(percent IS NULL) <> (amount IS NULL)", name="ck_offers_discount"),
        sa.CheckConstraint("amount > 0", name="ck_offers_amount"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_offers_window"),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name="ck_offers_percent"),
        sa.CheckConstraint("quantity > 0", name="ck_offers_quantity"),
        sa.CheckConstraint("remaining BETWEEN 0 AND quantity", name="ck_offers_remaining"),
        sa.ForeignKeyConstraint(["live_id"], ["lives.id"], name="fk_offers_live_id"),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
    )
    _index("ix_offers_live", "offers", ["live_id"])

    op.create_table(
        "said",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("account"),
        _text("channel"),
        _text("text"),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_said"),
    )
    _index("ix_said_account", "said", ["account", "at"])

    op.create_table(
        "segments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("live_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        _time("started_at"),
        _time("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["live_id"], ["lives.id"], name="fk_segments_live_id"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_segments_product_id"),
        sa.PrimaryKeyConstraint("id", name="pk_segments"),
    )
    _index("uq_segments_on_screen", "segments", ["live_id"], is_unique=True, where="ended_at IS NULL")

    op.create_table(
        "codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        _text("code"),
        _text("folded"),
        _word("state", "ck_codes_state", "drawn", "created", "granted", "redeemed", "dead"),
        _text("shop_id", nullable=True),
        _time("leased_until", nullable=True),
        sa.CheckConstraint("code <> ''", name="ck_codes_code"),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name="fk_codes_offer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
        sa.UniqueConstraint("code", name="uq_codes_code"),
    )
    _index("ix_codes_free", "codes", ["offer_id", "id"], where="state = 'created'")
    _index("ix_codes_folded", "codes", ["folded"])

    op.create_table(
        "grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.Integer(), nullable=True),
        _text("platform"),
        _text("viewer_id"),
        _text("viewer_name"),
        _text("channel"),
        _text("message_id"),
        _time("granted_at"),
        _word("delivery", "ck_grants_delivery", "owed", "delivered", "unsure", "refused"),
        _time("delivery_at", nullable=True),
        _word("delivery_way", "ck_grants_delivery_way", "chat", "reply", "whisper", "page", nullable=True),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name="fk_grants_code_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name="fk_grants_offer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_grants"),
        sa.UniqueConstraint("code_id", name="uq_grants_code"),
        sa.UniqueConstraint("offer_id", "platform", "viewer_id", name="uq_grants_viewer"),
    )
    _index("ix_grants_owed", "grants", ["id"], where="delivery = 'owed'")

    op.create_table(
        "redemptions",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("shop"),
        _text("order_id"),
        _text("code"),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=True),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        _text("currency"),
        _time("ordered_at"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _word("state", "ck_redemptions_state", "placed", "cancelled", "refunded"),
        _word("verdict", "ck_redemptions_verdict", *VERDICTS),
        _text("customer", nullable=True),
        _time("seen_at"),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name="fk_redemptions_grant_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name="fk_redemptions_offer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_redemptions"),
        sa.UniqueConstraint("shop", "order_id", "code", name="uq_redemptions_use"),
    )
    _index("ix_redemptions_offer", "redemptions", ["offer_id", "code"])
    _index("ix_redemptions_time", "redemptions", ["ordered_at"])

    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("shop"),
        _text("key"),
        sa.Column("orders", sa.JSON(), nullable=False),
        sa.Column("order_ids", sa.JSON(), nullable=False),
        _time("at"),
        _time("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("shop", "key", name="uq_notices_key"),
    )
    _index("ix_notices_waiting", "notices", ["id"], where="done_at IS NULL")


def downgrade() -> None:
    """Go back to the schema before."""
    for table in (
        "notices",
        "redemptions",
        "grants",
        "link_bindings",
        "codes",
        "segments",
        "offers",
        "live_channels",
        "asks",
        "announced_prices",
        "tokens",
        "products",
        "price_history",
        "said",
        "memories",
        "lives",
    ):
        op.drop_table(table)
