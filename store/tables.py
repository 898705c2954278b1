"""The tables. Their named constraints are the locks: what they forbid cannot happen, whoever races."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON as Json
from sqlalchemy import BigInteger, CheckConstraint, Column, Index, MetaData, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.show import CodeState, DeliveryState, DeliveryWay, LiveState, Mechanic, OfferKind
from store.columns import UtcTime, words

Amount: Any = BigInteger
Time: Any = UtcTime


class Row(SQLModel):
    """Parent of the tables; its metadata is what the migrations are compared with."""

    metadata = MetaData(
        naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s"}
    )


class LiveRow(Row, table=True):
    __tablename__ = "lives"

    id: int | None = Field(default=None, primary_key=True)
    title: str
    language: str
    timezone: str
    state: LiveState = Field(sa_type=words(LiveState, "ck_lives_state"))
    starts_at: datetime | None = Field(default=None, sa_type=Time)
    ends_at: datetime | None = Field(default=None, sa_type=Time)
    opened_at: datetime | None = Field(default=None, sa_type=Time)
    closed_at: datetime | None = Field(default=None, sa_type=Time)


class LiveChannelRow(Row, table=True):
    """`is_open` repeats the live's state so that an index can forbid two open lives on a channel."""

    __tablename__ = "live_channels"
    __table_args__ = (
        UniqueConstraint("live_id", "channel", name="uq_live_channels_channel"),
        Index(
            "uq_live_channels_open",
            "channel",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    live_id: int = Field(foreign_key="lives.id")
    channel: str
    is_open: bool = False


class ProductRow(Row, table=True):
    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("sku", name="uq_products_sku"),)

    id: int | None = Field(default=None, primary_key=True)
    sku: str
    name: str
    aliases: list[str] = Field(sa_column=Column(Json, nullable=False))
    price: int = Field(sa_type=Amount)
    currency: str
    reference_price: int | None = Field(default=None, sa_type=Amount)
    reference_currency: str | None = None
    stock: int | None = None
    url: str


class PriceRow(Row, table=True):
    """Evidence: what a product cost, and its lowest price of 30 days, from `at` on."""

    __tablename__ = "price_history"
    __table_args__ = (Index("ix_price_history_sku", "sku", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    sku: str
    price: int = Field(sa_type=Amount)
    currency: str
    reference_price: int | None = Field(default=None, sa_type=Amount)
    reference_currency: str | None = None
    at: datetime = Field(sa_type=Time)


class SegmentRow(Row, table=True):
    __tablename__ = "segments"
    __table_args__ = (
        Index(
            "uq_segments_on_screen",
            "live_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    live_id: int = Field(foreign_key="lives.id")
    product_id: int = Field(foreign_key="products.id")
    started_at: datetime = Field(sa_type=Time)
    ended_at: datetime | None = Field(default=None, sa_type=Time)


class AnnouncedPriceRow(Row, table=True):
    """Evidence: what was said about a price, where and when. Kept when the product is gone."""

    __tablename__ = "announced_prices"
    __table_args__ = (Index("ix_announced_prices_sku", "live_id", "sku", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    live_id: int = Field(foreign_key="lives.id")
    channel: str
    sku: str
    price: int = Field(sa_type=Amount)
    currency: str
    reference_price: int | None = Field(default=None, sa_type=Amount)
    reference_currency: str | None = None
    text: str
    at: datetime = Field(sa_type=Time)


class OfferRow(Row, table=True):
    """`remaining` counts a quantity down; None where only the codes bound the offer."""

    __tablename__ = "offers"
    __table_args__ = (
        CheckConstraint("(percent IS NULL) <> (amount IS NULL)", name="ck_offers_discount"),
        CheckConstraint("percent BETWEEN 1 AND 100", name="ck_offers_percent"),
        CheckConstraint("amount > 0", name="ck_offers_amount"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="ck_offers_currency"),
        CheckConstraint("quantity > 0", name="ck_offers_quantity"),
        CheckConstraint("remaining BETWEEN 0 AND quantity", name="ck_offers_remaining"),
        CheckConstraint("(kind = 'shared') = (shared_code IS NOT NULL)", name="ck_offers_shared_code"),
        CheckConstraint("ends_at > starts_at", name="ck_offers_window"),
        Index("ix_offers_live", "live_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    live_id: int = Field(foreign_key="lives.id")
    kind: OfferKind = Field(sa_type=words(OfferKind, "ck_offers_kind"))
    mechanic: Mechanic = Field(sa_type=words(Mechanic, "ck_offers_mechanic"))
    percent: int | None = None
    amount: int | None = Field(default=None, sa_type=Amount)
    currency: str | None = None
    quantity: int | None = None
    remaining: int | None = None
    skus: list[str] = Field(sa_column=Column(Json, nullable=False))
    starts_at: datetime | None = Field(default=None, sa_type=Time)
    ends_at: datetime | None = Field(default=None, sa_type=Time)
    ended_at: datetime | None = Field(default=None, sa_type=Time)
    shared_code: str | None = None


class CodeRow(Row, table=True):
    """A code belongs to one offer for ever: the shop knows it by its text alone."""

    __tablename__ = "codes"
    __table_args__ = (
        UniqueConstraint("code", name="uq_codes_code"),
        CheckConstraint("code <> ''", name="ck_codes_code"),
        Index(
            "ix_codes_free",
            "offer_id",
            "id",
            sqlite_where=text("state = 'created'"),
            postgresql_where=text("state = 'created'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    offer_id: int = Field(foreign_key="offers.id")
    code: str
    state: CodeState = Field(sa_type=words(CodeState, "ck_codes_state"))


class GrantRow(Row, table=True):
    """`uq_grants_viewer`: one grant per viewer and offer. `uq_grants_code`: one viewer per code."""

    __tablename__ = "grants"
    __table_args__ = (
        UniqueConstraint("offer_id", "platform", "viewer_id", name="uq_grants_viewer"),
        UniqueConstraint("code_id", name="uq_grants_code"),
        Index(
            "ix_grants_owed",
            "id",
            sqlite_where=text("delivery = 'owed'"),
            postgresql_where=text("delivery = 'owed'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    offer_id: int = Field(foreign_key="offers.id")
    code_id: int | None = Field(default=None, foreign_key="codes.id")
    platform: str
    viewer_id: str
    viewer_name: str
    channel: str
    message_id: str
    granted_at: datetime = Field(sa_type=Time)
    delivery: DeliveryState = Field(sa_type=words(DeliveryState, "ck_grants_delivery"))
    delivery_at: datetime | None = Field(default=None, sa_type=Time)
    delivery_way: DeliveryWay | None = Field(
        default=None, sa_type=words(DeliveryWay, "ck_grants_delivery_way")
    )


class AskRow(Row, table=True):
    """The marketers' log; `uq_asks_message` is also what drops repeats across restarts."""

    __tablename__ = "asks"
    __table_args__ = (UniqueConstraint("channel", "message_id", name="uq_asks_message"),)

    id: int | None = Field(default=None, primary_key=True)
    live_id: int | None = Field(default=None, foreign_key="lives.id")
    channel: str
    message_id: str
    platform: str
    viewer_id: str
    viewer_name: str
    role: str
    command: str
    argument: str
    at: datetime = Field(sa_type=Time)
    answered_at: datetime | None = Field(default=None, sa_type=Time)


class SaidRow(Row, table=True):
    """What we say in public, written before it is sent: a send budget counts attempts."""

    __tablename__ = "said"
    __table_args__ = (Index("ix_said_account", "account", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    account: str
    channel: str
    text: str
    at: datetime = Field(sa_type=Time)


class TokenRow(Row, table=True):
    """A platform account's tokens, encrypted with a key derived from the secret key."""

    __tablename__ = "tokens"
    __table_args__ = (UniqueConstraint("platform", "account", name="uq_tokens_account"),)

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    account: str
    access: str
    refresh: str | None = None
    expires_at: datetime | None = Field(default=None, sa_type=Time)
    scopes: list[str] = Field(sa_column=Column(Json, nullable=False))


class LinkBindingRow(Row, table=True):
    """`uq_link_bindings_viewer`: a viewer's personal link belongs to one browser."""

    __tablename__ = "link_bindings"
    __table_args__ = (UniqueConstraint("live_id", "platform", "viewer_id", name="uq_link_bindings_viewer"),)

    id: int | None = Field(default=None, primary_key=True)
    live_id: int = Field(foreign_key="lives.id")
    platform: str
    viewer_id: str
    browser: str


class MemoryRow(Row, table=True):
    """What a platform account remembers between runs: a text, or a count."""

    __tablename__ = "memories"
    __table_args__ = (UniqueConstraint("platform", "account", "name", name="uq_memories_name"),)

    id: int | None = Field(default=None, primary_key=True)
    platform: str
    account: str
    name: str
    value: str
    number: int = Field(sa_type=Amount)


def table_of(row: type[Row]) -> Table:
    """The SQLAlchemy table of `row`, for statements that are written out."""
    return cast(Table, row.__table__)  # type: ignore[attr-defined]
