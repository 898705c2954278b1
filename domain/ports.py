"""What Bateleur does not own and reaches through a Protocol."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from domain.chat import Gap, LiveEvent, Message
from domain.shop import CodeMade, Notice, Order, OrderPage, ShopCode, ShopOffer, ShopTraits, Traffic
from domain.show import DeliveryWay, Product


@dataclass(frozen=True, slots=True)
class SendBudget:
    """What a platform lets us say: `messages` per `window_s` seconds, `gap_s` seconds between two."""

    messages: int
    window_s: float
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do, as data. `private` None: nothing can be said to one viewer alone."""

    max_characters: int
    budget: SendBudget
    can_thread: bool = False
    private: DeliveryWay | None = None
    has_backfill: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the platform took. `is_sure` False: it may or may not be on the screen."""

    message_id: str
    is_sure: bool = True


class Connector(Protocol):
    """One account on one platform. Failures are `domain.errors.Fault` or `ActionRequired`."""

    channel: str

    @property
    def account(self) -> str:
        """Names the account whose send budget the channel shares, once connected."""

    @property
    def capabilities(self) -> Capabilities:
        """What the channel can do now; may change (the bot is made a moderator)."""

    async def connect(self) -> None:
        """Check the credentials and start reading; raises `ActionRequired` with the way out."""

    def messages(self) -> AsyncIterator[Message | Gap | LiveEvent]:
        """What the chat brings, without our own echoes, other channels' messages or repeats."""

    def look_now(self) -> None:
        """The platform has given notice that something was written: do not wait with the next look."""

    async def send(self, text: str, *, reply_to: str | None = None) -> Sent:
        """Say `text` in public, at most once; `reply_to` is a message id."""

    async def send_private(self, message: Message, text: str) -> Sent:
        """Say `text` to the author of `message` alone.

        A `Fault` that is not retryable means that this viewer cannot be reached so, ever.
        """

    def plan_until(self, ends_at: datetime | None) -> None:
        """When the live is to end (aware UTC): a day's quota is spread until then."""

    async def close(self) -> None:
        """Stop reading and let go of every socket."""


@runtime_checkable
class NoticeReader(Protocol):
    """A connector that reads its platform's notices itself, and knows whether to look afterwards."""

    def take_notice(self, raw_body: bytes) -> None:
        """A genuine notice came in. Must not block."""


@runtime_checkable
class Watched(Protocol):
    """A connector that knows what keeps it from reading."""

    @property
    def problem(self) -> str | None:
        """The sentence for whoever can mend it; None while all is well."""


@runtime_checkable
class Metered(Protocol):
    """A connector whose platform counts units by the day."""

    @property
    def units_left(self) -> int:
        """How many the account may still spend today, over all its channels and programs."""


class Account(Protocol):
    """One account on one platform: its credentials and its send budget, shared by its channels."""

    def channel(self, id: str) -> Connector:
        """A connector for the channel of that id on the platform."""


class Shop(Protocol):
    """A retailer's shop. Every call blocks, keeps to the shop's own pace, and raises `Fault` (the shop fails;
    tried again later) or `ActionRequired` (a person must act), each with one sentence for the operator."""

    kind: str
    traits: ShopTraits

    def check(self) -> str:
        """Look whether the credentials and their rights do; a sentence about the shop, changing nothing."""

    def find_products(self, text: str) -> list[Product]:
        """Products by words of their name, or by SKU; an empty text gives the first of all."""

    def products(self, skus: Sequence[str]) -> list[Product]:
        """The products of these SKUs as they are now; those that the shop does not have are left out."""

    def create_offer(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """Put `codes` in the shop, some at a time, and tell of each.

        May be repeated at any point: what is there under the offer's name is taken as made, and nothing is
        ever there twice. A code that belongs to something else is not touched, and told with its reason.
        """

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """Move the codes' end to `until`, earlier too, and their start to the offer's where the shop knows
        starts; gives those that the shop has confirmed, some at a time."""

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """End the codes now, for good; gives those that the shop has confirmed, some at a time."""

    def orders_since(self, moment: datetime) -> Iterator[OrderPage]:
        """Orders changed since `moment` (by the shop's clock) and a little before, page by page; drafts and
        test orders are left out. Nothing is skipped when orders change meanwhile."""

    def order(self, id: str) -> Order | None:
        """The order as it is now; None when the shop has it no more."""

    def keep_webhook(self, url: str) -> None:
        """See to it that the shop sends its webhooks to `url`, where it lets itself be told so."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """What a webhook tells. Raises `Refusal` for a forged or a stale one. Does not call the shop."""


@runtime_checkable
class Counted(Protocol):
    """A shop whose calls are counted."""

    @property
    def traffic(self) -> Traffic:
        """The calls made so far."""


class Memory(Protocol):
    """What one account remembers between runs. Its calls may raise `Fault`."""

    def kept_tokens(self) -> tuple[str, str | None] | None:
        """The access and refresh token of the last login or renewal. Secrets. Blocks: for the start only."""

    async def save_tokens(self, access: str, refresh: str | None) -> None:
        """Keep a renewed pair, encrypted; raises `ActionRequired` without a secret key."""

    async def recall(self, name: str) -> str | None:
        """What was remembered under `name`."""

    async def remember(self, name: str, value: str) -> None:
        """Keep `value` under `name`, in place of what was there."""

    async def count(self, name: str, amount: int) -> int:
        """Add `amount` to the count of that name, for all processes; the sum. 0 reads it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that `doctor` looked at; when it does not work, the sentence says how to mend it."""

    name: str
    ok: bool
    sentence: str


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time, aware UTC."""
