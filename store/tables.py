"""The tables. Their named constraints are the locks: what they forbid cannot happen, whoever races."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON as Json
from sqlalchemy import BigInteger, CheckConstraint, Column, Index, MetaData, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from domain.people import UserRole
from domain.redemption import Verdict
from domain.shop import OrderState
from domain.show import CodeState, DeliveryState, DeliveryWay, LiveState, Mechanic, OfferKind
from store.columns import UtcTime, words
from store.pseudonyms import IS_HIDDEN

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


class LiveProductRow(Row, table=True):
    """A product of a live; `place` is its turn."""

    __tablename__ = "live_products"
    __table_args__ = (UniqueConstraint("live_id", "sku", name="uq_live_products_sku"),)

    id: int | None = Field(default=None, primary_key=True)
    live_id: int = Field(foreign_key="lives.id")
    sku: str
    place: int


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
    picture: str = ""


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
    """`remaining` counts a quantity down; None where only the codes bound the offer. `is_due`, `shop_id` and
    `leased_until` tell how its shared code stands in the shop."""

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
    dies_at: datetime | None = Field(default=None, sa_type=Time)
    shared_code: str | None = None
    is_due: bool = False
    shop_id: str | None = None
    leased_until: datetime | None = Field(default=None, sa_type=Time)


class CodeRow(Row, table=True):
    """A code, and in the shop: the id of what carries it, and until when it works there. Both are None for
    one that the shop had before us. Shops know a code in any case: `folded` is its lower case."""

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
        Index(
            "ix_codes_drawn",
            "offer_id",
            "id",
            sqlite_where=text("state = 'drawn'"),
            postgresql_where=text("state = 'drawn'"),
        ),
        Index("ix_codes_folded", "folded"),
        Index("ix_codes_offer", "offer_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    offer_id: int = Field(foreign_key="offers.id")
    code: str
    folded: str
    state: CodeState = Field(sa_type=words(CodeState, "ck_codes_state"))
    shop_id: str | None = None
    leased_until: datetime | None = Field(default=None, sa_type=Time)


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
        Index(
            "ix_grants_hidden",
            "offer_id",
            sqlite_where=text(IS_HIDDEN),
            postgresql_where=text(IS_HIDDEN),
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
    __table_args__ = (
        UniqueConstraint("channel", "message_id", name="uq_asks_message"),
        Index("ix_asks_live", "live_id", "at"),
    )

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


class RedemptionRow(Row, table=True):
    """`uq_redemptions_use`: an order's use of a code is one row, however it arrived.

    From `live_id` on, what the log filters, sorts and sums by, worked out from the rest when the row is
    written; see docs/decisions/0008.
    """

    __tablename__ = "redemptions"
    __table_args__ = (
        UniqueConstraint("shop", "order_id", "code", name="uq_redemptions_use"),
        Index("ix_redemptions_uses", "offer_id", "code", "ordered_at", "shop", "order_id"),
        Index("ix_redemptions_grant", "grant_id"),
        Index("ix_redemptions_time", "ordered_at", "id"),
        Index("ix_redemptions_discount", "discount", "id"),
        Index("ix_redemptions_total", "total", "id"),
        Index("ix_redemptions_net", "net", "id"),
        Index("ix_redemptions_live", "live_id", "ordered_at", "id"),
        Index("ix_redemptions_channel", "channel", "ordered_at", "id"),
        Index("ix_redemptions_sku", "sku", "ordered_at", "id"),
        Index("ix_redemptions_verdict", "verdict", "ordered_at", "id"),
        Index("ix_redemptions_state", "state", "ordered_at", "id"),
        Index("ix_redemptions_hour", "hour"),
        Index(
            "ix_redemptions_together",
            *("ordered_at", "shop", "order_id", "live_id", "offer_id", "channel", "sku", "verdict", "state"),
            *("currency", "discount", "total", "refunded", "net"),
            sqlite_where=text("NOT is_alone"),
            postgresql_where=text("NOT is_alone"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop: str
    order_id: str
    code: str
    offer_id: int = Field(foreign_key="offers.id")
    grant_id: int | None = Field(default=None, foreign_key="grants.id")
    discount: int = Field(sa_type=Amount)
    total: int = Field(sa_type=Amount)
    refunded: int = Field(sa_type=Amount)
    currency: str
    ordered_at: datetime = Field(sa_type=Time)
    version: int = Field(sa_type=Amount)
    state: OrderState = Field(sa_type=words(OrderState, "ck_redemptions_state"))
    verdict: Verdict = Field(sa_type=words(Verdict, "ck_redemptions_verdict"))
    customer: str | None = None
    seen_at: datetime = Field(sa_type=Time)
    live_id: int
    channel: str = ""
    sku: str = ""
    net: int = Field(sa_type=Amount)
    hour: int
    is_alone: bool = True


class RedemptionSumRow(Row, table=True):
    """What the redemptions of an hour come to that are alone on their order; `hour` counts from 1970.

    `level` tells which of offer, channel and product they are told apart by: there are sums for each choice.
    """

    __tablename__ = "redemption_sums"
    __table_args__ = (
        Index("ix_redemption_sums_hour", "hour"),
        Index("ix_redemption_sums_level", "level", "hour"),
        Index("ix_redemption_sums_live", "level", "live_id"),
        Index("ix_redemption_sums_offer", "level", "offer_id"),
        Index("ix_redemption_sums_channel", "level", "channel"),
        Index("ix_redemption_sums_sku", "level", "sku"),
    )

    id: int | None = Field(default=None, primary_key=True)
    level: int
    hour: int
    live_id: int
    offer_id: int
    channel: str
    sku: str
    verdict: Verdict = Field(sa_type=words(Verdict))
    state: OrderState = Field(sa_type=words(OrderState))
    currency: str
    uses: int = Field(sa_type=Amount)
    discount: int = Field(sa_type=Amount)
    total: int = Field(sa_type=Amount)
    refunded: int = Field(sa_type=Amount)
    net: int = Field(sa_type=Amount)


class StaleHourRow(Row, table=True):
    """Redemptions of `hour` were written since its sums were made: it is read row by row until they are."""

    __tablename__ = "stale_hours"

    id: int | None = Field(default=None, primary_key=True)
    hour: int


class RedemptionWordRow(Row, table=True):
    """How an order's number, or its viewer's name, or a word of either begins: UTF-8, folded.

    Bytes, which both engines compare alike. A viewer's go when the viewer is forgotten.
    """

    __tablename__ = "redemption_words"
    __table_args__ = (
        Index("ix_redemption_words_redemption", "redemption_id"),
        {"sqlite_with_rowid": False},
    )

    word: bytes = Field(primary_key=True)
    redemption_id: int = Field(primary_key=True, foreign_key="redemptions.id")
    is_viewer: bool


class NoticeRow(Row, table=True):
    """A shop's webhook, kept without the person, before it is answered; `uq_notices_key` drops repeats."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("shop", "key", name="uq_notices_key"),
        Index(
            "ix_notices_waiting",
            *("shop", "id"),
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop: str
    key: str
    orders: list[Any] = Field(sa_column=Column(Json, nullable=False))
    order_ids: list[str] = Field(sa_column=Column(Json, nullable=False))
    at: datetime = Field(sa_type=Time)
    done_at: datetime | None = Field(default=None, sa_type=Time)


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


class UserRow(Row, table=True):
    """Who may sign in to the console; `login` is folded, `password_hash` empty without a password."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("login", name="uq_users_login"),)

    id: int | None = Field(default=None, primary_key=True)
    login: str
    name: str
    role: UserRole = Field(sa_type=words(UserRole, "ck_users_role"))
    language: str
    password_hash: str
    created_at: datetime = Field(sa_type=Time)
    is_disabled: bool = False


class UserSessionRow(Row, table=True):
    """A signed-in browser; the token itself is never kept, only its hash."""

    __tablename__ = "user_sessions"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_user_sessions_token_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id")
    token_hash: str
    began_at: datetime = Field(sa_type=Time)
    seen_at: datetime = Field(sa_type=Time)


class AuditRow(Row, table=True):
    """Who changed what, and how it stood before and after."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_who", "who", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Time)
    who: str
    action: str
    subject: str
    before: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    after: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


def table_of(row: type[Row]) -> Table:
    """The SQLAlchemy table of `row`, for statements that are written out."""
    return cast(Table, row.__table__)  # type: ignore[attr-defined]
